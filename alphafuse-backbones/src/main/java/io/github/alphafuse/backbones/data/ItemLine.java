package io.github.alphafuse.backbones.data;

import java.util.Arrays;

/**
 * The items of a line of text, separated by spaces, TABs and single commas, in storage that is used
 * again for the next line. Not thread-safe.
 */
final class ItemLine {
  private final ItemResolver resolver;
  private int[] items = new int[64];
  private int size;
  private int found;
  private boolean lastKnown;

  ItemLine(ItemResolver resolver) {
    this.resolver = resolver;
  }

  /** Parses the current line from a place in its buffer on. */
  void parse(LineReader lines, int start) {
    byte[] bytes = lines.bytes();
    int end = lines.to();
    size = 0;
    found = 0;
    lastKnown = false;
    boolean afterComma = false;
    int at = start;
    while (at < end) {
      byte character = bytes[at];
      if (character == ',') {
        if (found == 0 || afterComma) {
          throw lines.place().error("expected an item before every comma, found none");
        }
        afterComma = true;
        at++;
      } else if (character == ' ' || character == '\t') {
        at++;
      } else {
        int tokenStart = at;
        while (at < end && bytes[at] != ' ' && bytes[at] != '\t' && bytes[at] != ',') {
          at++;
        }
        add(resolver.row(lines, tokenStart, at));
        afterComma = false;
      }
    }
    if (afterComma) {
      throw lines.place().error("expected an item after the last comma, found none");
    }
  }

  private void add(int row) {
    found++;
    lastKnown = row != ItemResolver.SKIPPED;
    if (lastKnown) {
      if (size == items.length) {
        items = Arrays.copyOf(items, Math.multiplyExact(size, 2));
      }
      items[size++] = row;
    }
  }

  /** The number of items on the line, known or not. */
  int found() {
    return found;
  }

  /** The number of known items on the line. */
  int size() {
    return size;
  }

  /** Whether the last item on the line is known. */
  boolean lastKnown() {
    return lastKnown;
  }

  /** The known items of the line as the sequence of a user. */
  UserSequence toSequence(String user) {
    return UserSequence.of(user, Arrays.copyOf(items, size));
  }
}
