package io.github.alphafuse.backbones.train;

import io.github.alphafuse.core.embedding.Gradients;

/**
 * Moves parameters along their gradients.
 *
 * <p>Implementations hold the parameters they were made for and are not thread-safe.
 */
public interface Optimizer {

  /**
   * Makes one step.
   *
   * @param gradients gradients of the parameters, finite; not modified
   */
  void step(Gradients gradients);
}
