package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The items that all targets of a batch are compared with: some are drawn uniformly from the
 * catalogue without replacement, and the targets of the batch can be added.
 *
 * <p>Weights correct for the probabilities of items. Without the batch's targets, each of M items
 * out of N has weight (N - 1) / M. With them, item j has the inverse of its probability to be in
 * the set, 1 / (1 - (1 - M / N) (1 - p_j)^P), where p_j is its share of all training targets and P
 * the number of targets in the batch. A position's own target always has weight 1.
 *
 * <p>Immutable and thread-safe.
 *
 * @param count M, the number of items drawn per batch
 * @param batchTargets whether the targets of the batch are in the set too
 * @param weighted whether items are weighted; otherwise all have weight 1
 */
public record SharedNegatives(int count, boolean batchTargets, boolean weighted) {
  /**
   * Checks the range.
   *
   * @param count M, the number of items drawn per batch
   * @param batchTargets whether the targets of the batch are in the set too
   * @param weighted whether items are weighted; otherwise all have weight 1
   * @throws IllegalArgumentException if the count is below 1
   */
  public SharedNegatives {
    checkArgument(count >= 1, "count must be at least 1, found %s", count);
  }

  /**
   * A sampler over a catalogue.
   *
   * @param targetFrequencies [N] the number of training targets of each item
   * @return the sampler
   * @throws IllegalArgumentException if there are fewer items than are drawn per batch, or no
   *     targets
   */
  public SharedSampler sampler(long[] targetFrequencies) {
    return new SharedSampler(this, targetFrequencies);
  }
}
