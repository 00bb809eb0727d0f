package io.github.alphafuse.backbones.train;

/** Is told how training goes, on the training thread. */
public interface TrainingListener {

  /** A listener that does nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * Training starts.
   *
   * @param epochs the most epochs there will be
   * @param stepsPerEpoch the steps of an epoch
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
   * An epoch ended, its evaluation included.
   *
   * @param report what it came to
   */
  default void epochEnded(EpochReport report) {}

  /**
   * Training ended and the best weights are restored.
   *
   * @param report what it came to
   */
  default void ended(TrainingReport report) {}
}
