package io.github.alphafuse.backbones.preset;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.LearningRateSchedule;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;

/**
 * Settings of AlphaFuse on SASRec, published or recommended.
 *
 * <p>Immutable and thread-safe.
 */
public final class SasRecPreset implements Preset<RankingLoss> {
  private final String name;
  private final Rows rows;
  private final Encoder encoder;
  private final Training training;

  /**
   * The settings of item rows. If they are for any text, rows are narrower for text with fewer
   * columns.
   */
  record Rows(
      int embeddingDim,
      int nullDim,
      double rowScale,
      IdInitializer idInitializer,
      boolean ofAnyText) {}

  /** The settings of the encoder. */
  record Encoder(double dropout, double positionScale, Similarity similarity) {}

  /** The settings of training. */
  record Training(
      RankingLoss loss,
      Positions positions,
      double learningRate,
      LearningRateSchedule learningRateSchedule,
      int batchSize,
      int epochs,
      boolean maskSeen) {}

  SasRecPreset(String name, Rows rows, Encoder encoder, Training training) {
    this.name = name;
    this.rows = rows;
    this.encoder = encoder;
    this.training = training;
  }

  /**
   * The same settings with rows of another width. If all columns were trained, all of the new ones
   * are.
   *
   * @param embeddingDim d, at least 2
   * @return the preset
   * @throws IllegalArgumentException if below 2
   */
  public SasRecPreset embeddingDim(int embeddingDim) {
    checkArgument(embeddingDim >= 2, "embeddingDim must be at least 2, found %s", embeddingDim);
    int nullDim =
        rows.nullDim == rows.embeddingDim ? embeddingDim : Math.min(rows.nullDim, embeddingDim);
    return new SasRecPreset(
        name,
        new Rows(embeddingDim, nullDim, rows.rowScale, rows.idInitializer, rows.ofAnyText),
        encoder,
        training);
  }

  /**
   * The same settings with a null space of another dimension.
   *
   * @param nullDim d_n, from 0 to d
   * @return the preset
   * @throws IllegalArgumentException if outside
   */
  public SasRecPreset nullDim(int nullDim) {
    checkArgument(
        nullDim >= 0 && nullDim <= rows.embeddingDim,
        "nullDim must lie in [0, %s], found %s",
        rows.embeddingDim,
        nullDim);
    return new SasRecPreset(
        name,
        new Rows(rows.embeddingDim, nullDim, rows.rowScale, rows.idInitializer, rows.ofAnyText),
        encoder,
        training);
  }

  /**
   * The same settings with another loss. Models of the recommended settings rank by the similarity
   * of the loss; those of the papers rank by inner product under any loss.
   *
   * @param loss the loss
   * @return the preset
   */
  public SasRecPreset loss(RankingLoss loss) {
    return new SasRecPreset(
        name,
        rows,
        encoder.similarity == training.loss.similarity()
            ? new Encoder(encoder.dropout, encoder.positionScale, loss.similarity())
            : encoder,
        new Training(
            loss,
            training.positions,
            training.learningRate,
            training.learningRateSchedule,
            training.batchSize,
            training.epochs,
            training.maskSeen));
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * The width of an item's row.
   *
   * @return d
   */
  public int embeddingDim() {
    return rows.embeddingDim;
  }

  /**
   * The width of the trained part of an item's row.
   *
   * @return d_n
   */
  public int nullDim() {
    return rows.nullDim;
  }

  /**
   * The factor of the rows of text after standardisation.
   *
   * @return a positive number
   */
  public double rowScale() {
    return rows.rowScale;
  }

  @Override
  public IdInitializer idInitializer() {
    return rows.idInitializer;
  }

  /**
   * The dropout probability of the encoder.
   *
   * @return in [0, 1)
   */
  public double dropout() {
    return encoder.dropout;
  }

  /**
   * The standard deviation of the positional embedding at the start.
   *
   * @return a positive number
   */
  public double positionScale() {
    return encoder.positionScale;
  }

  /**
   * How items are ranked.
   *
   * @return the inner product in the papers, the cosine in the recommended settings
   */
  public Similarity similarity() {
    return encoder.similarity;
  }

  @Override
  public RankingLoss loss() {
    return training.loss;
  }

  /**
   * The positions of a history at which the model is trained.
   *
   * @return the last one in the papers, every one in the recommended settings
   */
  public Positions positions() {
    return training.positions;
  }

  @Override
  public double learningRate() {
    return training.learningRate;
  }

  /**
   * How the learning rate changes.
   *
   * @return the schedule
   */
  public LearningRateSchedule learningRateSchedule() {
    return training.learningRateSchedule;
  }

  /**
   * The number of examples per step.
   *
   * @return at least 1
   */
  public int batchSize() {
    return training.batchSize;
  }

  /**
   * The largest number of epochs.
   *
   * @return at least 1
   */
  public int epochs() {
    return training.epochs;
  }

  /**
   * Whether seen items are left out of the ranking that chooses the best epoch.
   *
   * @return true if they are
   */
  public boolean maskSeen() {
    return training.maskSeen;
  }

  @Override
  public NullSpaceProjector.Builder projector(LanguageEmbeddings text) {
    NullSpaceProjector.Builder builder = NullSpaceProjector.builder().rowScale(rows.rowScale);
    if (rows.ofAnyText) {
      builder.maxEmbeddingDim(rows.embeddingDim);
    } else {
      builder.embeddingDim(rows.embeddingDim);
    }
    return rows.ofAnyText && rows.nullDim == rows.embeddingDim
        ? builder.nullShare(1)
        : builder.nullDim(rows.nullDim);
  }

  /**
   * A model's builder with the published encoder, one block of one head over the last 10 items, and
   * this preset's dropout, start and similarity.
   *
   * @param items the item embedding
   * @return the builder
   */
  public SasRec.Builder builder(ItemEmbedding items) {
    return SasRec.builder(items)
        .maxLength(10)
        .heads(1)
        .blocks(1)
        .dropout(encoder.dropout)
        .positionScale(encoder.positionScale)
        .similarity(encoder.similarity);
  }

  /**
   * A model on the items that {@link #items} makes of a text, at its start.
   *
   * @param text language embeddings of all items [N, d_l]
   * @param vocabulary the ids of the items
   * @return the model
   * @throws IllegalArgumentException if the text has another number of rows or other ids, or cannot
   *     be decomposed so
   */
  public SasRec model(LanguageEmbeddings text, ItemVocabulary vocabulary) {
    vocabulary.requireText(text);
    return builder(items(text).build()).vocabulary(vocabulary).build();
  }

  /**
   * A trainer's builder with loss, positions, rates, epochs and validation set; shared negatives
   * are no more than the model has items.
   *
   * @param model the model to train
   * @return the builder
   */
  @Override
  public Trainer.Builder<RankingLoss> trainer(SequenceModel<RankingLoss> model) {
    RankingLoss loss =
        training.loss instanceof SampledSoftmax sampled
            ? sampled.limitedTo(model.items().itemCount())
            : training.loss;
    return Trainer.builder(model)
        .loss(loss)
        .positions(training.positions)
        .learningRate(training.learningRate)
        .learningRateSchedule(training.learningRateSchedule)
        .batchSize(training.batchSize)
        .epochs(training.epochs)
        .evaluator(Evaluator.fullRanking().maskSeen(training.maskSeen));
  }

  /**
   * The name.
   *
   * @return the name
   */
  @Override
  public String toString() {
    return "SasRecPreset[" + name + "]";
  }
}
