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
   * @return the parts; {@link DatasetSplit#exclusions()} counts the users that are in none of them
   */
  DatasetSplit split(SequenceDataset dataset);
}
