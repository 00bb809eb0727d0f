package io.github.alphafuse.backbones.sasrec;

import java.util.Arrays;

/**
 * The indices at which items occur, in the order of the items. The stable radix sort costs time by
 * the number of indices and not by that of the catalogue.
 *
 * <p>Legend: P indices, U different items. Not thread-safe while it is sorted.
 */
final class ItemOrder {
  private static final int DIGIT = 11;
  private static final int DIGITS = 1 << DIGIT;

  private int[] items = new int[0]; // [P]
  private int[] places = new int[0]; // [P]
  private int[] unique = new int[0]; // [U]
  private int[] starts = new int[0]; // [U + 1]
  private int[] found = new int[0];
  private int[] at = new int[1];
  private int[] otherItems = new int[0];
  private int[] otherPlaces = new int[0];

  /** Sorts the indices of items in [0, itemCount). */
  void sort(int[] ids, int itemCount) {
    int count = ids.length;
    if (items.length != count) {
      items = new int[count];
      places = new int[count];
      otherItems = new int[count];
      otherPlaces = new int[count];
      found = new int[count];
      at = new int[count + 1];
    }
    System.arraycopy(ids, 0, items, 0, count);
    for (int i = 0; i < count; i++) {
      places[i] = i;
    }
    for (int shift = 0; shift < Integer.SIZE && itemCount >>> shift > 0; shift += DIGIT) {
      sortByDigit(shift);
    }
    int different = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || items[i] != items[i - 1]) {
        at[different] = i;
        found[different++] = items[i];
      }
    }
    at[different] = count;
    unique = Arrays.copyOf(found, different);
    starts = Arrays.copyOf(at, different + 1);
  }

  private void sortByDigit(int shift) {
    int[] next = new int[DIGITS + 1];
    for (int item : items) {
      next[((item >>> shift) & (DIGITS - 1)) + 1]++;
    }
    for (int i = 0; i < DIGITS; i++) {
      next[i + 1] += next[i];
    }
    for (int i = 0; i < items.length; i++) {
      int to = next[(items[i] >>> shift) & (DIGITS - 1)]++;
      otherItems[to] = items[i];
      otherPlaces[to] = places[i];
    }
    int[] swapped = items;
    items = otherItems;
    otherItems = swapped;
    swapped = places;
    places = otherPlaces;
    otherPlaces = swapped;
  }

  /** The different items, ascending [U]. */
  int[] unique() {
    return unique;
  }

  /** The indices, item by item [P]. */
  int[] places() {
    return places;
  }

  /** The start of each item's indices [U + 1]. */
  int[] starts() {
    return starts;
  }
}
