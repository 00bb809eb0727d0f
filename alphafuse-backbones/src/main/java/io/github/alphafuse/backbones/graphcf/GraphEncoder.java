package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.embedding.Gradients;

/**
 * What a graph model computes of its weights: a vector for each user and item, and the way back.
 *
 * <p>Legend: U users, N items, d width. Not thread-safe.
 */
interface GraphEncoder extends AutoCloseable {

  /** Computes the vectors from the weights as they are now. */
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
