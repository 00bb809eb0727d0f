package io.github.alphafuse.backbones.data;

/**
 * How lines of a product table that have the same id, but another title or text, are handled. Lines
 * that agree in all of these are one item, and counted as {@link DropReason#DUPLICATE_ITEM}.
 */
public enum DuplicateItems {
  /** They are an error. */
  REJECT,

  /** The first one is the item; the others are counted as {@link DropReason#DUPLICATE_ITEM}. */
  FIRST,

  /** The last one is the item; the others are counted as {@link DropReason#DUPLICATE_ITEM}. */
  LAST
}
