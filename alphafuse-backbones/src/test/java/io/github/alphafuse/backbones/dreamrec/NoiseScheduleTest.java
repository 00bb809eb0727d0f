package io.github.alphafuse.backbones.dreamrec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoiseScheduleTest {

  @ParameterizedTest
  @ValueSource(strings = {"linear", "exp", "cosine", "sqrt"})
  void losesSignalStepByStep(String name) {
    NoiseSchedule schedule = NoiseSchedule.named(name, 100);
    assertThat(schedule.cumulativeAlpha(-1)).isEqualTo(1);
    for (int t = 0; t < schedule.steps(); t++) {
      assertThat(schedule.cumulativeAlpha(t)).isBetween(0.0, schedule.cumulativeAlpha(t - 1));
      double total =
          schedule.signal(t) * schedule.signal(t) + schedule.noise(t) * schedule.noise(t);
      assertThat(total).isBetween(1 - 1e-12, 1 + 1e-12);
      assertThat(schedule.posteriorVariance(t)).isBetween(0.0, schedule.beta(t));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "exp", "cosine", "sqrt"})
  void hasOneStepAtLeast(String name) {
    assertThat(NoiseSchedule.named(name, 1).steps()).isEqualTo(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.named(name, 0))
        .withMessage("timesteps must be at least 1, found 0");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.02, 'betaStart must lie in (0, 1), found 0.0'",
    "1, 0.02, 'betaStart must lie in (0, 1), found 1.0'",
    "0.1, 1.5, 'betaEnd must lie in (0, 1), found 1.5'",
    "0.1, 0.02, 'betaEnd must be at least betaStart = 0.1, found 0.02'",
    "NaN, 0.02, 'betaStart must lie in (0, 1), found NaN'"
  })
  void checksTheEndsOfALinearSchedule(double start, double end, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.linear(10, start, end))
        .withMessage(message);
  }

  @Test
  void rejectsAScheduleThatLeavesNoSignal() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.linear(2000, 0.9, 0.99))
        .withMessageContaining("leaves no signal");
  }

  @Test
  void rejectsUnknownNames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.named("quadratic", 10))
        .withMessage("noise schedule must be linear, exp, cosine or sqrt, found 'quadratic'");
  }

  @ParameterizedTest
  @CsvSource({"2000, 300, '250 and 400'", "2000, 0, '1'", "2000, 3000, '2000'", "7, 2, '1 and 7'"})
  void namesTheNearestStrides(int steps, int stride, String nearest) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.linear(steps).ddim(stride))
        .withMessage(
            "stride must divide the schedule's "
                + steps
                + " steps, found "
                + stride
                + "; the nearest that do are "
                + nearest);
  }

  @Test
  void endsAtThePrediction() {
    DdimSteps steps = NoiseSchedule.linear(2000).ddim(100);
    assertThat(steps.count()).isEqualTo(21);
    assertThat(steps.time(20)).isEqualTo(2000);
    assertThat(steps.ofPredicted(0)).isEqualTo(1);
    assertThat(steps.ofCurrent(0)).isZero();
  }

  @Test
  void takesEveryStrideThatDivides() {
    NoiseSchedule schedule = NoiseSchedule.linear(12);
    for (int stride : new int[] {1, 2, 3, 4, 6, 12}) {
      DdimSteps steps = schedule.ddim(stride);
      for (int n = 0; n < steps.count(); n++) {
        assertThat(steps.ofPredicted(n)).isFinite();
        assertThat(steps.ofCurrent(n)).isFinite();
      }
    }
  }
}
