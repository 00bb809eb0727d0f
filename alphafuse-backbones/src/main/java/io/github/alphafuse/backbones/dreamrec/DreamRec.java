package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderConfig;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.encoder.HistoryEncoder;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ExtendableItems;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * DreamRec: a diffusion that generates the row of the item that should come next, guided by a
 * user's history.
 *
 * <p>The shared sequence encoder turns the history into a condition; training noises the target's
 * row and learns to predict it back; sampling starts from noise and ends at a row, whose inner
 * products or cosines with the items' rows rank them. It takes any {@link ItemEmbedding}: a fused
 * one gives AlphaFuse, a trained table the published DreamRec, one of two views LLM-ESR's dual-view
 * encoder. It is trained with a {@link DiffusionLoss}.
 *
 * <p>Legend: B histories, L positions, N items, d width of an item's row, T steps. Not thread-safe
 * while it is trained; a {@link #scorer()} is.
 *
 * <p>See: Yang et al., "Generate What You Prefer: Reshaping Sequential Recommendation via Guided
 * Diffusion", NeurIPS 2023.
 */
public final class DreamRec implements SequenceModel {
  /** The format of a saved model. */
  public static final ArchiveFormat FORMAT = new ArchiveFormat("dreamrec", 1);

  private final ItemEmbedding items;
  private final EncoderWeights encoder;
  private final DreamRecWeights diffusion;
  private final ItemVocabulary vocabulary;
  private final NoiseSchedule schedule;
  private final double conditionDropout;
  private final Sampling sampling;
  private final long samplingSeed;
  private final Engine engine;
  private final Similarity similarity;
  private final ImmutableMap<String, Tensor> parameters;

  private DreamRec(Builder options, EncoderWeights encoder, DreamRecWeights diffusion) {
    this.items = options.items;
    this.encoder = encoder;
    this.diffusion = diffusion;
    this.vocabulary =
        options.vocabulary == null ? ItemVocabulary.ofRows(items.itemCount()) : options.vocabulary;
    this.schedule = options.schedule;
    this.conditionDropout = options.conditionDropout;
    this.sampling = options.sampling;
    this.samplingSeed = options.samplingSeed;
    this.engine = options.engine;
    this.similarity = options.similarity;
    this.parameters =
        ImmutableMap.<String, Tensor>builder()
            .putAll(encoder.asMap())
            .putAll(diffusion.asMap())
            .putAll(items.parameters())
            .buildOrThrow();
  }

  /**
   * A builder with the published defaults: the last 10 items, 1 head, 1 block, dropout 0.1, 2000
   * linear steps, a linear denoiser, conditions dropped with probability 0.1, DDIM of stride 100 at
   * guidance 5.
   *
   * @param items the item embedding, which is trained with the model
   * @return the builder
   */
  public static Builder builder(ItemEmbedding items) {
    return new Builder(items);
  }

  @Override
  public ItemEmbedding items() {
    return items;
  }

  @Override
  public ItemVocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public int maxLength() {
    return encoder.config().maxLength();
  }

  /**
   * The weights of the encoder.
   *
   * @return the live weights
   */
  public EncoderWeights encoder() {
    return encoder;
  }

  /**
   * The weights of the diffusion.
   *
   * @return the live weights
   */
  public DreamRecWeights diffusion() {
    return diffusion;
  }

  /**
   * The noise schedule.
   *
   * @return the schedule of T steps
   */
  public NoiseSchedule schedule() {
    return schedule;
  }

  /**
   * How often training replaces a condition by "none".
   *
   * @return a probability in [0, 1)
   */
  public double conditionDropout() {
    return conditionDropout;
  }

  /**
   * How rows are generated.
   *
   * @return the sampling
   */
  public Sampling sampling() {
    return sampling;
  }

  /**
   * What computes the model.
   *
   * @return the engine that was asked for
   */
  public Engine engine() {
    return engine;
  }

  /**
   * The seed of the noise that sampling starts from.
   *
   * @return the seed
   */
  public long samplingSeed() {
    return samplingSeed;
  }

  @Override
  public Similarity similarity() {
    return similarity;
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return parameters;
  }

  @Override
  public DreamRecObjective objective(Loss loss) {
    return objective(loss, Positions.LAST);
  }

  @Override
  public DreamRecObjective objective(Loss loss, Positions positions) {
    checkArgument(
        loss instanceof DiffusionLoss, "DreamRec is trained with a diffusion loss, found %s", loss);
    boolean fusible = FusedDreamRecObjective.supports(this);
    checkArgument(
        engine != Engine.FUSED || fusible,
        "engine FUSED takes a linear denoiser in float32 on the CPU backend, found %s and %s",
        diffusion.denoiser(),
        encoder.config());
    return engine == Engine.SAMEDIFF || !fusible
        ? new SameDiffDreamRecObjective(this, (DiffusionLoss) loss, positions)
        : new FusedDreamRecObjective(this, (DiffusionLoss) loss, positions);
  }

  @Override
  public DreamRecScorer scorer() {
    return new DreamRecScorer(
        this,
        HistoryEncoder.of(encoder, new HistoryEncoder.Items(items.table(), similarity), engine),
        newSampler());
  }

  private Sampler newSampler() {
    if (diffusion.denoiser() != Denoiser.LINEAR || sampling.form() == Sampling.Form.NAIVE) {
      return new NaiveSampler(diffusion, schedule, sampling);
    }
    return engine != Engine.SAMEDIFF && FusedAffineSampler.supports(diffusion)
        ? new FusedAffineSampler(diffusion, schedule, sampling)
        : new AffineSampler(diffusion, schedule, sampling);
  }

  /**
   * The same model with another way of generating rows.
   *
   * @param how the sampling
   * @return a model that shares all weights with this one
   * @throws IllegalArgumentException if the stride does not divide T
   */
  public DreamRec withSampling(Sampling how) {
    Builder options = toBuilder().sampling(how);
    options.requireStride();
    return new DreamRec(options, encoder, diffusion);
  }

  /**
   * The same model, ranking by another similarity.
   *
   * @param otherSimilarity how items are scored
   * @return a model that shares all weights with this one
   */
  public DreamRec withSimilarity(Similarity otherSimilarity) {
    return new DreamRec(toBuilder().similarity(otherSimilarity), encoder, diffusion);
  }

  @Override
  public DreamRec withNewItems(List<String> ids, LanguageEmbeddings text) {
    ItemVocabulary all = vocabulary.withNewItems(ids, text);
    return new DreamRec(
        toBuilder(ExtendableItems.of(items).withNewItems(text)).vocabulary(all),
        encoder,
        diffusion);
  }

  private Builder toBuilder() {
    return toBuilder(items).vocabulary(vocabulary);
  }

  private Builder toBuilder(ItemEmbedding ofItems) {
    return new Builder(ofItems)
        .schedule(schedule)
        .conditionDropout(conditionDropout)
        .sampling(sampling)
        .samplingSeed(samplingSeed)
        .engine(engine)
        .similarity(similarity);
  }

  @Override
  public void save(Path path) {
    try (ArchiveWriter writer = ArchiveWriter.create(path, FORMAT)) {
      writer
          .setting("itemEmbedding", items.kind())
          .setting("similarity", similarity)
          .setting("rowNumberIds", vocabulary.isRowNumbers())
          .setting("conditionDropout", conditionDropout)
          .setting("stride", sampling.stride())
          .setting("guidance", sampling.guidance())
          .setting("samples", sampling.samples())
          .setting("form", sampling.form())
          .setting("samplingSeed", samplingSeed);
      schedule.write(writer.section("schedule"));
      encoder.write(writer.section("encoder"));
      diffusion.write(writer.section("diffusion"));
      items.write(writer.section("items"));
      if (!vocabulary.isRowNumbers()) {
        writer.text("item_ids", vocabulary.ids());
      }
      writer.commit();
    }
  }

  /**
   * Loads a model that was saved.
   *
   * @param path the file
   * @return the model
   * @throws IllegalArgumentException if the file is damaged, of another kind or of a newer version
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static DreamRec load(Path path) {
    try (ArchiveReader reader = ArchiveReader.open(path, FORMAT)) {
      ItemEmbedding items =
          ItemEmbedding.read(reader.stringSetting("itemEmbedding"), reader.section("items"));
      EncoderWeights encoder = EncoderWeights.read(reader.section("encoder"), items.elementType());
      encoder.config().requireFit(items, path + ": items");
      Builder options =
          builder(items)
              .schedule(NoiseSchedule.read(reader.section("schedule")))
              .conditionDropout(reader.doubleSetting("conditionDropout"))
              .samplingSeed(reader.longSetting("samplingSeed"))
              .similarity(
                  reader.hasSetting("similarity")
                      ? reader.enumSetting("similarity", Similarity.class)
                      : Similarity.INNER_PRODUCT)
              .sampling(
                  new Sampling(
                      reader.intSetting("stride"),
                      reader.doubleSetting("guidance"),
                      reader.intSetting("samples"),
                      reader.enumSetting("form", Sampling.Form.class)));
      if (!reader.booleanSetting("rowNumberIds")) {
        options.vocabulary(ItemVocabulary.of(reader.text("item_ids")));
      }
      return new DreamRec(
          options,
          encoder,
          DreamRecWeights.read(reader.section("diffusion"), DreamRecWeights.Like.of(encoder)));
    }
  }

  /**
   * A short description.
   *
   * @return items, sizes, schedule and every other setting
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "DreamRec[%s, %s, %s, denoiser %s, condition dropout %s, %s, sampling seed %d%s]",
        items,
        encoder.config(),
        schedule,
        diffusion.denoiser(),
        conditionDropout,
        sampling,
        samplingSeed,
        similarity == Similarity.COSINE ? ", cosine" : "");
  }

  /** Options of a {@link DreamRec}; each is checked where it is set. Not thread-safe. */
  public static final class Builder {
    private final ItemEmbedding items;
    private final EncoderConfig.Builder config;
    private @Nullable ItemVocabulary vocabulary;
    private NoiseSchedule schedule = NoiseSchedule.linear(2000);
    private double conditionDropout = 0.1;
    private Denoiser denoiser = Denoiser.LINEAR;
    private Sampling sampling = Sampling.ddim(100);
    private long samplingSeed = 22;
    private EncoderWeights.Start start = new EncoderWeights.Start(22, 1);
    private Engine engine = Engine.AUTO;
    private Similarity similarity = Similarity.INNER_PRODUCT;

    private Builder(ItemEmbedding items) {
      this.items = items;
      this.config = EncoderConfig.builder(items);
    }

    /**
     * The number of items of a history that the model looks at.
     *
     * @param length L, at least 1; 10 where it is not set
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder maxLength(int length) {
      config.maxLength(length);
      return this;
    }

    /**
     * The number of attention heads of the encoder.
     *
     * @param count a divisor of d; 1 where it is not set
     * @return this
     * @throws IllegalArgumentException if it does not divide d
     */
    @CanIgnoreReturnValue
    public Builder heads(int count) {
      config.heads(count);
      return this;
    }

    /**
     * The number of self-attention blocks of the encoder.
     *
     * @param count at least 1; 1 where it is not set
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder blocks(int count) {
      config.blocks(count);
      return this;
    }

    /**
     * The probability with which a number of the encoder is dropped in training.
     *
     * @param probability in [0, 1); 0.1 where it is not set
     * @return this
     * @throws IllegalArgumentException if outside [0, 1)
     */
    @CanIgnoreReturnValue
    public Builder dropout(double probability) {
      config.dropout(probability);
      return this;
    }

    /**
     * The noise schedule.
     *
     * @param steps the schedule; 2000 linear steps where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder schedule(NoiseSchedule steps) {
      this.schedule = steps;
      return this;
    }

    /**
     * The probability with which training replaces a condition by "none".
     *
     * @param probability in [0, 1); 0.1 where it is not set
     * @return this
     * @throws IllegalArgumentException if outside [0, 1)
     */
    @CanIgnoreReturnValue
    public Builder conditionDropout(double probability) {
      checkArgument(
          probability >= 0 && probability < 1,
          "conditionDropout must lie in [0, 1), found %s",
          probability);
      this.conditionDropout = probability;
      return this;
    }

    /**
     * The kind of denoiser.
     *
     * @param kind linear, where it is not set, or MLP
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder denoiser(Denoiser kind) {
      this.denoiser = kind;
      return this;
    }

    /**
     * How rows are generated.
     *
     * @param how the sampling; DDIM of stride 100 at guidance 5 where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder sampling(Sampling how) {
      this.sampling = how;
      return this;
    }

    /**
     * The seed of the noise that sampling starts from.
     *
     * @param start any number; 22 where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder samplingSeed(long start) {
      this.samplingSeed = start;
      return this;
    }

    /**
     * The user's own ids of the items.
     *
     * @param ids a vocabulary of N ids; row numbers where it is not set
     * @return this
     * @throws IllegalArgumentException if it has not as many ids as there are items
     */
    @CanIgnoreReturnValue
    public Builder vocabulary(ItemVocabulary ids) {
      checkArgument(
          ids.size() == items.itemCount(),
          "vocabulary must have an id for each of %s items, found %s",
          items.itemCount(),
          ids.size());
      this.vocabulary = ids;
      return this;
    }

    /**
     * What computes the model.
     *
     * @param choice the engine; {@link Engine#AUTO} where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder engine(Engine choice) {
      this.engine = choice;
      return this;
    }

    /**
     * How items are scored by a generated row, in evaluation and serving.
     *
     * @param similarity inner product, where it is not set, or cosine
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder similarity(Similarity similarity) {
      this.similarity = similarity;
      return this;
    }

    /**
     * The seed of the start weights.
     *
     * @param seed any number; 22 where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder seed(long seed) {
      this.start = new EncoderWeights.Start(seed, start.positionScale());
      return this;
    }

    /**
     * The standard deviation of the positional embedding at the start.
     *
     * @param positionScale a positive number; 1, as published, where it is not set
     * @return this
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder positionScale(double positionScale) {
      this.start = new EncoderWeights.Start(start.seed(), positionScale);
      return this;
    }

    private void requireStride() {
      if (sampling.isDeterministic()) {
        schedule.ddim(sampling.stride());
      }
    }

    /**
     * Builds the model with start weights; its type is that of the items.
     *
     * @return the model
     * @throws IllegalArgumentException if the stride does not divide T, or the engine is FUSED and
     *     the items have two views
     */
    public DreamRec build() {
      requireStride();
      EncoderConfig sizes = config.build();
      sizes.requireSupported(engine);
      EncoderWeights encoder = EncoderWeights.initial(sizes, items.elementType(), start);
      DreamRecWeights diffusion =
          DreamRecWeights.initial(
              denoiser,
              DreamRecWeights.Like.of(encoder),
              new SplittableRandom(start.seed()).split());
      return new DreamRec(this, encoder, diffusion);
    }
  }
}
