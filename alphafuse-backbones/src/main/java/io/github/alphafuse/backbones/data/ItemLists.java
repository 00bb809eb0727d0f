package io.github.alphafuse.backbones.data;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The items of users whose lines each hold a list: the items before the one of the line, if it has
 * one, oldest first. Lines of one user are put together. A line that continues what is known, or
 * the end of it, adds its items, and one that is the beginning of what is known adds none. Not
 * thread-safe.
 */
final class ItemLists {
  private static final Splitter ITEMS =
      Splitter.on(CharMatcher.anyOf(" \t")).omitEmptyStrings().trimResults();

  /** Takes one interaction. */
  @FunctionalInterface
  interface Interactions {
    void add(String user, String item, Place place);
  }

  /** The numbers of all ids in the lists, whether they are known items or not. */
  private final Map<String, Integer> numbers = new LinkedHashMap<>();

  private final List<String> ids = new ArrayList<>();
  private final Map<String, Known> users = new LinkedHashMap<>();

  /** The items of a user so far, and the last line that added any. */
  private record Known(int[] items, Place place) {}

  /** Adds a line; the item behind the list is blank if there is none. */
  void add(String user, String list, String item, Place place) {
    List<String> words = new ArrayList<>(ITEMS.splitToList(list));
    int history = words.size();
    if (!item.isEmpty()) {
      words.add(item);
    }
    int[] items = words.stream().mapToInt(this::number).toArray();
    Known known = users.get(user);
    if (known == null || startsWith(items, known.items)) {
      if (items.length > 0) {
        users.put(user, new Known(items, place));
      }
    } else if (!startsWith(known.items, items)) {
      if (history == 0 || !endsWith(known.items, items, history)) {
        throw place.error(
            "expected a list that continues the items of user \"%s\" of line %s, found another;"
                + " users with several lists need keys of their own for each, or itemColumn names"
                + " the column of the last item, which alone is read then",
            user, known.place.line());
      }
      int[] more =
          Arrays.copyOf(known.items, Math.addExact(known.items.length, items.length - history));
      System.arraycopy(items, history, more, known.items.length, items.length - history);
      users.put(user, new Known(more, place));
    }
  }

  private int number(String id) {
    Integer number = numbers.get(id);
    if (number == null) {
      number = ids.size();
      numbers.put(id, number);
      ids.add(id);
    }
    return number;
  }

  private static boolean startsWith(int[] items, int[] start) {
    return items.length >= start.length
        && Arrays.equals(items, 0, start.length, start, 0, start.length);
  }

  /** Whether items end with the first so many of others. */
  private static boolean endsWith(int[] items, int[] others, int count) {
    int from = items.length - count;
    return from >= 0 && Arrays.equals(items, from, items.length, others, 0, count);
  }

  /** Gives all interactions, user by user. */
  void forEach(Interactions interactions) {
    users.forEach(
        (user, known) -> {
          for (int number : known.items) {
            interactions.add(user, ids.get(number), known.place);
          }
        });
  }
}
