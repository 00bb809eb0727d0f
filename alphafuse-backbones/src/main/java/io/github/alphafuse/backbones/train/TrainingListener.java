package io.github.alphafuse.backbones.train;

/** A listener to the progress of training. It is called on the training thread. */
public interface TrainingListener {

  /** A listener that does nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * Training starts.
   *
   * @param epochs the largest number of epochs
   * @param stepsPerEpoch the number of steps per epoch
   */
  default void started(int epochs, int stepsPerEpoch) {}

  /**
   * A step was made.
   *
   * @param epoch the epoch, from 1
   * @param step the step of the epoch, from 1
   * @param loss the loss of its batch
   */
  default void stepped(int epoch, int step, double loss) {}

  /**
   * An epoch and its evaluation ended.
   *
   * @param report its result
   */
  default void epochEnded(EpochReport report) {}

  /**
   * A checkpoint could not be written. Training goes on, and the next epoch tries again.
   *
   * @param message the file and the reason
   */
  default void checkpointFailed(String message) {}

  /**
   * Training ended and the best weights are restored.
   *
   * @param report its result
   */
  default void ended(TrainingReport report) {}
}
