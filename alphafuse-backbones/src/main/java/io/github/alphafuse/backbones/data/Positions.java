package io.github.alphafuse.backbones.data;

/** At which positions of a history a model is trained to predict the next item. */
public enum Positions {
  /** At the last position alone, whose target follows the history: one target per sequence. */
  LAST,
  /**
   * At every position, whose target is the item after it: each item of a sequence but the first is
   * a target once, and one causal pass serves them all.
   */
  EVERY
}
