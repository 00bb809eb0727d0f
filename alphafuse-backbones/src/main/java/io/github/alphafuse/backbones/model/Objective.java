package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.embedding.Gradients;
import java.util.random.RandomGenerator;

/**
 * A model under a loss: the value of the loss on a batch and its gradients.
 *
 * <p>Not thread-safe.
 */
public interface Objective extends AutoCloseable {

  /**
   * The number of negatives of its own that each target of a batch must bring.
   *
   * @return K, 0 where none are used
   */
  int negatives();

  /**
   * Computes the loss of a batch and its gradients at the model's weights as they are now.
   *
   * @param batch the batch
   * @param random where dropout masks and whatever else the objective draws come from
   * @param gradients gradients of the model's parameters, overwritten
   * @return the mean loss over the batch's targets; it may be NaN, and gradients then mean nothing
   * @throws IllegalArgumentException if the batch does not fit the model or the loss
   */
  double gradients(TrainingBatch batch, RandomGenerator random, Gradients gradients);

  /** Frees what the objective holds outside the Java heap. */
  @Override
  void close();
}
