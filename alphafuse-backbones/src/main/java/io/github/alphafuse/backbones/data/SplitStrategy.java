package io.github.alphafuse.backbones.data;

/**
 * A way to divide the sequences of a dataset into examples to train on, to select a model with and
 * to report on.
 *
 * <p>Implementations are immutable, thread-safe and deterministic: the same dataset gives the same
 * split.
 */
@FunctionalInterface
public interface SplitStrategy {

  /**
   * Splits a dataset.
   *
   * @param dataset the sequences
   * @return the parts; how many users are in none of them, and why, is counted in {@link
   *     DatasetSplit#exclusions()}
   */
  DatasetSplit split(SequenceDataset dataset);
}
