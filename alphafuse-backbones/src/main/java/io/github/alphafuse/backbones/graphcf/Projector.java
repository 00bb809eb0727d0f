package io.github.alphafuse.backbones.graphcf;

/** How AlphaRec maps language rows to embeddings. */
public enum Projector {
  /** One linear map: W z + b. */
  LINEAR,
  /**
   * Two linear maps with LeakyReLU in between: W_2 leaky(W_1 z + b_1) + b_2, with inner width d_l /
   * 2.
   */
  MLP
}
