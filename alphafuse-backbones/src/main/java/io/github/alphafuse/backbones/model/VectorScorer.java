package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.Tensor;
import java.util.List;

/**
 * A scorer that compares a vector of each user with a vector of each item.
 *
 * <p>The score is the inner product of both vectors. Under {@link Similarity#COSINE} it is their
 * cosine: the vectors of items have length 1, and the length of those of users does not count.
 *
 * <p>Legend: B histories, N items, R requested items, d width of a vector. Implementations are
 * thread-safe.
 */
public interface VectorScorer extends ItemScorer {

  /**
   * The width of a vector.
   *
   * @return d
   */
  int dim();

  /**
   * The vectors of users by their histories.
   *
   * @param histories [B] item rows of each history, oldest first, not padded, none empty
   * @return [B, d]
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   * @throws IllegalStateException if it is closed
   */
  Tensor userVectors(int[][] histories);

  /**
   * The vectors of items.
   *
   * @param items [R] rows of items
   * @return [R, d]
   * @throws IllegalArgumentException if an item is outside [0, N)
   * @throws IllegalStateException if it is closed
   */
  Tensor itemVectors(int[] items);

  /**
   * The length by which the row of an item was divided to give its vector.
   *
   * @param item a row
   * @return the length of the row under {@link Similarity#COSINE}, else 1
   * @throws IndexOutOfBoundsException if the item is outside [0, N)
   */
  double itemLength(int item);

  /**
   * Scores of all items for vectors.
   *
   * @param vectors [B, d]
   * @return [B, N] inner products or cosines
   * @throws IllegalArgumentException if the width does not fit
   * @throws IllegalStateException if it is closed
   */
  Tensor scoreVectors(Tensor vectors);

  /**
   * The items that score highest for vectors.
   *
   * @param vectors [B, d]
   * @param histories [B] rows of items of each vector that a query may leave out
   * @param queries [B] the number of items and the filter of each vector
   * @return [B] the best items of each vector
   * @throws IllegalArgumentException if the width does not fit
   * @throws IllegalStateException if it is closed, or a score is NaN
   */
  TopItems[] topOfVectors(Tensor vectors, int[][] histories, List<TopQuery> queries);
}
