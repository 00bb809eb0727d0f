package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.PaddedBatch;

/**
 * Examples of one training step and their negatives.
 *
 * <p>Legend: B examples, K negatives. The arrays are not copied; not thread-safe.
 *
 * @param examples histories and targets of B examples
 * @param negatives [B, K] item rows, empty for a loss without negatives
 */
public record TrainingBatch(PaddedBatch examples, int[] negatives) {
  /**
   * Checks that there are as many negatives for each example.
   *
   * @param examples histories and targets of B examples
   * @param negatives [B, K] item rows, empty for a loss without negatives
   * @throws IllegalArgumentException if one is out of range
   */
  public TrainingBatch {
    checkArgument(examples.size() >= 1, "a batch must have at least one example");
    checkArgument(
        negatives.length % examples.size() == 0,
        "negatives must be as many for each of %s examples, found %s in all",
        examples.size(),
        negatives.length);
  }

  /**
   * The number of negatives an example.
   *
   * @return K
   */
  public int negativesPerExample() {
    return negatives.length / examples.size();
  }
}
