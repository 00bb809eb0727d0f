package io.github.alphafuse.backbones.train;

import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;

/**
 * Moves parameters along their gradients.
 *
 * <p>Implementations hold the parameters that they were built for and are not thread-safe.
 */
public interface Optimizer {

  /**
   * Zero gradients of the parameters, in the form that is fastest for this optimizer.
   *
   * @return new gradients
   */
  Gradients newGradients();

  /**
   * Makes one step.
   *
   * @param gradients gradients of the parameters, finite; not modified, except that those of lazy
   *     tables are set to zero
   */
  default void step(Gradients gradients) {
    step(gradients, 1);
  }

  /**
   * Makes one step with a share of the learning rate.
   *
   * @param gradients gradients of the parameters, finite; not modified, except that those of lazy
   *     tables are set to zero
   * @param share the factor of the learning rate, from 0 to 1
   */
  void step(Gradients gradients, double share);

  /**
   * Writes the state of the optimizer, without the parameters, into an archive.
   *
   * @param archive a section of an archive
   */
  void write(ArchiveWriter archive);

  /**
   * Restores the state of an optimizer of the same kind.
   *
   * @param archive the section that {@link #write} wrote
   * @throws IllegalArgumentException if something is missing or does not fit the parameters
   */
  void restore(ArchiveReader archive);
}
