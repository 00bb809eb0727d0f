package io.github.alphafuse.backbones.encoder;

import io.github.alphafuse.core.embedding.ItemEmbedding;

/**
 * How an encoder uses the rows of items: as a whole, or as two views of the same width side by
 * side, an ID view and a text view, which attend to each other before each is encoded.
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
   * A row is [ID ; text] of width 2d, but both sides of both cross-attentions take the text view,
   * as in the public AlphaFuse implementation. The encoder never uses the ID view.
   */
  TEXT_TWICE;

  /**
   * The views of an item embedding.
   *
   * @param items the embedding
   * @return its views if it is a {@link DualViewItems}, else {@link #ONE}
   */
  public static ItemViews of(ItemEmbedding items) {
    return items instanceof DualViewItems dual ? dual.views() : ONE;
  }

  /**
   * The number of encoded branches of a user vector.
   *
   * @return 1, or 2 if there are two views
   */
  public int branches() {
    return this == ONE ? 1 : 2;
  }

  /**
   * The number of views that the encoder uses.
   *
   * @return 1 or 2
   */
  public int inputs() {
    return this == ID_AND_TEXT ? 2 : 1;
  }
}
