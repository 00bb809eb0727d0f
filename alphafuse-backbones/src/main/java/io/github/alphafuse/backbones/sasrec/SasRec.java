package io.github.alphafuse.backbones.sasrec;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.encoder.SequenceModelBuilder;
import io.github.alphafuse.backbones.internal.encoder.HistoryEncoder;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TrainedModel;
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
public final class SasRec extends TrainedModel implements SequenceModel<RankingLoss> {
  /** The format of a saved model. */
  public static final ArchiveFormat FORMAT = new ArchiveFormat("sasrec", 1);

  private final ItemEmbedding items;
  private final EncoderWeights weights;
  private final ItemVocabulary vocabulary;
  private final Engine engine;
  private final boolean followsLoss;
  private Similarity similarity;
  private final ImmutableMap<String, Tensor> parameters;

  private SasRec(SequenceModelBuilder.Settings settings, EncoderWeights weights) {
    this.items = settings.items();
    this.weights = weights;
    this.vocabulary = settings.vocabulary();
    this.engine = settings.engine();
    this.followsLoss = settings.similarity().isEmpty();
    this.similarity = settings.similarity().orElse(Similarity.INNER_PRODUCT);
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

  @Override
  public Engine engineFor(RankingLoss loss) {
    return engine != Engine.SAMEDIFF && FusedObjective.supports(weights, loss)
        ? Engine.FUSED
        : Engine.SAMEDIFF;
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
    boolean fused = engineFor(loss) == Engine.FUSED;
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
    SasRec shared = options.engine(engine).similarity(chosen).with(weights);
    shared.takeTraining(this);
    return shared;
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
      writeTraining(writer);
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
      SasRec loaded = options.with(weights);
      loaded.readTraining(reader);
      return loaded;
    }
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
  public static final class Builder extends SequenceModelBuilder<Builder> {
    private Builder(ItemEmbedding items) {
      super(items);
    }

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Builds the model with start weights of the type of the items.
     *
     * @return the model
     * @throws IllegalArgumentException if the engine is FUSED and the items have two views
     */
    public SasRec build() {
      return with(startWeights());
    }

    private SasRec with(EncoderWeights weights) {
      return new SasRec(settings(), weights);
    }
  }
}
