package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.Tensor;

/**
 * A scorer of all items of a catalogue for histories.
 *
 * <p>Legend: B histories, N items. Implementations are thread-safe.
 */
public interface ItemScorer extends AutoCloseable {

  /**
   * The number of items.
   *
   * @return N
   */
  int itemCount();

  /**
   * Scores all items.
   *
   * @param histories [B] item rows of each history, oldest first, not padded, none empty
   * @return [B, N]; a higher score ranks first
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   */
  Tensor score(int[][] histories);

  /**
   * The best items of some histories.
   *
   * @param histories [B] item rows of each history, oldest first, not padded, none empty
   * @param query the number of items and the filter
   * @return [B] the best items of each history
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   * @throws IllegalStateException if a score is NaN
   */
  default TopItems[] top(int[][] histories, TopQuery query) {
    return TopItems.best(score(histories), histories, query);
  }

  /** Frees the memory of the scorer outside the Java heap. */
  @Override
  default void close() {}
}
