package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Which items all targets of a batch are set against: some drawn uniformly from the catalogue
 * without replacement, and the targets of the batch themselves where they are wanted.
 *
 * <p>Weights correct for how items are drawn. Without the batch's targets, each of M items out of N
 * stands for (N - 1) / M. With them, item j has one over the probability that it is in the set, 1 /
 * (1 - (1 - M / N) (1 - p_j)^P), where p_j is its share of all training targets and P the number of
 * targets in the batch. A position's own target always weighs 1.
 *
 * <p>Immutable and thread-safe.
 *
 * @param count M, items drawn for a batch
 * @param batchTargets whether the targets of the batch are in the set too
 * @param weighted whether items are weighted; else all weigh 1
 */
public record SharedNegatives(int count, boolean batchTargets, boolean weighted) {
  /**
   * Checks the range.
   *
   * @param count M, items drawn for a batch
   * @param batchTargets whether the targets of the batch are in the set too
   * @param weighted whether items are weighted; else all weigh 1
   * @throws IllegalArgumentException if the count is below 1
   */
  public SharedNegatives {
    checkArgument(count >= 1, "count must be at least 1, found %s", count);
  }

  /**
   * A sampler over a catalogue.
   *
   * @param targetFrequencies [N] how often each item is a target in training
   * @return the sampler
   * @throws IllegalArgumentException if there are fewer items than are drawn for a batch, or no
   *     targets
   */
  public SharedSampler sampler(long[] targetFrequencies) {
    return new SharedSampler(this, targetFrequencies);
  }
}
