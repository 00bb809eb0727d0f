package io.github.alphafuse.examples.compare;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A method to compare, with its own settings.
 *
 * @param name the name in the tables
 * @param type the name of the method itself
 * @param description a description of the method
 * @param flags the options that select the method, as written on the command line
 * @param settings its own options, by the names of their flags without dashes
 */
record Method(
    String name,
    String type,
    String description,
    ImmutableList<String> flags,
    ImmutableMap<String, String> settings) {
  static final String ALL = "all";
  static final String ABLATIONS = "ablations";

  /** The methods of a backbone by their names. */
  interface Names {
    /** Returns the methods of a group, or none if the name is not a group. */
    List<Method> group(String name);

    /** Returns the method with a name. */
    Method method(String name);
  }

  /** Creates a method under its own name, without settings. */
  Method(String type, String description, String... flags) {
    this(type, type, description, ImmutableList.copyOf(flags), ImmutableMap.of());
  }

  /** Returns this method under another name. */
  Method named(String other) {
    return new Method(other, type, description, flags, settings);
  }

  /** Returns this method with more settings. Its own settings take precedence. */
  Method with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(more);
    all.putAll(settings);
    return new Method(name, type, description, flags, ImmutableMap.copyOf(all));
  }

  /**
   * Parses methods separated by commas: {@code all}, {@code ablations}, {@code METHOD}, {@code
   * METHOD:key=value,key=value} or {@code NAME=METHOD:key=value,key=value}.
   */
  static List<Method> parse(List<String> texts, Names names) {
    List<String> tokens = new ArrayList<>();
    texts.forEach(
        text -> tokens.addAll(Splitter.on(',').trimResults().omitEmptyStrings().splitToList(text)));
    Map<String, Method> methods = new LinkedHashMap<>();
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
      for (Method found : read(head, names)) {
        Method method = found.with(settings);
        Method before = methods.putIfAbsent(method.name, method);
        if (before != null && !before.equals(method)) {
          throw new IllegalArgumentException(
              "--methods names " + method.name + " twice: call one of them NAME=METHOD:...");
        }
      }
    }
    if (methods.isEmpty()) {
      throw new IllegalArgumentException("--methods names no method");
    }
    return List.copyOf(methods.values());
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

  private static List<Method> read(String head, Names names) {
    List<Method> group = names.group(head);
    if (!group.isEmpty()) {
      return group;
    }
    int equals = head.indexOf('=');
    Method method = names.method(head.substring(equals + 1));
    String name = equals < 0 ? method.name : head.substring(0, equals).strip();
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.+-]*")) {
      throw new IllegalArgumentException(
          "--methods: a name must consist of letters, digits and _ . + -, found '" + name + "'");
    }
    return List.of(method.named(name));
  }
}
