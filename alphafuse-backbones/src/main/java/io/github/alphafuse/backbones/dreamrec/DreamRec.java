package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.encoder.SequenceModelBuilder;
import io.github.alphafuse.backbones.internal.encoder.HistoryEncoder;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TrainedModel;
import io.github.alphafuse.backbones.model.TrainingBatch;
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
 * DreamRec: a diffusion model that generates the row of the next item, guided by a user's history.
 *
 * <p>The sequence encoder turns the history into a condition. Training adds noise to the target's
 * row and learns to predict the row from the result. Sampling starts from noise and ends at a row,
 * whose inner products or cosines with the items' rows rank the items. Any {@link ItemEmbedding}
 * can be used: a fused one gives AlphaFuse, a trained table the published DreamRec, and one of two
 * views LLM-ESR's dual-view encoder. The model is trained with a {@link DiffusionLoss}.
 *
 * <p>Legend: B histories, L positions, N items, d width of an item's row, T steps. Not thread-safe
 * while it is trained; a {@link #scorer()} is.
 *
 * <p>See: Yang et al., "Generate What You Prefer: Reshaping Sequential Recommendation via Guided
 * Diffusion", NeurIPS 2023.
 */
public final class DreamRec extends TrainedModel implements SequenceModel<DiffusionLoss> {
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

  private DreamRec(
      Builder options,
      SequenceModelBuilder.Settings settings,
      EncoderWeights encoder,
      DreamRecWeights diffusion) {
    this.items = settings.items();
    this.encoder = encoder;
    this.diffusion = diffusion;
    this.vocabulary = settings.vocabulary();
    this.schedule = options.schedule;
    this.conditionDropout = options.conditionDropout;
    this.sampling = options.sampling;
    this.samplingSeed = options.samplingSeed;
    this.engine = settings.engine();
    this.similarity = settings.similarity().orElse(Similarity.INNER_PRODUCT);
    this.parameters =
        ImmutableMap.<String, Tensor>builder()
            .putAll(encoder.asMap())
            .putAll(diffusion.asMap())
            .putAll(items.parameters())
            .buildOrThrow();
    if (options.trained != null) {
      takeTraining(options.trained);
    }
  }

  /**
   * A builder with the published defaults.
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
   * The form of the denoiser.
   *
   * @return the denoiser
   */
  public Denoiser denoiser() {
    return diffusion.denoiser();
  }

  /** The live weights of the diffusion. */
  DreamRecWeights diffusion() {
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
   * The probability with which training replaces a condition by "none".
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
   * The engine of the model.
   *
   * @return the engine that was set
   */
  public Engine engine() {
    return engine;
  }

  /**
   * The seed of the noise from which sampling starts.
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
  public Engine engineFor(DiffusionLoss loss) {
    return engine != Engine.SAMEDIFF && FusedDreamRecObjective.supports(this)
        ? Engine.FUSED
        : Engine.SAMEDIFF;
  }

  @Override
  public Objective<TrainingBatch> objective(DiffusionLoss loss, Positions positions) {
    boolean fusible = FusedDreamRecObjective.supports(this);
    checkArgument(
        engine != Engine.FUSED || fusible,
        "engine FUSED takes a linear denoiser in float32 on the CPU backend, found %s and %s",
        diffusion.denoiser(),
        encoder.config());
    return engineFor(loss) == Engine.SAMEDIFF
        ? new SameDiffDreamRecObjective(this, loss, positions)
        : new FusedDreamRecObjective(this, loss, positions);
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
   * The same model with another sampling.
   *
   * @param how the sampling
   * @return a model that shares all weights with this one
   * @throws IllegalArgumentException if the stride does not divide T
   */
  public DreamRec withSampling(Sampling how) {
    Builder options = toBuilder().sampling(how);
    options.requireStride();
    return options.with(encoder, diffusion);
  }

  /**
   * The same model with another similarity for ranking.
   *
   * @param otherSimilarity how items are scored
   * @return a model that shares all weights with this one
   */
  public DreamRec withSimilarity(Similarity otherSimilarity) {
    return toBuilder().similarity(otherSimilarity).with(encoder, diffusion);
  }

  @Override
  public DreamRec withNewItems(List<String> ids, LanguageEmbeddings text) {
    ItemVocabulary all = vocabulary.withNewItems(ids, text);
    return toBuilder(ExtendableItems.of(items).withNewItems(text))
        .vocabulary(all)
        .with(encoder, diffusion);
  }

  private Builder toBuilder() {
    return toBuilder(items).vocabulary(vocabulary);
  }

  private Builder toBuilder(ItemEmbedding ofItems) {
    Builder options = new Builder(ofItems);
    options.trained = this;
    return options
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
      writeTraining(writer);
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
      DreamRec loaded =
          options.with(
              encoder,
              DreamRecWeights.read(reader.section("diffusion"), DreamRecWeights.Like.of(encoder)));
      loaded.readTraining(reader);
      return loaded;
    }
  }

  /**
   * A short description.
   *
   * @return items, sizes, schedule and all other settings
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
  public static final class Builder extends SequenceModelBuilder<Builder> {
    private @Nullable DreamRec trained;
    private NoiseSchedule schedule = NoiseSchedule.linear(2000);
    private double conditionDropout = 0.1;
    private Denoiser denoiser = Denoiser.LINEAR;
    private Sampling sampling = Sampling.ddim(100);
    private long samplingSeed = 22;

    private Builder(ItemEmbedding items) {
      super(items);
    }

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Sets the noise schedule. The default is 2000 linear steps.
     *
     * @param schedule the schedule
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder schedule(NoiseSchedule schedule) {
      this.schedule = schedule;
      return this;
    }

    /**
     * Sets the probability with which training replaces a condition by "none". The default is 0.1.
     *
     * @param conditionDropout a probability in [0, 1)
     * @return this builder
     * @throws IllegalArgumentException if outside [0, 1)
     */
    @CanIgnoreReturnValue
    public Builder conditionDropout(double conditionDropout) {
      checkArgument(
          conditionDropout >= 0 && conditionDropout < 1,
          "conditionDropout must lie in [0, 1), found %s",
          conditionDropout);
      this.conditionDropout = conditionDropout;
      return this;
    }

    /**
     * Sets the kind of denoiser. The default is {@link Denoiser#LINEAR}.
     *
     * @param denoiser the kind
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder denoiser(Denoiser denoiser) {
      this.denoiser = denoiser;
      return this;
    }

    /**
     * Sets how rows are generated. The default is DDIM with stride 100 and guidance 5.
     *
     * @param sampling the sampling
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder sampling(Sampling sampling) {
      this.sampling = sampling;
      return this;
    }

    /**
     * Sets the seed of the noise from which sampling starts. The default is 22.
     *
     * @param samplingSeed any number
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder samplingSeed(long samplingSeed) {
      this.samplingSeed = samplingSeed;
      return this;
    }

    private void requireStride() {
      if (sampling.isDeterministic()) {
        schedule.requireStride(sampling.stride());
      }
    }

    /**
     * Builds the model with start weights of the type of the items.
     *
     * @return the model
     * @throws IllegalArgumentException if the stride does not divide T, or the engine is FUSED and
     *     the items have two views
     */
    public DreamRec build() {
      EncoderWeights encoder = startWeights();
      DreamRecWeights diffusion =
          DreamRecWeights.initial(
              denoiser,
              DreamRecWeights.Like.of(encoder),
              new SplittableRandom(chosenSeed()).split());
      return with(encoder, diffusion);
    }

    private DreamRec with(EncoderWeights encoder, DreamRecWeights diffusion) {
      requireStride();
      return new DreamRec(this, settings(), encoder, diffusion);
    }
  }
}
