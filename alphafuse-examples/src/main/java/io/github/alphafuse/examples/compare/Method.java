package io.github.alphafuse.examples.compare;

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
 * @param type what the method itself is called
 * @param description what it does
 * @param flags the options that make the method, as they are written
 * @param settings its own options by the names of their flags, without dashes
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
    /** The methods that a name stands for together; none where it is no such name. */
    List<Method> group(String name);

    /** The one method of a name. */
    Method method(String name);
  }

  /** A method by its own name, without settings. */
  Method(String type, String description, String... flags) {
    this(type, type, description, ImmutableList.copyOf(flags), ImmutableMap.of());
  }

  /** The same method under another name. */
  Method named(String other) {
    return new Method(other, type, description, flags, settings);
  }

  /** The same method with more settings, of which its own win. */
  Method with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(more);
    all.putAll(settings);
    return new Method(name, type, description, flags, ImmutableMap.copyOf(all));
  }

  /**
   * Reads methods between commas: {@code all}, {@code ablations}, {@code METHOD}, {@code
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
          "--methods: a name has letters, digits and _ . + - only, found '" + name + "'");
    }
    return List.of(method.named(name));
  }
}
