package io.github.alphafuse.examples.command;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A method to be compared, with settings of its own.
 *
 * @param name what it is called in the tables
 * @param method what the method itself is called
 * @param description what it does
 * @param flags the options that make the method, as they are written
 * @param settings its own options by the names of their flags, without dashes
 */
record Variant(
    String name,
    String method,
    String description,
    ImmutableList<String> flags,
    ImmutableMap<String, String> settings) {
  static final String ALL = "all";
  static final String ABLATIONS = "ablations";

  /** The methods of a backbone by their names. */
  interface Roster {
    /** The methods that a name stands for together; none where it is no such name. */
    List<Variant> group(String name, Map<String, String> settings);

    /** The one method of a name. */
    Variant method(String name, Map<String, String> settings);
  }

  /**
   * Reads methods between commas: {@code all}, {@code ablations}, {@code METHOD}, {@code
   * METHOD:key=value,key=value} or {@code NAME=METHOD:key=value,key=value}.
   */
  static List<Variant> parse(List<String> texts, Roster roster) {
    List<String> tokens = new ArrayList<>();
    texts.forEach(
        text -> tokens.addAll(Splitter.on(',').trimResults().omitEmptyStrings().splitToList(text)));
    Map<String, Variant> variants = new LinkedHashMap<>();
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      int colon = token.indexOf(':');
      String head = colon < 0 ? token : token.substring(0, colon);
      Map<String, String> settings = new LinkedHashMap<>();
      if (colon >= 0) {
        setting(head, token.substring(colon + 1), settings);
      }
      while (i + 1 < tokens.size() && isSetting(tokens.get(i + 1))) {
        setting(head, tokens.get(++i), settings);
      }
      for (Variant variant : read(head, settings, roster)) {
        Variant before = variants.putIfAbsent(variant.name, variant);
        if (before != null && !before.equals(variant)) {
          throw new IllegalArgumentException(
              "--methods names " + variant.name + " twice: call one of them NAME=METHOD:...");
        }
      }
    }
    if (variants.isEmpty()) {
      throw new IllegalArgumentException("--methods names no method");
    }
    return List.copyOf(variants.values());
  }

  private static boolean isSetting(String token) {
    return token.indexOf(':') < 0 && token.indexOf('=') >= 0;
  }

  private static void setting(String head, String text, Map<String, String> settings) {
    int equals = text.indexOf('=');
    if (equals <= 0) {
      throw new IllegalArgumentException(
          "--methods " + head + ": expected key=value, found '" + text + "'");
    }
    settings.put(text.substring(0, equals).strip(), text.substring(equals + 1).strip());
  }

  private static List<Variant> read(String head, Map<String, String> settings, Roster roster) {
    List<Variant> group = roster.group(head, settings);
    if (!group.isEmpty()) {
      return group;
    }
    int equals = head.indexOf('=');
    Variant method = roster.method(head.substring(equals + 1), settings);
    String name = equals < 0 ? method.name : head.substring(0, equals).strip();
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.+-]*")) {
      throw new IllegalArgumentException(
          "--methods: a name has letters, digits and _ . + - only, found '" + name + "'");
    }
    return List.of(
        new Variant(name, method.method, method.description, method.flags, method.settings));
  }
}
