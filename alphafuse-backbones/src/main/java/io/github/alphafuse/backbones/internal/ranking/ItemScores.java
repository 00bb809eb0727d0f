package io.github.alphafuse.backbones.internal.ranking;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Collections;
import java.util.List;

/**
 * Inner products of vectors with a table of item rows.
 *
 * <p>Legend: B vectors, N items, d width of a row. Thread-safe except for {@link #close}.
 */
public interface ItemScores extends AutoCloseable {

  /**
   * Inner products with a copy of item rows, on the CPU.
   *
   * @param rows [N, d]
   * @return the products, to be closed by the caller
   */
  static ItemScores of(Tensor rows) {
    return rows.elementType() == ElementType.FLOAT32
        ? new ItemProducts(rows)
        : new DoubleProducts(rows);
  }

  /**
   * The number of items.
   *
   * @return N
   */
  int itemCount();

  /**
   * Inner products of vectors with all item rows.
   *
   * @param vectors [B, d], of the rows' type
   * @return scores [B, N]
   */
  Tensor scores(Tensor vectors);

  /**
   * The items with the largest inner products.
   *
   * @param vectors [B, d], of the rows' type
   * @param histories [B] item rows of the histories that may be left out
   * @param query the number of items and the filter
   * @return [B] the best items of each vector
   * @throws IllegalStateException if a score is NaN
   */
  default TopItems[] top(Tensor vectors, int[][] histories, TopQuery query) {
    return top(vectors, histories, Collections.nCopies(histories.length, query));
  }

  /**
   * The items with the largest inner products.
   *
   * @param vectors [B, d], of the rows' type
   * @param histories [B] item rows of the histories that may be left out
   * @param queries [B] the number of items and the filter of each vector
   * @return [B] the best items of each vector
   * @throws IllegalStateException if a score is NaN
   */
  default TopItems[] top(Tensor vectors, int[][] histories, List<TopQuery> queries) {
    return TopItems.best(scores(vectors), histories, queries);
  }

  /**
   * Copies rows of the table.
   *
   * @param items [R] rows, each in [0, N)
   * @return [R, d]
   */
  Tensor rows(int[] items);

  @Override
  void close();
}
