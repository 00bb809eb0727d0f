package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.ModelType;
import io.github.alphafuse.examples.option.ProjectionOptions;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.TypeConversionException;

/**
 * The methods of a sequence backbone.
 *
 * @param backbone the backbone
 * @param projection the decomposition of the text by the ablated method
 * @param text the text
 * @param frequencies how often each item occurs in training data
 */
record SequenceMethods(
    Backbone backbone, ProjectionOptions projection, LanguageEmbeddings text, long[] frequencies)
    implements Method.Names {

  @Override
  public List<Method> group(String name) {
    return switch (name) {
      case Method.ALL -> ModelType.compared(backbone).stream().map(SequenceMethods::of).toList();
      case Method.ABLATIONS -> ablations();
      default -> List.of();
    };
  }

  @Override
  public Method method(String name) {
    GraphMethods.find(name)
        .ifPresent(
            graph -> {
              throw new IllegalArgumentException(
                  "--methods " + graph.name() + " is a graph model: add --backbone graph");
            });
    ModelType type;
    try {
      type = ModelType.named(name);
    } catch (TypeConversionException e) {
      throw new IllegalArgumentException("--methods: " + e.getMessage(), e);
    }
    if (type.isDiffusion() && !backbone.isDiffusion()) {
      throw new IllegalArgumentException(
          "--methods " + type + " is a diffusion: add --backbone dreamrec");
    }
    return of(type);
  }

  private static Method of(ModelType type) {
    return of(type, type.description());
  }

  private static Method of(ModelType type, String description) {
    return new Method(type.toString(), description, "--model_type=" + type);
  }

  /** Returns AlphaFuse without each of its parts in turn. */
  private List<Method> ablations() {
    NullSpaceProjector cut;
    NullSpaceProjector whole;
    try {
      cut = projection.fit(text, frequencies);
      whole = projection.fitWhole(text, frequencies, cut);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()));
    }
    ImmutableMap.Builder<String, String> unclipped = ImmutableMap.builder();
    String width = Integer.toString(whole.embeddingDim());
    if (!projection.hasThreshold()) {
      unclipped.put("hidden_dim", width).put("null_dim", Integer.toString(cut.nullDim()));
    } else if (cut.directionsLeftOut() == 0) {
      // If directions were left out, the width is already the largest. A given width would make the
      // threshold count all directions.
      unclipped.put("hidden_dim", width);
    }
    return List.of(
        of(ModelType.ALPHA_FUSE),
        of(ModelType.LLM_INIT, "the text part Z is trained too, in all columns (LLMInit)")
            .named("without-frozen-text"),
        of(
                ModelType.ALPHA_FUSE,
                "all columns of the text are kept, d = d_l"
                    + (whole.directionsLeftOut() > 0
                        ? " except " + whole.directionsLeftOut() + " without variance"
                        : "")
                    + "; IDs in the last columns")
            .named("without-clipping")
            .with(unclipped.buildOrThrow()),
        of(ModelType.ALPHA_FUSE, "columns keep their variances")
            .named("without-standardisation")
            .with(Map.of("standardization", "false")),
        of(
                ModelType.ALPHA_FUSE,
                "no part of the rows is kept free of IDs: they are added in all d columns, d_n = d")
            .named("without-decomposition")
            .with(Map.of("null_dim", Integer.toString(cut.embeddingDim()))));
  }
}
