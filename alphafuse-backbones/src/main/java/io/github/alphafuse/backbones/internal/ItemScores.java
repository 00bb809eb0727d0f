package io.github.alphafuse.backbones.internal;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.core.Tensor;

/**
 * Inner products of vectors with a table of item rows.
 *
 * <p>Legend: B vectors, N items, d width of a row. Thread-safe except for {@link #close}.
 */
public interface ItemScores extends AutoCloseable {

  /**
   * Inner products of vectors with all item rows.
   *
   * @param vectors [B, d], float32
   * @return scores [B, N]
   */
  Tensor scores(Tensor vectors);

  /**
   * The items with the largest inner products.
   *
   * @param vectors [B, d], float32
   * @param histories [B] item rows of the histories that may be left out
   * @param query the number of items and the filter
   * @return [B] the best items of each vector
   */
  TopItems[] top(Tensor vectors, int[][] histories, TopQuery query);

  @Override
  void close();
}
