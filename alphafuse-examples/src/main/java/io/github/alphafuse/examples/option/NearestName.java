package io.github.alphafuse.examples.option;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the known name that an unknown one was probably meant to be. */
public final class NearestName {
  private NearestName() {}

  /**
   * Returns the known name with the fewest edits from an unknown one.
   *
   * @param unknown an unknown name
   * @param names the known names
   * @return the nearest name, if it needs only a few edits
   */
  public static Optional<String> find(String unknown, Collection<String> names) {
    return names.stream()
        .min(Comparator.comparingInt((String name) -> edits(unknown, name)))
        .filter(name -> edits(unknown, name) <= Math.max(2, unknown.length() / 3));
  }

  /**
   * Returns the end of a message about an unknown name.
   *
   * @param unknown the name
   * @param names the known names
   * @return a question, or nothing
   */
  public static String hint(String unknown, Collection<String> names) {
    return find(unknown, names).map(NearestName::question).orElse("");
  }

  /**
   * Returns the end of a message about an unknown name whose meaning was guessed.
   *
   * @param name the name that was meant
   * @return a question
   */
  public static String question(Object name) {
    return "; did you mean " + name + "?";
  }

  /** The Levenshtein distance. */
  private static int edits(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[b.length()];
  }
}
