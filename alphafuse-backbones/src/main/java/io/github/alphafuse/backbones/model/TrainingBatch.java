package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.PaddedBatch;

/**
 * The examples of one training step and the items that their targets are compared with.
 *
 * <p>Legend: P targets, K negatives. The arrays are not copied; not thread-safe.
 *
 * @param examples histories and targets of some examples
 * @param negatives [P, K] item rows of each target's own negatives, empty if there are none
 * @param shared the items that all targets are compared with, empty if there are none
 */
public record TrainingBatch(PaddedBatch examples, int[] negatives, SharedItems shared) {
  /**
   * Checks that each target has the same number of negatives.
   *
   * @param examples histories and targets of some examples
   * @param negatives [P, K] item rows of each target's own negatives, empty if there are none
   * @param shared the items that all targets are compared with, empty if there are none
   * @throws IllegalArgumentException if there are no examples, or the numbers of negatives differ
   */
  public TrainingBatch {
    checkArgument(examples.size() >= 1, "a batch must have at least one example");
    checkArgument(
        negatives.length % examples.targets().length == 0,
        "negatives must be equally many for each of %s targets, found %s in all",
        examples.targets().length,
        negatives.length);
  }

  /**
   * A batch without shared items.
   *
   * @param examples histories and targets of some examples
   * @param negatives [P, K] item rows of each target's own negatives, empty if there are none
   * @throws IllegalArgumentException if there are no examples, or the numbers of negatives differ
   */
  public TrainingBatch(PaddedBatch examples, int[] negatives) {
    this(examples, negatives, SharedItems.NONE);
  }

  /**
   * A batch whose targets are compared with shared items.
   *
   * @param examples histories and targets of some examples
   * @param shared the items
   * @throws IllegalArgumentException if there are no examples
   */
  public TrainingBatch(PaddedBatch examples, SharedItems shared) {
    this(examples, new int[0], shared);
  }

  /**
   * The number of each target's own negatives.
   *
   * @return K
   */
  public int negativesPerTarget() {
    return negatives.length / examples.targets().length;
  }
}
