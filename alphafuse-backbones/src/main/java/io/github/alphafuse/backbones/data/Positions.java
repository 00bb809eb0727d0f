package io.github.alphafuse.backbones.data;

/** The positions of a history at which a model is trained to predict the next item. */
public enum Positions {
  /** Only at the last position, whose target follows the history: one target per sequence. */
  LAST,
  /**
   * At every position, whose target is the item after it. Each item of a sequence except the first
   * is a target once, and one causal pass computes all of them.
   */
  EVERY
}
