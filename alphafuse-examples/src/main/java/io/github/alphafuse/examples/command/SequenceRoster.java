package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The names of the methods of a sequence backbone.
 *
 * @param recipe the backbone
 * @param projection how the ablated method decomposes the text
 * @param text the text
 * @param frequencies how often each item occurs in training data
 */
record SequenceRoster(
    Recipe recipe, ProjectionOptions projection, LanguageEmbeddings text, long[] frequencies)
    implements Variant.Roster {

  @Override
  public List<Variant> group(String name, Map<String, String> settings) {
    return switch (name) {
      case Variant.ALL ->
          Method.compared(recipe).stream()
              .map(method -> of(method, method.toString(), settings))
              .toList();
      case Variant.ABLATIONS -> ablations(settings);
      default -> List.of();
    };
  }

  @Override
  public Variant method(String name, Map<String, String> settings) {
    GraphMethod.find(name)
        .ifPresent(
            graph -> {
              throw new IllegalArgumentException(
                  "--methods " + graph + " is a graph model: add --backbone graph");
            });
    Method method;
    try {
      method = Method.named(name);
    } catch (picocli.CommandLine.TypeConversionException e) {
      throw new IllegalArgumentException("--methods: " + e.getMessage(), e);
    }
    if (method.isDiffusion() && !recipe.isDiffusion()) {
      throw new IllegalArgumentException(
          "--methods " + method + " is a diffusion: add --backbone dreamrec");
    }
    return of(method, method.toString(), settings);
  }

  private static Variant of(Method method, String name, Map<String, String> settings) {
    return of(method, name, settings, method.description());
  }

  private static Variant of(
      Method method, String name, Map<String, String> settings, String description) {
    return new Variant(
        name,
        method.toString(),
        description,
        ImmutableList.of("--model_type=" + method),
        ImmutableMap.copyOf(settings));
  }

  /** The parts of AlphaFuse, each left out in turn. */
  private List<Variant> ablations(Map<String, String> settings) {
    NullSpaceProjector cut;
    NullSpaceProjector whole;
    try {
      cut = projection.fit(text, frequencies);
      whole = projection.fitWhole(text, frequencies, cut);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()));
    }
    String dim = Integer.toString(cut.embeddingDim());
    Map<String, String> unclipped = new LinkedHashMap<>();
    unclipped.put("hidden_dim", Integer.toString(whole.embeddingDim()));
    if (!projection.hasThreshold()) {
      unclipped.put("null_dim", Integer.toString(cut.nullDim()));
    } else if (cut.directionsLeftOut() > 0) {
      // As wide as it can be already; of a width that is given the threshold would count all.
      unclipped.clear();
    }
    return List.of(
        of(Method.ALPHA_FUSE, "AlphaFuse", settings),
        of(
            Method.LLM_INIT,
            "without-frozen-text",
            settings,
            "the text part Z is trained too, in all columns (LLMInit)"),
        of(
            Method.ALPHA_FUSE,
            "without-clipping",
            merged(unclipped, settings),
            "all columns of the text are kept, d = d_l"
                + (whole.directionsLeftOut() > 0
                    ? " but for " + whole.directionsLeftOut() + " without variance"
                    : "")
                + "; IDs in the last of them"),
        of(
            Method.ALPHA_FUSE,
            "without-standardisation",
            merged(Map.of("standardization", "false"), settings),
            "columns keep their variances"),
        of(
            Method.ALPHA_FUSE,
            "without-decomposition",
            merged(Map.of("null_dim", dim), settings),
            "no part of the rows is kept free of IDs: they are added in all d columns, d_n = d"));
  }

  private static Map<String, String> merged(Map<String, String> own, Map<String, String> given) {
    Map<String, String> all = new LinkedHashMap<>(given);
    all.putAll(own);
    return all;
  }
}
