package io.github.alphafuse.examples.web;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * The named values of a request. A value that is not of the wanted kind is refused.
 *
 * <p>Names are those of a query, such as {@code min_score}.
 */
interface Parameters {
  /** The largest number of items that an answer may have. */
  int MOST_ITEMS = 1_000;

  /** The largest number of ids in a list. */
  int MOST_TEXTS = 10_000;

  boolean isGiven(String name);

  /** The texts under a name, which may be given several times. */
  ImmutableList<String> texts(String name);

  Optional<String> text(String name);

  Optional<Boolean> flag(String name);

  Optional<Double> number(String name);

  /** A number of items, from 1 to {@link #MOST_ITEMS}. */
  int count(String name, int otherwise);

  static String wholeNumber() {
    return " must be a whole number from 1 to " + MOST_ITEMS + ", found ";
  }

  /** A value in a message, cut if it is long. */
  static String shown(String value) {
    String first = value.length() <= 60 ? value : value.substring(0, 60) + "…";
    StringBuilder shown = new StringBuilder();
    first
        .codePoints()
        .map(c -> Character.isISOControl(c) || isHalf(c) ? '\uFFFD' : c)
        .forEach(shown::appendCodePoint);
    return "'" + shown + "'";
  }

  private static boolean isHalf(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
