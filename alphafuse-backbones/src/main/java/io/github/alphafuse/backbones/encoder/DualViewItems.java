package io.github.alphafuse.backbones.encoder;

import io.github.alphafuse.core.embedding.ItemEmbedding;

/**
 * Item embeddings whose rows are two views side by side, [ID ; text], each of half the width. A
 * backbone encodes the views separately.
 */
public interface DualViewItems extends ItemEmbedding {

  /**
   * How the encoder combines the views.
   *
   * @return {@link ItemViews#ID_AND_TEXT} or {@link ItemViews#TEXT_TWICE}
   */
  ItemViews views();
}
