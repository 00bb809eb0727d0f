package io.github.alphafuse.examples.command;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A method to be compared, with settings of its own.
 *
 * @param name what it is called in the tables
 * @param method how it embeds items
 * @param description what it does
 * @param settings its own options by the names of their flags, without dashes
 */
record Variant(
    String name, Method method, String description, ImmutableMap<String, String> settings) {
  private static final String ALL = "all";
  private static final String ABLATIONS = "ablations";

  /**
   * Reads methods between commas: {@code all}, {@code ablations}, {@code METHOD}, {@code
   * METHOD:key=value,key=value} or {@code NAME=METHOD:key=value,key=value}.
   */
  static List<Variant> parse(List<String> texts, Ablated ablated) {
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
      for (Variant variant : read(head, settings, ablated)) {
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

  /** What ablations are made of. */
  record Ablated(Recipe recipe, ProjectionOptions projection, LanguageEmbeddings text) {}

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

  private static List<Variant> read(String head, Map<String, String> settings, Ablated ablated) {
    if (head.equals(ALL)) {
      return Method.compared(ablated.recipe).stream()
          .map(method -> of(method.toString(), method, settings))
          .toList();
    }
    if (head.equals(ABLATIONS)) {
      return ablations(ablated, settings);
    }
    int equals = head.indexOf('=');
    Method method;
    try {
      method = Method.named(head.substring(equals + 1));
    } catch (picocli.CommandLine.TypeConversionException e) {
      throw new IllegalArgumentException("--methods: " + e.getMessage(), e);
    }
    if (method.isDiffusion() && !ablated.recipe.isDiffusion()) {
      throw new IllegalArgumentException(
          "--methods " + method + " is a diffusion: add --backbone dreamrec");
    }
    String name = equals < 0 ? method.toString() : head.substring(0, equals).strip();
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.+-]*")) {
      throw new IllegalArgumentException(
          "--methods: a name has letters, digits and _ . + - only, found '" + name + "'");
    }
    return List.of(of(name, method, settings));
  }

  private static Variant of(String name, Method method, Map<String, String> settings) {
    return new Variant(name, method, method.description(), ImmutableMap.copyOf(settings));
  }

  /** The parts of AlphaFuse, each left out in turn. */
  private static List<Variant> ablations(Ablated base, Map<String, String> settings) {
    String dim = Integer.toString(base.projection.dim(base.text));
    Map<String, String> unclipped = new LinkedHashMap<>();
    unclipped.put("hidden_dim", Integer.toString(base.text.dim()));
    if (!base.projection.hasThreshold()) {
      unclipped.put("null_dim", Integer.toString(base.projection.chosenNullDim(base.text)));
    }
    return List.of(
        ablation("AlphaFuse", Method.ALPHA_FUSE, Method.ALPHA_FUSE.description(), settings),
        ablation(
            "without-frozen-text",
            Method.LLM_INIT,
            "the text part Z is trained too, in all columns (LLMInit)",
            settings),
        ablation(
            "without-clipping",
            Method.ALPHA_FUSE,
            "all columns of the text are kept, d = d_l; IDs in the last of them",
            merged(unclipped, settings)),
        ablation(
            "without-standardisation",
            Method.ALPHA_FUSE,
            "columns keep their variances",
            merged(Map.of("standardization", "false"), settings)),
        ablation(
            "without-decomposition",
            Method.ALPHA_FUSE,
            "no part of the rows is kept free of IDs: they are added in all d columns, d_n = d",
            merged(Map.of("null_dim", dim), settings)));
  }

  private static Variant ablation(
      String name, Method method, String description, Map<String, String> settings) {
    return new Variant(name, method, description, ImmutableMap.copyOf(settings));
  }

  private static Map<String, String> merged(Map<String, String> own, Map<String, String> given) {
    Map<String, String> all = new LinkedHashMap<>(given);
    all.putAll(own);
    return all;
  }
}
