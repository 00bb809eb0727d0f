package io.github.alphafuse.backbones.preset;

import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.train.GraphTrainer;

/**
 * The published settings of a graph model for one data set. A preset fills the builders, which can
 * then be changed further. Settings that are not published, namely the batch of LightGCN and its
 * layers and rate on Baby, are those of Beauty or the trainer's defaults.
 *
 * <p>Implementations are immutable and thread-safe. See: Sheng et al., "Language Representations
 * Can be What Recommenders Need", ICLR 2025; He et al., "LightGCN", SIGIR 2020.
 */
public sealed interface GraphPreset permits LightGcnPreset, AlphaRecPreset {
  /** The published width of a vector. */
  int DIM = 64;

  /**
   * The name of the preset on the command line.
   *
   * @return for example {@code alpharec-movies}
   */
  String name();

  /**
   * The number of propagation layers.
   *
   * @return K
   */
  int layers();

  /**
   * The loss.
   *
   * @return a loss that the model accepts
   */
  Loss loss();

  /**
   * The learning rate.
   *
   * @return a positive number
   */
  double learningRate();

  /**
   * A trainer's builder with loss, learning rate and decay set.
   *
   * @param model the model to train
   * @return the builder
   */
  GraphTrainer.Builder trainer(GraphModel model);
}
