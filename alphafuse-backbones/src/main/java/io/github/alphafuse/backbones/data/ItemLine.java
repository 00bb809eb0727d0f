package io.github.alphafuse.backbones.data;

import java.util.Arrays;

/**
 * The items of a line of text, separated by spaces, TABs and single commas, in storage that is
 * reused for the next line. Not thread-safe.
 */
final class ItemLine {
  /** Numbers of up to this number of digits do not overflow. */
  private static final int MOST_DIGITS = 9;

  private final ItemResolver resolver;

  /** The number of items whose ids are their rows, which need no text; 0 for ids of their own. */
  private final int rowNumbers;

  private int[] items = new int[64];
  private int size;
  private int found;
  private boolean lastKnown;

  ItemLine(ItemResolver resolver) {
    this.resolver = resolver;
    this.rowNumbers = resolver.rowNumbers();
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
        int number = 0;
        boolean digits = true;
        while (at < end && bytes[at] != ' ' && bytes[at] != '\t' && bytes[at] != ',') {
          int digit = bytes[at++] - '0';
          digits &= digit >= 0 && digit <= 9;
          number = 10 * number + digit;
        }
        boolean canonical =
            digits
                && at - tokenStart <= MOST_DIGITS
                && (bytes[tokenStart] != '0' || at - tokenStart == 1);
        add(
            canonical && number < rowNumbers
                ? number
                : resolver.row(lines.text(tokenStart, at), lines.place()));
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
    return UserSequence.ofOwned(user, Arrays.copyOf(items, size));
  }
}
