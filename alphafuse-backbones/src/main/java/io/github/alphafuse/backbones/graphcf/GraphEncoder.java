package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.embedding.Gradients;

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
  NodeRows users();

  /** The vectors of the items [N, d] after {@link #forward}; callers may overwrite them. */
  NodeRows items();

  /**
   * Overwrites the gradients of the weights.
   *
   * @param userGradients [U, d] the gradient with respect to the users' vectors, overwritten
   * @param itemGradients [N, d] that with respect to the items', overwritten
   * @param gradients the gradients of the weights
   */
  void backward(NodeRows userGradients, NodeRows itemGradients, Gradients gradients);

  @Override
  void close();
}
