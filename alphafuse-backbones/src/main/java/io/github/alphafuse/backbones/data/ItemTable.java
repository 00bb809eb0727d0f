package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.core.language.ItemCatalogue;

/**
 * A table of items as {@link CatalogueReader} read it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param catalogue the items, in the order in which they first appear
 * @param textColumns the columns that the texts of the items were made of
 * @param dropped what was left out, by reason
 */
public record ItemTable(
    ItemCatalogue catalogue, ImmutableList<String> textColumns, ImmutableList<Dropped> dropped) {

  /**
   * Checks that nothing is null.
   *
   * @param catalogue the items
   * @param textColumns the columns of their texts
   * @param dropped what was left out
   */
  public ItemTable {
    checkNotNull(catalogue, "catalogue");
    checkNotNull(textColumns, "textColumns");
    checkNotNull(dropped, "dropped");
  }
}
