package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.rows.Rows;

/**
 * The computation of a graph model: a vector per user and item from the weights, and the gradients
 * of the weights.
 *
 * <p>Legend: U users, N items, d width. Not thread-safe.
 */
interface GraphEncoder extends AutoCloseable {

  /** Computes the vectors from the current weights. */
  void forward();

  /** The vectors of the users [U, d] after {@link #forward}; callers may overwrite them. */
  Rows users();

  /** The vectors of the items [N, d] after {@link #forward}; callers may overwrite them. */
  Rows items();

  /**
   * Overwrites the gradients of the weights.
   *
   * @param userGradients [U, d] the gradient with respect to the users' vectors, overwritten
   * @param itemGradients [N, d] that with respect to the items', overwritten
   * @param gradients the gradients of the weights
   */
  void backward(Rows userGradients, Rows itemGradients, Gradients gradients);

  @Override
  void close();
}
