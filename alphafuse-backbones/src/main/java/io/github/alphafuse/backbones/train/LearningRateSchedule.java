package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A factor of the learning rate that changes from step to step. It is linear from 0 to 1 over the
 * steps of warm-up, and then constant, or linear to 0 at the last step of the last epoch.
 *
 * <p>Immutable and thread-safe.
 *
 * @param warmUp steps of warm-up, 0 for none
 * @param shortened whether the warm-up takes at most a tenth of the run's steps
 * @param linearDecay whether the rate falls linearly to 0 after the warm-up; otherwise it is
 *     constant
 */
public record LearningRateSchedule(int warmUp, boolean shortened, boolean linearDecay) {
  private static final int LEAST_RUN = 10;

  private static final LearningRateSchedule CONSTANT = new LearningRateSchedule(0, false, false);

  /**
   * Checks the range.
   *
   * @param warmUp steps of warm-up, 0 for none
   * @param shortened whether the warm-up takes at most a tenth of the run's steps
   * @param linearDecay whether the rate falls linearly to 0 after the warm-up; otherwise it is
   *     constant
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
   * The same schedule after some steps of warm-up. A run must not be shorter than the warm-up.
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

  /** Checks that a run of a number of steps is not shorter than the warm-up. */
  void requireFit(long steps) {
    checkArgument(
        shortened || warmUp <= steps,
        "warmUp must be at most the %s steps of the run, found %s",
        steps,
        warmUp);
  }

  /** The factor of a step, counted from 1, in a run of a number of steps. */
  double factor(long step, long steps) {
    long warm = shortened ? Math.min(warmUp, steps / LEAST_RUN) : warmUp;
    if (step <= warm) {
      return (double) step / warm;
    }
    // A run of one step has to train something.
    return linearDecay && steps > 1 ? (double) (steps - step) / (steps - warm) : 1;
  }

  /**
   * A text of everything that a step's factor depends on in a run of a number of epochs; empty if
   * it is 1.
   */
  String describe(int epochs) {
    String most = shortened ? " at most" : "";
    return (warmUp > 0 ? " after" + most + " " + warmUp + " steps of warm-up" : "")
        + (linearDecay || shortened
            ? " over " + epochs + " epochs" + (linearDecay ? " to 0" : "")
            : "");
  }
}
