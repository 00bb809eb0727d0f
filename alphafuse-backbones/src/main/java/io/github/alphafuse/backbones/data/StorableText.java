package io.github.alphafuse.backbones.data;

import java.util.Locale;

/** Text that a saved file can hold in a line of its own. */
final class StorableText {
  private StorableText() {}

  /** Whether a text has no line break and no half of a pair of surrogates. */
  static boolean isStorable(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char character = text.charAt(i);
      if (character == '\n' || character == '\r') {
        return false;
      }
      if (Character.isSurrogate(character)) {
        if (!Character.isHighSurrogate(character)
            || i + 1 == length
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /** The text with what cannot be stored as escapes, for messages. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              if (point == '\n' || point == '\r') {
                escaped.append(point == '\n' ? "\\n" : "\\r");
              } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                escaped.append(String.format(Locale.ROOT, "\\u%04x", point));
              } else {
                escaped.appendCodePoint(point);
              }
            });
    return escaped.toString();
  }
}
