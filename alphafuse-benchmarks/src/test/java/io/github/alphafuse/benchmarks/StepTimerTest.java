package io.github.alphafuse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class StepTimerTest {
  @Test
  void numbersAllStepsAndAveragesTheFirstAndLastTenth() {
    StepTimer.Timing timing = new StepTimer(0, 19).time(number -> number);
    assertThat(timing.values()).hasSize(20).startsWith(0, 1, 2).endsWith(18, 19);
    assertThat(timing.firstValue()).isEqualTo(0.5);
    assertThat(timing.lastValue()).isEqualTo(18.5);
  }

  @Test
  void warmsUpForAsLongAsItIsTold() {
    StepTimer.Timing timing = new StepTimer(0.05, 1).time(number -> number);
    assertThat(timing.values()).hasSizeGreaterThan(2);
    assertThat(timing.lastValue()).isGreaterThan(timing.firstValue());
  }
}
