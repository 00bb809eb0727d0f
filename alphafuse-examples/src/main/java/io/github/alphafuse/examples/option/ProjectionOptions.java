package io.github.alphafuse.examples.option;

import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.nullspace.RowNormalization;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for the decomposition of language embeddings. */
@Heading("Text and its null space")
public final class ProjectionOptions {
  private static final int PUBLISHED_DIM = 128;
  private static final double PUBLISHED_THRESHOLD = 0.25;

  @Option(
      names = {"--hidden_dim", "--hidden-dim"},
      paramLabel = "D",
      converter = Numbers.Count.class,
      description =
          "Embedding dimension d (default: 128, or the width of the language embeddings if"
              + " that is smaller; for a diffusion that width, or 128 for IDs only). Without"
              + " this option, standardised columns omit directions of the text that have no"
              + " variance.")
  @Nullable Integer hiddenDim;

  @Option(
      names = {"--null_dim", "--null-dim"},
      paramLabel = "N",
      converter = Numbers.CountOrZero.class,
      description =
          "Dimension of the null space d_n (default: d with recommended settings, otherwise"
              + " half of d; for a diffusion the result of --null_thres 0.25).")
  @Nullable Integer nullDim;

  @Option(
      names = {"--null_thres", "--null-thres"},
      paramLabel = "S",
      converter = Numbers.NotNegative.class,
      description = "Largest variance of a null direction; overrides --null_dim.")
  @Nullable Double nullThreshold;

  @Option(
      names = {"--scale", "--emb_std", "--emb-std"},
      paramLabel = "X",
      converter = Numbers.Positive.class,
      description = "Factor of the normalised rows (default: ${DEFAULT-VALUE}).")
  double scale = 40;

  @Option(
      names = {"--row_scale", "--row-scale"},
      paramLabel = "X",
      converter = Numbers.Positive.class,
      description =
          "Factor of the rows of text after standardisation (default: 0.3 with recommended"
              + " settings, otherwise ${DEFAULT-VALUE}).")
  double rowScale = 1;

  /** Whether IDs are trained in all columns by default. */
  boolean trainsAllColumns;

  /** The number that a default width is a multiple of. */
  int widthFactor = 1;

  @Option(
      names = "--normalize",
      paramLabel = "HOW",
      description =
          "Divide all rows by their mean norm (mean), each row by its own norm (rows), or not"
              + " at all (none); default: ${DEFAULT-VALUE}.")
  RowNormalization normalize = RowNormalization.MEAN;

  @Option(
      names = "--standardization",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Divide the columns by their standard deviation (default: ${DEFAULT-VALUE}).")
  boolean standardization = true;

  @Option(
      names = "--cover",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Replace the null columns by IDs instead of adding IDs to them (default:"
              + " ${DEFAULT-VALUE}).")
  boolean cover;

  @Option(
      names = {"--item_frequency_flag", "--item-frequency-flag"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Weight items by how often they occur in training data (default: ${DEFAULT-VALUE}).")
  boolean itemFrequency;

  @Option(
      names = "--solver",
      paramLabel = "HOW",
      description =
          "Find all directions (exact), or only the d leading ones by iteration (randomized;"
              + " not with --null_thres); default: ${DEFAULT-VALUE}.")
  SolverType solver = SolverType.EXACT;

  @Option(
      names = {"--trans_type", "--trans-type"},
      paramLabel = "Null",
      hidden = true,
      description = "Accepted for older scripts; Null is the only value.")
  @Nullable String transType;

  private final Backbone backbone;

  /**
   * Creates the options with their defaults.
   *
   * @param backbone the backbone whose items are embedded
   */
  public ProjectionOptions(Backbone backbone) {
    this.backbone = backbone;
  }

  /** Returns the dimension of rows made from text, or its maximum if no dimension is given. */
  int dim(LanguageEmbeddings embeddings) {
    if (hiddenDim != null) {
      return hiddenDim;
    }
    return backbone.isDiffusion() ? embeddings.dim() : Math.min(PUBLISHED_DIM, embeddings.dim());
  }

  /** Returns the dimension of a table of IDs that start from random values. */
  int idDim(LanguageEmbeddings embeddings) {
    return hiddenDim == null && backbone.isDiffusion() ? PUBLISHED_DIM : dim(embeddings);
  }

  /** Checks the combination of options. */
  public void check() {
    if (transType != null && !transType.equalsIgnoreCase("null")) {
      throw new IllegalArgumentException("--trans_type must be Null, found '" + transType + "'");
    }
    if (cover && trainsAllColumns && nullDim == null && nullThreshold == null) {
      throw new IllegalArgumentException(
          "--cover replaces text by IDs, and with recommended settings it would replace all"
              + " columns: give --null_dim too");
    }
    if (hiddenDim != null && nullDim != null && nullDim > hiddenDim) {
      throw new IllegalArgumentException(
          "--null_dim must be at most --hidden_dim " + hiddenDim + ", found " + nullDim);
    }
  }

  /** Checks that no option cuts language rows, apart from directions without variance. */
  void requireWholeRows(ModelType type, int width) {
    if (hiddenDim != null && hiddenDim != width) {
      throw new CommandFailedException(
          type
              + " takes whole language rows: --hidden_dim must be their width "
              + width
              + ", found "
              + hiddenDim);
    }
  }

  private @Nullable Double threshold() {
    return nullThreshold == null && nullDim == null && backbone.isDiffusion()
        ? Double.valueOf(PUBLISHED_THRESHOLD)
        : nullThreshold;
  }

  /** {@return whether a threshold, and not a dimension, determines the null space} */
  public boolean hasThreshold() {
    return threshold() != null;
  }

  /**
   * Describes how many directions of the text were left out, and the width that remains.
   *
   * @param projector the projector of the text
   * @return a line of output, or empty if nothing was left out
   */
  public static Optional<String> leftOut(NullSpaceProjector projector) {
    int count = projector.directionsLeftOut();
    return count == 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "Left out:   %d of %d directions of the text, which have no variance; the"
                    + " width used is %d",
                count,
                projector.languageDim(),
                projector.embeddingDim()));
  }

  /** {@return whether items are weighted by how often they occur} */
  public boolean weighsItems() {
    return itemFrequency;
  }

  /** Returns a projector without a null space, for models that do not use one. */
  NullSpaceProjector fitLanguageOnly(LanguageEmbeddings embeddings, long[] frequencies) {
    return builder(embeddings, frequencies).nullDim(0).fit(embeddings);
  }

  /**
   * Decomposes a text.
   *
   * @param embeddings the text [N, d_l]
   * @param frequencies how often each item occurs in training data; used only if {@link
   *     #weighsItems()}
   * @return the projector
   */
  public NullSpaceProjector fit(LanguageEmbeddings embeddings, long[] frequencies) {
    NullSpaceProjector.Builder builder = builder(embeddings, frequencies).cover(cover);
    Double threshold = threshold();
    if (threshold != null) {
      builder.nullThreshold(threshold);
    } else if (nullDim != null) {
      builder.nullDim(nullDim);
    } else {
      builder.nullShare(trainsAllColumns ? 1 : 0.5);
    }
    return builder.fit(embeddings);
  }

  /**
   * Returns a projector that keeps the full width of rows.
   *
   * @param embeddings the text [N, d_l]
   * @param frequencies how often each item occurs in training data
   * @param cut the projector of cut rows; its null dimension is kept unless a threshold is set
   * @return the projector
   */
  public NullSpaceProjector fitWhole(
      LanguageEmbeddings embeddings, long[] frequencies, NullSpaceProjector cut) {
    NullSpaceProjector.Builder builder =
        builder(embeddings, frequencies).cover(cover).maxEmbeddingDim(embeddings.dim());
    Double threshold = threshold();
    return (threshold == null ? builder.nullDim(cut.nullDim()) : builder.nullThreshold(threshold))
        .fit(embeddings);
  }

  private NullSpaceProjector.Builder builder(LanguageEmbeddings embeddings, long[] frequencies) {
    NullSpaceProjector.Builder builder =
        NullSpaceProjector.builder()
            .maxEmbeddingDim(dim(embeddings))
            .embeddingDimMultipleOf(widthFactor)
            .normalize(normalize)
            .scale(scale)
            .standardize(standardization)
            .rowScale(rowScale)
            .solver(solver.solver());
    if (hiddenDim != null) {
      builder.embeddingDim(hiddenDim);
    }
    if (itemFrequency) {
      double[] weights = new double[frequencies.length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = frequencies[i];
      }
      builder.itemWeights(weights);
    }
    return builder;
  }

  void describe(Map<String, Object> settings) {
    settings.put("null_thres", threshold());
    settings.put("scale", scale);
    settings.put("normalize", normalize.toString().toLowerCase(Locale.ROOT));
    settings.put("standardization", standardization);
    settings.put("cover", cover);
    settings.put("row_scale", rowScale);
    settings.put("item_frequency_flag", itemFrequency);
    settings.put("solver", solver.toString());
  }
}
