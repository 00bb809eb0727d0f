package io.github.alphafuse.backbones.strategy;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.storage.ArchiveWriter;

/**
 * Trained weights that turn the frozen language rows of items into item rows.
 *
 * <p>Legend: M items, d_l language dimension, d item dimension. Each of its passes is called by one
 * thread, which divides the work.
 */
interface Adapter {

  /** Its kind in saved models. */
  String kind();

  /** d_l. */
  int languageDim();

  /** d. */
  int dim();

  /** The live weights by name. */
  ImmutableMap<String, Tensor> parameters();

  /** Writes the settings. The weights are written by name. */
  void writeSettings(ArchiveWriter archive);

  /** Whether training draws random numbers, for dropout or noise. */
  boolean draws();

  /** Buffers for computing rows and the gradient of the weights. */
  Pass newPass();

  /**
   * The items of a pass.
   *
   * @param language frozen rows [N, d_l]
   * @param items [M] the indices of the rows
   * @param training whether numbers are dropped and noise is added
   * @param seed the seed of both
   */
  record Input(Tensor language, int[] items, boolean training, long seed) {
    static Input forInference(Tensor language, int[] items) {
      return new Input(language, items, false, 0);
    }
  }

  /** One forward and one backward computation after another. Not thread-safe. */
  interface Pass extends AutoCloseable {
    /** Sets the first M rows of [M, d] or more. */
    void forward(Input input, Tensor rows);

    /**
     * Adds the gradient of the weights for the items of the last forward computation.
     *
     * @param rowGradients [M, d] or more rows; overwritten
     * @param gradients gradients of {@link #parameters()}, added to
     */
    void backward(Tensor rowGradients, Gradients gradients);

    @Override
    void close();
  }
}
