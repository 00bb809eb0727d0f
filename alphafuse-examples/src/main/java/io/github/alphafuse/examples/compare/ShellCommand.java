package io.github.alphafuse.examples.compare;

import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** A command for a POSIX shell. Words with special characters are quoted. */
final class ShellCommand {
  private static final String PLAIN = "[A-Za-z0-9_@%+:,./=-]+";

  private final StringBuilder text = new StringBuilder();

  ShellCommand(String... words) {
    for (String word : words) {
      add(word);
    }
  }

  /** Adds a word. In an option with its value, only the value is quoted. */
  void add(String word) {
    String flag = word.matches("--?\\w[\\w-]*=.*") ? word.substring(0, word.indexOf('=') + 1) : "";
    text.append(text.length() == 0 ? "" : " ")
        .append(flag)
        .append(quoted(word.substring(flag.length())));
  }

  /** Adds a given option, with its values as the user wrote them. */
  void add(OptionSpec option) {
    List<String> values = option.originalStringValues();
    if (option.arity().max() == 0) {
      add(option.longestName());
    } else if (option.arity().max() == 1) {
      add(option.longestName() + "=" + String.join(",", values));
    } else {
      add(option.longestName());
      values.forEach(this::add);
    }
  }

  /** Returns a word quoted so that a shell reads it unchanged. */
  private static String quoted(String word) {
    return word.matches(PLAIN) ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
