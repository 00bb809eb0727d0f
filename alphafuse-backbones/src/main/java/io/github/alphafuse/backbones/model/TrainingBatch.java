package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.PaddedBatch;

/**
 * Examples of one training step and what their targets are set against.
 *
 * <p>Legend: P targets, K negatives. The arrays are not copied; not thread-safe.
 *
 * @param examples histories and targets of some examples
 * @param negatives [P, K] item rows of each target's own negatives, empty where there are none
 * @param shared the items that all targets are set against, empty where there are none
 */
public record TrainingBatch(PaddedBatch examples, int[] negatives, SharedItems shared) {
  /**
   * Checks that there are as many negatives for each target.
   *
   * @param examples histories and targets of some examples
   * @param negatives [P, K] item rows of each target's own negatives, empty where there are none
   * @param shared the items that all targets are set against, empty where there are none
   * @throws IllegalArgumentException if there are no examples, or not as many negatives for each
   */
  public TrainingBatch {
    checkArgument(examples.size() >= 1, "a batch must have at least one example");
    checkArgument(
        negatives.length % examples.targets().length == 0,
        "negatives must be as many for each of %s targets, found %s in all",
        examples.targets().length,
        negatives.length);
  }

  /**
   * A batch without shared items.
   *
   * @param examples histories and targets of some examples
   * @param negatives [P, K] item rows of each target's own negatives, empty where there are none
   * @throws IllegalArgumentException if there are no examples, or not as many negatives for each
   */
  public TrainingBatch(PaddedBatch examples, int[] negatives) {
    this(examples, negatives, SharedItems.NONE);
  }

  /**
   * A batch whose targets are set against shared items.
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
