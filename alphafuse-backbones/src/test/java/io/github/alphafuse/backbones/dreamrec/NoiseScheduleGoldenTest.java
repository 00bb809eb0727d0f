package io.github.alphafuse.backbones.dreamrec;

import com.google.gson.JsonObject;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.GoldenCase;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("golden")
class NoiseScheduleGoldenTest {

  @Test
  void agrees() {
    for (GoldenCase golden : GoldenCase.discover("diffusion")) {
      JsonObject settings = golden.settings();
      int steps = settings.get("timesteps").getAsInt();
      int stride = settings.get("ddim_stride").getAsInt();
      for (String name : schedules(golden)) {
        NoiseSchedule schedule =
            name.equals("linear")
                ? NoiseSchedule.linear(
                    steps,
                    settings.get("beta_start").getAsDouble(),
                    settings.get("beta_end").getAsDouble())
                : NoiseSchedule.named(name, steps);
        // The golden arrays of this one are stored in float32.
        compare(golden, schedule, stride, name.equals("sqrt") ? 1e-4 : 1e-12);
      }
      golden.finish(ElementType.FLOAT64);
    }
  }

  /** The schedules that a case holds arrays of. */
  private static Set<String> schedules(GoldenCase golden) {
    return golden.keys("").stream()
        .map(key -> key.substring(0, key.indexOf('/')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void compare(
      GoldenCase golden, NoiseSchedule schedule, int stride, double tolerance) {
    String prefix = schedule.name() + "/";
    int steps = schedule.steps();
    DdimSteps ddim = schedule.ddim(stride);
    golden.compare(prefix + "betas", values(steps, schedule::beta), tolerance);
    golden.compare(prefix + "alphas_cumprod", values(steps, schedule::cumulativeAlpha), tolerance);
    golden.compare(prefix + "sqrt_alphas_cumprod", values(steps, schedule::signal), tolerance);
    golden.compare(
        prefix + "sqrt_one_minus_alphas_cumprod", values(steps, schedule::noise), tolerance);
    golden.compare(
        prefix + "posterior_mean_coef1", values(steps, schedule::posteriorMeanOfSignal), tolerance);
    golden.compare(
        prefix + "posterior_mean_coef2", values(steps, schedule::posteriorMeanOfNoised), tolerance);
    golden.compare(
        prefix + "posterior_variance", values(steps, schedule::posteriorVariance), tolerance);
    golden.compare(prefix + "ddim_coef1", values(ddim.count(), ddim::ofPredicted), tolerance);
    golden.compare(prefix + "ddim_coef2", values(ddim.count(), ddim::ofCurrent), tolerance);
  }

  private static Tensor values(int count, IntToDoubleFunction value) {
    double[] values = new double[count];
    java.util.Arrays.setAll(values, value);
    return Tensor.of(values, count);
  }
}
