package io.github.alphafuse.backbones.dreamrec;

import com.google.gson.JsonObject;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.GoldenCase;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("golden")
class NoiseScheduleGoldenTest {

  @Test
  void agrees() {
    for (GoldenCase golden : GoldenCase.discover("diffusion")) {
      JsonObject settings = golden.settings();
      int steps = settings.get("timesteps").getAsInt();
      int stride = settings.get("ddim_stride").getAsInt();
      NoiseSchedule linear =
          NoiseSchedule.linear(
              steps,
              settings.get("beta_start").getAsDouble(),
              settings.get("beta_end").getAsDouble());
      compare(golden, linear, stride, 1e-12);
      compare(golden, NoiseSchedule.named("exp", steps), stride, 1e-12);
      compare(golden, NoiseSchedule.named("cosine", steps), stride, 1e-12);
      // Its golden arrays are stored in float32.
      compare(golden, NoiseSchedule.named("sqrt", steps), stride, 1e-4);
      golden.finish(DataType.DOUBLE);
    }
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
