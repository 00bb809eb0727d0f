package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.Tensor;

/**
 * Gives every item of a catalogue a score for each of some histories.
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
   * @param query how many are wanted, and which
   * @return [B] the best items of each history
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   * @throws IllegalStateException if a score is NaN
   */
  default TopItems[] top(int[][] histories, TopQuery query) {
    return TopSelector.best(score(histories), histories, query);
  }

  /** Frees what the scorer holds outside the Java heap. */
  @Override
  default void close() {}
}
