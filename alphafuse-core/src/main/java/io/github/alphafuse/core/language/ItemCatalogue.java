package io.github.alphafuse.core.language;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.core.internal.ItemIds;
import java.util.List;

/**
 * The items of a shop in row order: an id, a title and a text each.
 *
 * <p>The text is what a text encoder turns into a row of {@link LanguageEmbeddings}. The title is
 * what people see.
 *
 * <p>Immutable and thread-safe.
 */
public final class ItemCatalogue {
  private final ImmutableList<Item> items;
  private final ImmutableList<String> ids;

  private ItemCatalogue(ImmutableList<Item> items, ImmutableList<String> ids) {
    this.items = items;
    this.ids = ids;
  }

  /**
   * A catalogue of some items.
   *
   * @param items the items in row order, at least one
   * @return the catalogue
   * @throws IllegalArgumentException if there is no item, or an id is blank or occurs twice
   */
  public static ItemCatalogue of(List<Item> items) {
    checkArgument(!items.isEmpty(), "items must have at least one item, found none");
    return new ItemCatalogue(
        ImmutableList.copyOf(items),
        ItemIds.of("ids", items.stream().map(Item::id).toList(), items.size()));
  }

  /**
   * The number of items.
   *
   * @return N
   */
  public int size() {
    return items.size();
  }

  /**
   * The items.
   *
   * @return N items in row order
   */
  public ImmutableList<Item> items() {
    return items;
  }

  /**
   * The ids.
   *
   * @return N ids in row order
   */
  public ImmutableList<String> ids() {
    return ids;
  }

  /**
   * The titles.
   *
   * @return N titles in row order
   */
  public ImmutableList<String> titles() {
    return items.stream().map(Item::title).collect(ImmutableList.toImmutableList());
  }

  /**
   * The texts.
   *
   * @return N texts in row order
   */
  public ImmutableList<String> texts() {
    return items.stream().map(Item::text).collect(ImmutableList.toImmutableList());
  }

  /**
   * A short description.
   *
   * @return the number of items
   */
  @Override
  public String toString() {
    return "ItemCatalogue[" + size() + " items]";
  }

  /**
   * An item of a catalogue.
   *
   * @param id its id, not blank
   * @param title its title, as people see it; empty if there is none
   * @param text its text for an encoder: title, brand, description, as far as they are known; empty
   *     if there is none
   */
  public record Item(String id, String title, String text) {
    /**
     * Checks that nothing is null.
     *
     * @param id its id
     * @param title its title
     * @param text its text
     */
    public Item {
      checkNotNull(id, "id");
      checkNotNull(title, "title");
      checkNotNull(text, "text");
    }
  }
}
