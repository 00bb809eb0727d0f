package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.embedding.Gradients;

/**
 * A graph model under a loss: the value of the loss on a batch of pairs and its gradients.
 *
 * <p>Not thread-safe.
 */
public interface GraphObjective extends AutoCloseable {

  /**
   * The number of negatives that each pair must have.
   *
   * @return K, at least 1
   */
  int negatives();

  /**
   * Computes the loss of a batch and its gradients at the model's current weights.
   *
   * @param batch the batch
   * @param gradients gradients of the model's parameters, overwritten
   * @return the mean loss over the batch, including regularisation; it may be NaN, and gradients
   *     are then meaningless
   * @throws IllegalArgumentException if the batch does not fit the model or the loss
   */
  double gradients(PairBatch batch, Gradients gradients);

  /** Frees the memory of the objective outside the Java heap. */
  @Override
  void close();
}
