package io.github.alphafuse.backbones.sasrec;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderConfig;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.internal.encoder.HistoryEncoder;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ExtendableItems;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.embedding.TrainingItems;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SASRec: a self-attentive encoder of a user's last items, scored by inner products or cosines with
 * item rows.
 *
 * <p>The model ranks by the {@link Similarity} that it was built with. If none was set, it ranks by
 * that of the loss it was last trained with: cosines after InfoNCE and the softmax of cosines. A
 * saved model keeps its similarity.
 *
 * <p>Any {@link ItemEmbedding} can be used: a fused one gives AlphaFuse, a trained table the
 * published SASRec, and one of two views LLM-ESR's dual-view encoder. The model is trained with a
 * {@link RankingLoss}.
 *
 * <p>Legend: B histories, L positions, N items, d embedding dimension. Not thread-safe while it is
 * trained; a {@link #scorer()} is.
 *
 * <p>See: Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018. {@link
 * io.github.alphafuse.backbones.encoder.EncoderConfig} lists the differences.
 */
public final class SasRec implements SequenceModel<RankingLoss> {
  /** The format of a saved model. */
  public static final ArchiveFormat FORMAT = new ArchiveFormat("sasrec", 1);

  private final ItemEmbedding items;
  private final EncoderWeights weights;
  private final ItemVocabulary vocabulary;
  private final Engine engine;
  private final boolean followsLoss;
  private Similarity similarity;
  private final ImmutableMap<String, Tensor> parameters;

  private SasRec(Builder options, EncoderWeights weights) {
    this.items = options.items;
    this.weights = weights;
    this.vocabulary =
        options.vocabulary == null ? ItemVocabulary.ofRows(items.itemCount()) : options.vocabulary;
    this.engine = options.engine;
    this.followsLoss = options.similarity == null;
    this.similarity = options.similarity == null ? Similarity.INNER_PRODUCT : options.similarity;
    this.parameters =
        ImmutableMap.<String, Tensor>builder()
            .putAll(weights.asMap())
            .putAll(items.parameters())
            .buildOrThrow();
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
    return weights.config().maxLength();
  }

  /**
   * The weights of the encoder.
   *
   * @return the live weights
   */
  public EncoderWeights encoder() {
    return weights;
  }

  /**
   * The engine of the model.
   *
   * @return the engine that was set
   */
  public Engine engine() {
    return engine;
  }

  @Override
  public Similarity similarity() {
    return similarity;
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return parameters;
  }

  /**
   * The model under a loss, to be trained. A model whose similarity was not set takes that of the
   * loss.
   *
   * @param loss the loss
   * @param positions the positions that have targets
   * @return the objective, to be closed by the caller
   * @throws IllegalArgumentException if the engine does not support the loss, or positions are all
   *     and items have two views
   */
  @Override
  public Objective<TrainingBatch> objective(RankingLoss loss, Positions positions) {
    boolean fusible = FusedObjective.supports(weights, loss);
    checkArgument(
        engine != Engine.FUSED || fusible,
        "engine FUSED takes float32 and a loss in closed form on the CPU backend, found %s under %s",
        weights.config(),
        loss);
    boolean fused = engine != Engine.SAMEDIFF && fusible;
    checkArgument(
        fused || loss.graph().isPresent(),
        "%s has no graph: a loss in closed form alone takes float32 items on the CPU backend and"
            + " engine FUSED or AUTO, found %s on engine %s",
        loss,
        weights.config(),
        engine);
    weights.config().requireSupported(positions);
    if (followsLoss) {
      similarity = loss.similarity();
    }
    TrainingItems training = items.forTraining();
    TrainingTask task =
        new TrainingTask(weights, training.rows(), new TrainingTask.Target(loss, positions));
    return new ItemStepObjective(
        training, fused ? new FusedObjective(task) : new SameDiffObjective(task), task);
  }

  @Override
  public SasRecScorer scorer() {
    return new SasRecScorer(
        HistoryEncoder.of(weights, new HistoryEncoder.Items(items.table(), similarity), engine));
  }

  @Override
  public SasRec withNewItems(List<String> ids, LanguageEmbeddings text) {
    ItemVocabulary all = vocabulary.withNewItems(ids, text);
    return sharing(
        builder(ExtendableItems.of(items).withNewItems(text)).vocabulary(all), similarity);
  }

  /**
   * The same model with another similarity for ranking.
   *
   * @param otherSimilarity how items are scored
   * @return a model that shares all weights with this one
   */
  public SasRec withSimilarity(Similarity otherSimilarity) {
    return sharing(builder(items).vocabulary(vocabulary), otherSimilarity);
  }

  private SasRec sharing(Builder options, Similarity chosen) {
    return new SasRec(options.engine(engine).similarity(chosen), weights);
  }

  @Override
  public void save(Path path) {
    try (ArchiveWriter writer = ArchiveWriter.create(path, FORMAT)) {
      writer
          .setting("dataType", savedName(items.elementType()))
          .setting("itemEmbedding", items.kind())
          .setting("similarity", similarity)
          .setting("rowNumberIds", vocabulary.isRowNumbers());
      weights.write(writer.section("encoder"));
      items.write(writer.section("items"));
      if (!vocabulary.isRowNumbers()) {
        writer.text("item_ids", vocabulary.ids());
      }
      writer.commit();
    }
  }

  /** The element type as the format names it. */
  private static String savedName(ElementType type) {
    return type == ElementType.FLOAT32 ? "FLOAT" : "DOUBLE";
  }

  /**
   * Loads a model that was saved.
   *
   * @param path the file
   * @return the model, on {@link Engine#AUTO}
   * @throws IllegalArgumentException if the file is damaged, of another kind or of a newer version
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static SasRec load(Path path) {
    try (ArchiveReader reader = ArchiveReader.open(path, FORMAT)) {
      ItemEmbedding items =
          ItemEmbedding.read(reader.stringSetting("itemEmbedding"), reader.section("items"));
      checkArgument(
          savedName(items.elementType()).equals(reader.stringSetting("dataType")),
          "%s: items must be of type %s, found %s",
          path,
          reader.stringSetting("dataType"),
          savedName(items.elementType()));
      EncoderWeights weights = EncoderWeights.read(reader.section("encoder"), items.elementType());
      weights.config().requireFit(items, path + ": items");
      Builder options =
          builder(items)
              .similarity(
                  reader.hasSetting("similarity")
                      ? reader.enumSetting("similarity", Similarity.class)
                      : Similarity.INNER_PRODUCT);
      if (!reader.booleanSetting("rowNumberIds")) {
        options.vocabulary(ItemVocabulary.of(reader.text("item_ids")));
      }
      return new SasRec(options, weights);
    }
  }

  private static void requireVocabulary(ItemVocabulary vocabulary, ItemEmbedding items) {
    checkArgument(
        vocabulary.size() == items.itemCount(),
        "vocabulary must have an id for each of %s items, found %s",
        items.itemCount(),
        vocabulary.size());
  }

  /**
   * A short description.
   *
   * @return items, sizes, and the similarity unless it is the inner product
   */
  @Override
  public String toString() {
    return "SasRec["
        + items
        + ", "
        + weights.config()
        + (similarity == Similarity.COSINE ? ", cosine" : "")
        + "]";
  }

  /** Options of a {@link SasRec}; each is checked where it is set. Not thread-safe. */
  public static final class Builder {
    private final ItemEmbedding items;
    private final EncoderConfig.Builder config;
    private @Nullable ItemVocabulary vocabulary;
    private Engine engine = Engine.AUTO;
    private EncoderWeights.Start start = new EncoderWeights.Start(22, 1);
    private @Nullable Similarity similarity;

    private Builder(ItemEmbedding items) {
      this.items = items;
      this.config = EncoderConfig.builder(items);
    }

    /**
     * Sets the number of last items of a history that the model uses. The default is 10.
     *
     * @param maxLength L, at least 1
     * @return this builder
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder maxLength(int maxLength) {
      config.maxLength(maxLength);
      return this;
    }

    /**
     * Sets the number of attention heads. The default is 1.
     *
     * @param heads a divisor of d
     * @return this builder
     * @throws IllegalArgumentException if it does not divide d
     */
    @CanIgnoreReturnValue
    public Builder heads(int heads) {
      config.heads(heads);
      return this;
    }

    /**
     * Sets the number of self-attention blocks. The default is 1.
     *
     * @param blocks a number of at least 1
     * @return this builder
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder blocks(int blocks) {
      config.blocks(blocks);
      return this;
    }

    /**
     * Sets the probability with which a number is dropped in training. The default is 0.1.
     *
     * @param dropout a probability in [0, 1)
     * @return this builder
     * @throws IllegalArgumentException if outside [0, 1)
     */
    @CanIgnoreReturnValue
    public Builder dropout(double dropout) {
      config.dropout(dropout);
      return this;
    }

    /**
     * Sets the ids of the items. The default is row numbers.
     *
     * @param vocabulary a vocabulary of N ids
     * @return this builder
     * @throws IllegalArgumentException if the numbers of ids and items differ
     */
    @CanIgnoreReturnValue
    public Builder vocabulary(ItemVocabulary vocabulary) {
      requireVocabulary(vocabulary, items);
      this.vocabulary = vocabulary;
      return this;
    }

    /**
     * Sets the engine. The default is {@link Engine#AUTO}.
     *
     * @param engine the engine
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder engine(Engine engine) {
      this.engine = engine;
      return this;
    }

    /**
     * Sets how items are scored in evaluation and serving. The default is the similarity of the
     * loss that the model is trained with.
     *
     * @param similarity the similarity
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder similarity(Similarity similarity) {
      this.similarity = similarity;
      return this;
    }

    /**
     * Sets the seed of the encoder's start weights. The default is 22.
     *
     * @param seed any number
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder seed(long seed) {
      this.start = new EncoderWeights.Start(seed, start.positionScale());
      return this;
    }

    /**
     * Sets the standard deviation of the positional embedding at the start. The default is 1, as
     * published.
     *
     * @param positionScale a positive number
     * @return this builder
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder positionScale(double positionScale) {
      this.start = new EncoderWeights.Start(start.seed(), positionScale);
      return this;
    }

    /**
     * Builds the model with start weights of the type of the items.
     *
     * @return the model
     * @throws IllegalArgumentException if the engine is FUSED and the items have two views
     */
    public SasRec build() {
      EncoderConfig sizes = config.build();
      sizes.requireSupported(engine);
      return new SasRec(this, EncoderWeights.initial(sizes, items.elementType(), start));
    }
  }
}
