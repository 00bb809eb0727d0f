package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.core.language.LanguageEmbeddings;

/**
 * Item embeddings whose catalogue can grow: a new item has a row as soon as it has a text.
 *
 * <p>Legend: N items, M new items, d_l language dimension.
 */
public interface ExtendableItems extends ItemEmbedding {

  /**
   * Items as ones that can grow.
   *
   * @param items an item embedding
   * @return the same
   * @throws IllegalStateException if its catalogue cannot grow
   */
  static ExtendableItems of(ItemEmbedding items) {
    checkState(
        items instanceof ExtendableItems,
        "%s knows no item by its text alone: new items need training",
        items);
    return (ExtendableItems) items;
  }

  /**
   * A catalogue that has new items behind those of this one. Nothing is trained. It knows the ids
   * of its items if this one and the text do.
   *
   * @param text [M, d_l] the language rows of the new items, which become rows N to N + M - 1
   * @return an embedding of N + M items
   * @throws IllegalArgumentException if the width is not d_l, a number is not finite, or an id of
   *     the text is one of the catalogue
   * @throws IllegalStateException if the rows were projected elsewhere, so that nothing projects
   *     new ones
   */
  ExtendableItems withNewItems(LanguageEmbeddings text);
}
