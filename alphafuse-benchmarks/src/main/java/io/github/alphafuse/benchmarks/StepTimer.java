package io.github.alphafuse.benchmarks;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Times steps after others that warm the process up.
 *
 * @param warmUpSeconds how long untimed steps are made after the first, which is not timed either
 * @param steps how many steps are timed
 */
record StepTimer(double warmUpSeconds, int steps) {
  /** Steps after which memory is looked at for the first time. */
  private static final int EARLY = 100;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;

  /** What is timed. */
  @FunctionalInterface
  interface Step {
    /**
     * Makes a step.
     *
     * @param number its number from 0, warm-up included
     * @return a number that depends on all it computed, such as the loss
     */
    double make(int number);
  }

  /**
   * What was measured.
   *
   * @param times milliseconds of the timed steps
   * @param values what all steps gave, warm-up included
   * @param earlyMegabytes what the process held after the first hundred of all steps, or the last
   * @param lastMegabytes what it held after the last; both null where the system does not tell
   */
  record Timing(
      Quantiles times,
      double[] values,
      @Nullable Long earlyMegabytes,
      @Nullable Long lastMegabytes) {

    /** The mean of what the first tenth of all steps gave. */
    double firstValue() {
      return Arrays.stream(values, 0, tenth()).average().orElseThrow();
    }

    /** The mean of what the last tenth of all steps gave. */
    double lastValue() {
      return Arrays.stream(values, values.length - tenth(), values.length).average().orElseThrow();
    }

    private int tenth() {
      return (values.length + 9) / 10;
    }
  }

  Timing time(Step step) {
    double[] values = new double[16];
    int made = 0;
    @Nullable Long early = null;
    // The first step builds what is built once, and its time tells nothing of the process' state.
    long start = 0;
    do {
      values = made < values.length ? values : Arrays.copyOf(values, 2 * made);
      values[made] = step.make(made);
      made++;
      start = made == 1 ? System.nanoTime() : start;
      early = made == EARLY ? held() : early;
    } while (System.nanoTime() - start < warmUpSeconds * NANOS_PER_SECOND);
    values = Arrays.copyOf(values, made + steps);
    double[] times = new double[steps];
    for (int i = 0; i < steps; i++) {
      long from = System.nanoTime();
      values[made + i] = step.make(made + i);
      times[i] = millisSince(from);
      early = made + i + 1 == EARLY ? held() : early;
    }
    @Nullable Long last = held();
    return new Timing(Quantiles.of(times), values, early == null ? last : early, last);
  }

  private static @Nullable Long held() {
    return ProcessMemory.megabytes().orElse(null);
  }

  static double millisSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / NANOS_PER_MILLI;
  }
}
