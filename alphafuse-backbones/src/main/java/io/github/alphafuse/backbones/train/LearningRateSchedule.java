package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How the learning rate changes from step to step, as a factor of it: linear from 0 to 1 over the
 * steps of warm-up, then constant, or linear to 0 at the last step of the last epoch.
 *
 * <p>Immutable and thread-safe.
 *
 * @param warmUp steps of warm-up, 0 for none
 * @param shortened whether a run of less than ten times as many steps warms up for a tenth of them
 *     only
 * @param linearDecay whether the rate falls linearly to 0 after the warm-up, else it stays
 */
public record LearningRateSchedule(int warmUp, boolean shortened, boolean linearDecay) {
  private static final int LEAST_RUN = 10;

  private static final LearningRateSchedule CONSTANT = new LearningRateSchedule(0, false, false);

  /**
   * Checks the range.
   *
   * @param warmUp steps of warm-up, 0 for none
   * @param shortened whether a short run warms up for a tenth of its steps only
   * @param linearDecay whether the rate falls linearly to 0 after the warm-up, else it stays
   * @throws IllegalArgumentException if warmUp is negative
   */
  public LearningRateSchedule {
    checkArgument(warmUp >= 0, "warmUp must be at least 0 steps, found %s", warmUp);
  }

  /**
   * The same rate at every step.
   *
   * @return the schedule
   */
  public static LearningRateSchedule constant() {
    return CONSTANT;
  }

  /**
   * The schedule that falls linearly to 0 over all steps.
   *
   * @return the schedule, without warm-up
   */
  public static LearningRateSchedule linear() {
    return new LearningRateSchedule(0, false, true);
  }

  /**
   * The same schedule after some steps of warm-up; a run may not be shorter.
   *
   * @param warmUp steps, 0 for none
   * @return the schedule
   * @throws IllegalArgumentException if negative
   */
  public LearningRateSchedule warmUp(int warmUp) {
    return new LearningRateSchedule(warmUp, false, linearDecay);
  }

  /**
   * The same schedule after some steps of warm-up, or a tenth of the run if that is less.
   *
   * @param warmUp steps, 0 for none
   * @return the schedule
   * @throws IllegalArgumentException if negative
   */
  public LearningRateSchedule warmUpAtMost(int warmUp) {
    return new LearningRateSchedule(warmUp, true, linearDecay);
  }

  /** Checks that a run of so many steps is no shorter than the warm-up. */
  void requireFit(long steps) {
    checkArgument(
        shortened || warmUp <= steps,
        "warmUp must be at most the %s steps of the run, found %s",
        steps,
        warmUp);
  }

  /** The factor of a step, from 1, of so many. */
  double factor(long step, long steps) {
    long warm = shortened ? Math.min(warmUp, steps / LEAST_RUN) : warmUp;
    if (step <= warm) {
      return (double) step / warm;
    }
    // A run of one step is to train something.
    return linearDecay && steps > 1 ? (double) (steps - step) / (steps - warm) : 1;
  }

  /** All that a step's factor depends on in a run of so many epochs; nothing where it is 1. */
  String describe(int epochs) {
    String most = shortened ? " at most" : "";
    return (warmUp > 0 ? " after" + most + " " + warmUp + " steps of warm-up" : "")
        + (linearDecay || shortened
            ? " over " + epochs + " epochs" + (linearDecay ? " to 0" : "")
            : "");
  }
}
