package io.github.alphafuse.backbones.encoder;

import io.github.alphafuse.core.embedding.ItemEmbedding;

/**
 * Item embeddings whose rows are two views side by side, [ID ; text], each of half the width: a
 * backbone that is built on them encodes the views apart.
 */
public interface DualViewItems extends ItemEmbedding {

  /**
   * How the views meet in the encoder.
   *
   * @return {@link ItemViews#ID_AND_TEXT} or {@link ItemViews#TEXT_TWICE}
   */
  ItemViews views();
}
