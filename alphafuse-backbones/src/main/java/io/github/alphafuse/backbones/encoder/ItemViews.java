package io.github.alphafuse.backbones.encoder;

import io.github.alphafuse.core.embedding.ItemEmbedding;

/**
 * How an encoder takes the rows of items: as a whole, or as two views of the same width side by
 * side, an ID view and a text view, that attend to each other before each is encoded.
 *
 * <p>See: Liu et al., "LLM-ESR: Large Language Models Enhancement for Long-tailed Sequential
 * Recommendation", NeurIPS 2024, section 3.2.
 */
public enum ItemViews {
  /** A row is one vector of width d. */
  ONE,
  /**
   * A row is [ID ; text] of width 2d. One cross-attention takes text as queries and IDs as keys and
   * values, the other IDs as queries and text as keys and values.
   */
  ID_AND_TEXT,
  /**
   * A row is [ID ; text] of width 2d, but the text view is fed to both sides of both
   * cross-attentions, as in the public AlphaFuse implementation: the encoder never sees the ID
   * view.
   */
  TEXT_TWICE;

  /**
   * The views that an item embedding asks for.
   *
   * @param items the embedding
   * @return its views where it is a {@link DualViewItems}, else {@link #ONE}
   */
  public static ItemViews of(ItemEmbedding items) {
    return items instanceof DualViewItems dual ? dual.views() : ONE;
  }

  /** How many encoded branches a user vector is made of. */
  int branches() {
    return this == ONE ? 1 : 2;
  }

  /** How many views the encoder looks at. */
  int inputs() {
    return this == ID_AND_TEXT ? 2 : 1;
  }
}
