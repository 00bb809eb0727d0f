package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.encoder.SequenceModelBuilder;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The shape of a model and its initial values. */
@Heading("Model")
final class ModelOptions {
  @Option(
      names = {"--model_type", "--model-type"},
      paramLabel = "NAME",
      converter = ModelType.Converter.class,
      description =
          "Method: AlphaFuse, SASRec (IDs only), LLMInit, TextOnly, MoRec, WhitenRec,"
              + " UniSRec, RLMRec_con, RLMRec_gen or LLM-ESR; for a diffusion also DreamRec"
              + " (IDs only) or iDreamRec (language rows only) (default: ${DEFAULT-VALUE}).")
  ModelType type = ModelType.ALPHA_FUSE;

  @Option(
      names = {"--ID_embs_init_type", "--id-embs-init-type"},
      paramLabel = "NAME",
      description =
          "Initial values of IDs: zeros, normal, uniform, orthogonal, xavier or sparse"
              + " (default: zeros; normal for SASRec, RLMRec and a diffusion).")
  @Nullable String idInit;

  @Option(
      names = {"--random_seed", "--random-seed"},
      paramLabel = "N",
      description =
          "Seed of initial values, example order, negatives, noise and dropout (default: 22).")
  long seed = 22;

  @Option(
      names = {"--num_heads", "--num-heads"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Attention heads (default: ${DEFAULT-VALUE}).")
  int heads = 1;

  @Option(
      names = {"--num_blocks", "--num-blocks"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Self-attention blocks (default: ${DEFAULT-VALUE}).")
  int blocks = 1;

  @Option(
      names = {"--max_length", "--max-length"},
      paramLabel = "L",
      converter = Numbers.Count.class,
      description =
          "Number of latest items of a history that the model uses (default:"
              + " ${DEFAULT-VALUE}).")
  int maxLength = 10;

  @Option(
      names = {"--dropout_rate", "--dropout-rate"},
      paramLabel = "P",
      converter = Numbers.Probability.class,
      description =
          "Dropout probability (default: 0.2 with recommended settings, otherwise"
              + " ${DEFAULT-VALUE}).")
  double dropout = 0.1;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "Compute engine: auto, fused (CPU kernels) or samediff (ND4J graph) (default: auto).")
  Engine engine = Engine.AUTO;

  @Option(
      names = {"--position_scale", "--position-scale"},
      paramLabel = "X",
      converter = Numbers.Positive.class,
      description =
          "Initial standard deviation of the positional embedding (default: 0.3 with"
              + " recommended settings, otherwise ${DEFAULT-VALUE}).")
  double positionScale = 1;

  @Option(
      names = {"--id_scale", "--id-scale"},
      paramLabel = "X",
      converter = Numbers.Positive.class,
      description =
          "Factor of the initial values of IDs (default: 0.1 with recommended settings,"
              + " otherwise ${DEFAULT-VALUE}).")
  double idScale = 1;

  @Option(
      names = "--similarity",
      paramLabel = "NAME",
      description =
          "Similarity that ranks items: inner_product or cosine (default: that of the loss;"
              + " inner_product for published settings and a diffusion).")
  @Nullable Similarity similarity;

  private final Backbone backbone;

  ModelOptions(Backbone backbone) {
    this.backbone = backbone;
  }

  IdInitializer initializer() {
    String name = idInit;
    if (name == null) {
      name = backbone.isDiffusion() || type.startsFromNormal() ? "normal" : "zeros";
    }
    return IdInitializer.named(name).scaled(idScale);
  }

  /** Checks the combination of options. */
  void check() {
    initializer();
    if (type.isDiffusion() && !backbone.isDiffusion()) {
      throw new IllegalArgumentException(
          "--model_type " + type + " is a diffusion: train it with train_diffusion");
    }
  }

  /**
   * Builds a model. If no similarity is given, {@code innerProduct} makes it rank by inner product
   * whatever its loss.
   */
  SasRec sasRec(ItemEmbedding items, ItemVocabulary vocabulary, boolean innerProduct) {
    SasRec.Builder builder = SasRec.builder(items);
    if (similarity != null || innerProduct) {
      builder.similarity(similarity == null ? Similarity.INNER_PRODUCT : similarity);
    }
    return applyTo(builder, vocabulary).build();
  }

  DreamRec.Builder dreamRec(ItemEmbedding items, ItemVocabulary vocabulary) {
    return applyTo(DreamRec.builder(items), vocabulary)
        .similarity(similarity == null ? Similarity.INNER_PRODUCT : similarity)
        .samplingSeed(seed);
  }

  /** Applies the options that both backbones share. */
  private <B extends SequenceModelBuilder<B>> B applyTo(B model, ItemVocabulary vocabulary) {
    return model
        .positionScale(positionScale)
        .vocabulary(vocabulary)
        .maxLength(maxLength)
        .heads(heads)
        .blocks(blocks)
        .dropout(dropout)
        .engine(engine)
        .seed(seed);
  }

  void describe(Map<String, Object> settings) {
    settings.put("model_type", type.toString());
    settings.put("ID_embs_init_type", initializer().name());
    settings.put("random_seed", seed);
    settings.put("num_heads", heads);
    settings.put("num_blocks", blocks);
    settings.put("max_length", maxLength);
    settings.put("dropout_rate", dropout);
    settings.put("position_scale", positionScale);
    settings.put("id_scale", idScale);
    settings.put(
        "similarity", similarity == null ? "" : similarity.toString().toLowerCase(Locale.ROOT));
    settings.put("engine", engine.toString().toLowerCase(Locale.ROOT));
  }
}
