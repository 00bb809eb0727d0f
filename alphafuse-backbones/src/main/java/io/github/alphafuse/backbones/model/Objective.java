package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.embedding.Gradients;
import java.util.random.RandomGenerator;

/**
 * A model under a loss: the value of the loss on a batch and its gradients.
 *
 * <p>Not thread-safe.
 *
 * @param <B> the batch: a {@link TrainingBatch} for sequence models, pairs for graph models
 */
public interface Objective<B> extends AutoCloseable {

  /**
   * The number of negatives that each target of a batch must have.
   *
   * @return K, 0 if none are used
   */
  int negatives();

  /**
   * Computes the loss of a batch and its gradients at the model's current weights.
   *
   * @param batch the batch
   * @param random the source of dropout masks and all other random numbers
   * @param gradients gradients of the model's parameters, overwritten
   * @return the mean loss over the batch's targets or pairs; it may be NaN, and gradients are then
   *     meaningless
   * @throws IllegalArgumentException if the batch does not fit the model or the loss
   */
  double gradients(B batch, RandomGenerator random, Gradients gradients);

  /** Frees the memory of the objective outside the Java heap. */
  @Override
  void close();
}
