package io.github.alphafuse.backbones.encoder;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The options that sequence models have in common; each is checked where it is set. Only the models
 * of this library extend it.
 *
 * <p>Legend: N items, L positions, d width of a view of item rows. Not thread-safe.
 *
 * @param <B> the model's own builder
 */
public abstract class SequenceModelBuilder<B extends SequenceModelBuilder<B>> {
  private final ItemEmbedding items;
  private final EncoderConfig.Builder config;
  private @Nullable ItemVocabulary vocabulary;
  private Engine engine = Engine.AUTO;
  private @Nullable Similarity similarity;
  private EncoderWeights.Start start = new EncoderWeights.Start(22, 1);

  /**
   * A builder with the published defaults.
   *
   * @param items the item embedding, which is trained with the model
   * @throws IllegalArgumentException if its rows are too narrow or cannot be divided into views
   */
  protected SequenceModelBuilder(ItemEmbedding items) {
    this.items = items;
    this.config = EncoderConfig.builder(items);
  }

  /**
   * What sequence models have in common besides their weights.
   *
   * @param items the item embedding, which is trained with the model
   * @param vocabulary the ids of the items
   * @param engine the engine
   * @param similarity how items are scored, if it was set
   */
  public record Settings(
      ItemEmbedding items,
      ItemVocabulary vocabulary,
      Engine engine,
      Optional<Similarity> similarity) {}

  /**
   * This builder in its own type.
   *
   * @return this builder
   */
  protected abstract B self();

  /**
   * The options without those of the encoder.
   *
   * @return the options as they are now
   */
  protected final Settings settings() {
    return new Settings(
        items,
        vocabulary == null
            ? items
                .origin()
                .ids()
                .map(ItemVocabulary::of)
                .orElseGet(() -> ItemVocabulary.ofRows(items.itemCount()))
            : vocabulary,
        engine,
        Optional.ofNullable(similarity));
  }

  /**
   * The start weights of the encoder, of the type of the items.
   *
   * @return new weights
   * @throws IllegalArgumentException if the engine is FUSED and the items have two views
   */
  protected final EncoderWeights startWeights() {
    EncoderConfig sizes = config.build();
    sizes.requireSupported(engine);
    return EncoderWeights.initial(sizes, items.elementType(), start);
  }

  /**
   * The seed of the start weights.
   *
   * @return the seed
   */
  protected final long chosenSeed() {
    return start.seed();
  }

  /**
   * Sets the number of last items of a history that the model uses. The default is 10.
   *
   * @param maxLength L, from 1 to 32768
   * @return this builder
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B maxLength(int maxLength) {
    config.maxLength(maxLength);
    return self();
  }

  /**
   * Sets the number of attention heads of the encoder. The default is 1.
   *
   * @param heads a divisor of d
   * @return this builder
   * @throws IllegalArgumentException if it does not divide d
   */
  @CanIgnoreReturnValue
  public B heads(int heads) {
    config.heads(heads);
    return self();
  }

  /**
   * Sets the number of self-attention blocks of the encoder. The default is 1.
   *
   * @param blocks a number of at least 1
   * @return this builder
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B blocks(int blocks) {
    config.blocks(blocks);
    return self();
  }

  /**
   * Sets the probability with which a number of the encoder is dropped in training. The default is
   * 0.1.
   *
   * @param dropout a probability in [0, 1)
   * @return this builder
   * @throws IllegalArgumentException if outside [0, 1)
   */
  @CanIgnoreReturnValue
  public B dropout(double dropout) {
    config.dropout(dropout);
    return self();
  }

  /**
   * Sets the ids of the items. The default is those of the text that the items were made from, or
   * row numbers if it has none.
   *
   * @param vocabulary a vocabulary of N ids
   * @return this builder
   * @throws IllegalArgumentException if the numbers of ids and items differ, or the items' text has
   *     other ids; the message names the first that does
   */
  @CanIgnoreReturnValue
  public B vocabulary(ItemVocabulary vocabulary) {
    checkArgument(
        vocabulary.size() == items.itemCount(),
        "vocabulary must have an id for each of %s items, found %s",
        items.itemCount(),
        vocabulary.size());
    items
        .origin()
        .ids()
        .filter(ids -> !ids.equals(vocabulary.ids()))
        .ifPresent(ids -> ItemVocabulary.of(ids).requireSame("text", "vocabulary", vocabulary));
    this.vocabulary = vocabulary;
    return self();
  }

  /**
   * Sets the engine. The default is {@link Engine#AUTO}.
   *
   * @param engine the engine
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B engine(Engine engine) {
    this.engine = engine;
    return self();
  }

  /**
   * Sets how items are scored in evaluation and serving. The default is the similarity of the loss
   * for SASRec, and {@link Similarity#INNER_PRODUCT} for DreamRec.
   *
   * @param similarity the similarity
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B similarity(Similarity similarity) {
    this.similarity = similarity;
    return self();
  }

  /**
   * Sets the seed of the start weights. The default is 22.
   *
   * @param seed any number
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B seed(long seed) {
    this.start = new EncoderWeights.Start(seed, start.positionScale());
    return self();
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
  public B positionScale(double positionScale) {
    this.start = new EncoderWeights.Start(start.seed(), positionScale);
    return self();
  }
}
