package io.github.alphafuse.backbones.train;

import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;

/**
 * Moves parameters along their gradients.
 *
 * <p>Implementations hold the parameters they were made for and are not thread-safe.
 */
public interface Optimizer {

  /**
   * Zero gradients of the parameters, kept in the way that this optimizer steps along fastest.
   *
   * @return new gradients
   */
  Gradients newGradients();

  /**
   * Makes one step.
   *
   * @param gradients gradients of the parameters, finite; not modified, but that those of lazy
   *     tables are set to zero
   */
  default void step(Gradients gradients) {
    step(gradients, 1);
  }

  /**
   * Makes one step at a share of the learning rate.
   *
   * @param gradients gradients of the parameters, finite; not modified, but that those of lazy
   *     tables are set to zero
   * @param share what the learning rate is multiplied by, from 0 to 1
   */
  void step(Gradients gradients, double share);

  /**
   * Writes what the optimizer remembers from step to step, but for the parameters, into an archive.
   *
   * @param archive a section of an archive
   */
  void write(ArchiveWriter archive);

  /**
   * Takes on what an optimizer of the same kind remembered.
   *
   * @param archive the section that {@link #write} wrote
   * @throws IllegalArgumentException if something is missing or does not fit the parameters
   */
  void restore(ArchiveReader archive);
}
