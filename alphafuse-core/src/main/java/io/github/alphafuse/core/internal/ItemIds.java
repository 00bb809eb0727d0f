package io.github.alphafuse.core.internal;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The ids of items in row order, as lists that were checked. */
public final class ItemIds {
  private ItemIds() {}

  /**
   * Checks ids.
   *
   * @param name the name of the option for the message
   * @param ids an id for each item
   * @param itemCount N
   * @return a copy of the ids
   * @throws IllegalArgumentException if there are more or fewer ids than items, or one is blank or
   *     occurs twice
   */
  public static ImmutableList<String> of(String name, List<String> ids, int itemCount) {
    checkArgument(
        ids.size() == itemCount,
        "%s must name each of %s items, found %s",
        name,
        itemCount,
        ids.size());
    Map<String, Integer> rows = new HashMap<>();
    for (int row = 0; row < itemCount; row++) {
      String id = ids.get(row);
      checkArgument(!id.isBlank(), "%s must not be blank, found '%s' in row %s", name, id, row);
      Integer before = rows.put(id, row);
      checkArgument(
          before == null,
          "%s must be distinct, found '%s' in rows %s and %s",
          name,
          id,
          before,
          row);
    }
    return ImmutableList.copyOf(ids);
  }

  /**
   * The ids of a catalogue and of new items after it.
   *
   * @param ids those of the catalogue, if they are known
   * @param added those of the new items, if they are known
   * @return both, or empty if either is unknown
   * @throws IllegalArgumentException if an id occurs twice
   */
  public static Optional<ImmutableList<String>> append(
      Optional<ImmutableList<String>> ids, Optional<ImmutableList<String>> added) {
    if (ids.isEmpty() || added.isEmpty()) {
      return Optional.empty();
    }
    ImmutableList<String> all =
        ImmutableList.<String>builder().addAll(ids.get()).addAll(added.get()).build();
    return Optional.of(of("ids", all, all.size()));
  }
}
