package io.github.alphafuse.examples.option;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.github.alphafuse.backbones.strategy.AdaptedItemEmbedding;
import io.github.alphafuse.backbones.strategy.IDreamRec;
import io.github.alphafuse.backbones.strategy.LlmEsr;
import io.github.alphafuse.backbones.strategy.MoRec;
import io.github.alphafuse.backbones.strategy.RlmRec;
import io.github.alphafuse.backbones.strategy.StrategyBuilder;
import io.github.alphafuse.backbones.strategy.UniSRec;
import io.github.alphafuse.backbones.strategy.WhitenRec;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The methods of embedding items, named as in the authors' scripts. To add a method, add a
 * constant.
 */
public enum ModelType {
  /** AlphaFuse: the text, with IDs in its null space. */
  ALPHA_FUSE(
      "AlphaFuse",
      Use.COMPARED,
      "frozen text with trained IDs in its null space",
      ModelType::fused),
  /** SASRec: IDs only. */
  SAS_REC("SASRec", Use.SAS_REC, "trained IDs alone", ModelType::ids, "id"),
  /** LLMInit: IDs that start from the text. */
  LLM_INIT("LLMInit", Use.COMPARED, "trained IDs that start from the text", ModelType::idsFromText),
  /** The text only, cut to the width that AlphaFuse uses. */
  TEXT_ONLY("TextOnly", Use.NAMED, "frozen text alone, d leading directions", ModelType::text),
  /** MoRec: an adapter of the text. */
  MO_REC(
      "MoRec",
      Use.COMPARED,
      "frozen text through a trained layer",
      in -> Items.of(in.common(MoRec.builder(in.text)).build())),
  /** WhitenRec: an adapter of whitened text. */
  WHITEN_REC(
      "WhitenRec", Use.COMPARED, "whitened text through a trained layer", ModelType::whitened),
  /** UniSRec: a mixture of adapters of the text. */
  UNI_S_REC(
      "UniSRec",
      Use.COMPARED,
      "frozen text through trained experts",
      in -> Items.of(in.common(UniSRec.builder(in.text)).build())),
  /** RLMRec, contrastive. */
  RLM_REC_CON(
      "RLMRec_con",
      Use.COMPARED,
      "trained IDs aligned with a prediction from the text",
      in -> in.rlmRec(RlmRec.Direction.CON),
      "rlmrec"),
  /** RLMRec, generative. */
  RLM_REC_GEN(
      "RLMRec_gen",
      Use.COMPARED,
      "trained IDs from which the text is predicted",
      in -> in.rlmRec(RlmRec.Direction.GEN)),
  /** LLM-ESR: two views of an item. */
  LLM_ESR(
      "LLM-ESR",
      Use.COMPARED,
      "trained IDs and text as two views, with cross-attention",
      ModelType::twoViews),
  /** DreamRec: IDs only. */
  DREAM_REC("DreamRec", Use.DIFFUSION, "trained IDs alone", ModelType::ids),
  /** iDreamRec: the text only. */
  I_DREAM_REC("iDreamRec", Use.DIFFUSION, "whitened text alone, all columns", ModelType::wholeText);

  private final String label;
  private final Use use;
  private final String description;
  private final Builder builder;
  private final ImmutableList<String> aliases;

  ModelType(String label, Use use, String description, Builder builder, String... aliases) {
    this.label = label;
    this.use = use;
    this.description = description;
    this.builder = builder;
    this.aliases = ImmutableList.copyOf(aliases);
  }

  /** When {@code all} includes a method in a comparison. */
  private enum Use {
    /** With every backbone. */
    COMPARED,
    /** With SASRec; with a diffusion only if it is named. */
    SAS_REC,
    /** With a diffusion only. */
    DIFFUSION,
    /** Only if it is named. */
    NAMED
  }

  @FunctionalInterface
  private interface Builder {
    Items build(Input input);
  }

  /**
   * The embedding of the items by a method.
   *
   * @param embedding the embedding
   * @param projector the projector that decomposed the text, if there is one
   */
  public record Items(ItemEmbedding embedding, Optional<NullSpaceProjector> projector) {
    /** {@return a message about the directions left out of the text, if there are any} */
    public Optional<String> leftOut() {
      return projector.flatMap(ProjectionOptions::leftOut);
    }

    private static Items of(ItemEmbedding embedding) {
      return new Items(embedding, Optional.empty());
    }

    private static Items of(FusedItemEmbedding embedding) {
      return new Items(embedding, embedding.projector());
    }
  }

  /**
   * The input of an item embedding.
   *
   * @param text the language embeddings [N, d_l]
   * @param frequencies how often each of the N items occurs in training data
   * @param options the options to build it with
   */
  record Input(LanguageEmbeddings text, long[] frequencies, SequenceOptions options) {
    private <B extends StrategyBuilder<B>> B common(B builder) {
      ProjectionOptions projection = options.projection();
      return builder
          .dim(projection.dim(text))
          .normalize(projection.normalize)
          .scale(projection.scale)
          .seed(options.model().seed);
    }

    private Items rlmRec(RlmRec.Direction direction) {
      return Items.of(
          common(RlmRec.builder(text))
              .dim(options.projection().idDim(text))
              .direction(direction)
              .idInitializer(options.model().initializer())
              .build());
    }
  }

  private static Items fused(Input in) {
    return fusedBy(in, in.options.projection().fit(in.text, in.frequencies));
  }

  private static Items text(Input in) {
    return fusedBy(in, in.options.projection().fitLanguageOnly(in.text, in.frequencies));
  }

  private static Items fusedBy(Input in, NullSpaceProjector projector) {
    return Items.of(
        FusedItemEmbedding.builder(projector, in.text)
            .idInitializer(in.options.model().initializer())
            .seed(in.options.model().seed)
            .build());
  }

  private static Items ids(Input in) {
    return Items.of(
        IdItemEmbedding.builder(in.text.itemCount(), in.options.projection().idDim(in.text))
            .initializer(in.options.model().initializer())
            .seed(in.options.model().seed)
            .build());
  }

  private static Items whitened(Input in) {
    AdaptedItemEmbedding items = in.common(WhitenRec.builder(in.text)).build();
    return new Items(items, items.projector());
  }

  private static Items twoViews(Input in) {
    ProjectionOptions projection = in.options.projection();
    LlmEsr.Builder builder =
        in.common(LlmEsr.builder(in.text))
            .standardize(projection.standardization)
            .rowScale(projection.rowScale);
    if (projection.hiddenDim == null) {
      builder.maxDim(projection.dim(in.text));
    }
    if (in.options.isDiffusion()) {
      builder.halfwayHiddenDim();
    }
    LlmEsr items = builder.build();
    return new Items(items, Optional.of(items.projector()));
  }

  /** Like LlmInit, but with item weights if these are enabled. */
  private static Items idsFromText(Input in) {
    NullSpaceProjector projector = in.options.projection().fitLanguageOnly(in.text, in.frequencies);
    IdItemEmbedding items =
        IdItemEmbedding.builder(in.text.itemCount(), projector.embeddingDim())
            .rows(projector.project(in.text, ElementType.FLOAT32))
            .build();
    return new Items(items, Optional.of(projector));
  }

  private static Items wholeText(Input in) {
    ProjectionOptions projection = in.options.projection();
    FusedItemEmbedding items =
        IDreamRec.builder(in.text).normalize(projection.normalize).scale(projection.scale).build();
    projection.requireWholeRows(I_DREAM_REC, items.dim());
    return Items.of(items);
  }

  Items items(Input input) {
    return builder.build(input);
  }

  /** {@return a description of the rows of items} */
  public String description() {
    return description;
  }

  /** {@return whether the name means a model that is trained as a diffusion} */
  public boolean isDiffusion() {
    return use == Use.DIFFUSION;
  }

  /** Returns the flags of text, null space and IDs that this method does not use. */
  ImmutableSet<String> unused() {
    Set<String> used =
        switch (this) {
          case ALPHA_FUSE -> Flags.ALL;
          case SAS_REC, DREAM_REC -> Flags.OF_IDS;
          case LLM_INIT, TEXT_ONLY -> Sets.union(Flags.OF_ROWS, Flags.OF_COLUMNS);
          case RLM_REC_CON, RLM_REC_GEN -> Sets.union(Flags.OF_IDS, Flags.OF_ROWS);
          case LLM_ESR ->
              Sets.union(Flags.OF_ROWS, ImmutableSet.of("--standardization", "--row_scale"));
          case MO_REC, WHITEN_REC, UNI_S_REC, I_DREAM_REC -> Flags.OF_ROWS;
        };
    return ImmutableSet.copyOf(Sets.difference(Flags.ALL, used));
  }

  /** The flags that only some methods use. */
  private static final class Flags {
    static final ImmutableSet<String> OF_IDS = ImmutableSet.of("--ID_embs_init_type", "--id_scale");
    static final ImmutableSet<String> OF_ROWS = ImmutableSet.of("--normalize", "--scale");
    static final ImmutableSet<String> OF_COLUMNS =
        ImmutableSet.of("--standardization", "--row_scale", "--item_frequency_flag", "--solver");
    static final ImmutableSet<String> ALL =
        ImmutableSet.<String>builder()
            .addAll(OF_IDS)
            .addAll(OF_ROWS)
            .addAll(OF_COLUMNS)
            .add("--null_dim", "--null_thres", "--cover")
            .build();
  }

  /** Whether IDs start from normal values instead of zeros by default. */
  boolean startsFromNormal() {
    return this == SAS_REC || this == RLM_REC_CON || this == RLM_REC_GEN;
  }

  /**
   * Returns the types that are compared on a backbone.
   *
   * @param backbone a backbone of sequences
   * @return the types, in their order
   */
  public static List<ModelType> compared(Backbone backbone) {
    Use own = backbone.isDiffusion() ? Use.DIFFUSION : Use.SAS_REC;
    return Arrays.stream(values())
        .filter(method -> method.use == Use.COMPARED || method.use == own)
        .toList();
  }

  /**
   * Returns the type with a name.
   *
   * @param name a name; case, dashes and underscores are ignored
   * @return the type, if there is one
   */
  public static Optional<ModelType> find(String name) {
    return Arrays.stream(values())
        .filter(method -> method.names().stream().anyMatch(known -> key(known).equals(key(name))))
        .findFirst();
  }

  /**
   * Returns the type with a name.
   *
   * @param name a name; case, dashes and underscores are ignored
   * @return the type
   * @throws TypeConversionException if there is none
   */
  public static ModelType named(String name) {
    Optional<ModelType> found = find(name);
    if (found.isPresent()) {
      return found.get();
    }
    List<String> known =
        Arrays.stream(values()).flatMap(method -> method.names().stream()).toList();
    throw new TypeConversionException(
        "expected one of "
            + Arrays.asList(values())
            + ", found '"
            + name
            + "'"
            + NearestName.find(key(name), known.stream().map(ModelType::key).toList())
                .map(near -> NearestName.question(named(near)))
                .orElse(""));
  }

  private List<String> names() {
    List<String> names = new ArrayList<>(aliases);
    names.add(label);
    return names;
  }

  private static String key(String name) {
    return Choices.key(name.strip());
  }

  @Override
  public String toString() {
    return label;
  }

  /** Converts the name of a method. */
  static final class Converter implements ITypeConverter<ModelType> {
    @Override
    public ModelType convert(String name) {
      return named(name);
    }
  }
}
