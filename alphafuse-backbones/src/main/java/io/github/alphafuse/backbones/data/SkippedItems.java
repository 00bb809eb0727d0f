package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;

/**
 * The items that a reader left out because they are not in the vocabulary.
 *
 * @param itemCount the number of different ids
 * @param interactionCount the number of interactions
 * @param userCount the number of users without a known item
 * @param examples the first ids in file order
 */
record SkippedItems(
    int itemCount, long interactionCount, int userCount, ImmutableList<String> examples) {
  static final SkippedItems NONE = new SkippedItems(0, 0, 0, ImmutableList.of());
}
