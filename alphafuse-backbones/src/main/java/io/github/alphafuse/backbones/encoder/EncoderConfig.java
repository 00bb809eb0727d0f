package io.github.alphafuse.backbones.encoder;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;

/**
 * The sizes of a sequence encoder.
 *
 * <p>A block normalises its input for the queries only, attends from there to the input itself,
 * adds the normalised query back, and ends with a feed-forward network. It has no output
 * projection, and scores are divided by sqrt(d) for any number of heads. The user vector is the
 * last position. If item rows are two views, [ID ; text] of width 2d, two cross-attentions of 2
 * heads connect the views before the blocks, and the user vector is [ID branch ; text branch].
 *
 * <p>See: Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018; for two views,
 * Liu et al., "LLM-ESR", NeurIPS 2024, section 3.2. Normalising only the query, the residual from
 * the normalised query and the second normalisation inside the feed-forward network are those of
 * the public AlphaFuse implementation, not of the SASRec paper.
 *
 * @param dim d, the width of a view of item rows and of its part of the user vector
 * @param maxLength L, the number of positions
 * @param heads H, attention heads; divides d
 * @param blocks self-attention blocks
 * @param dropout the probability with which a number is dropped in training
 * @param views how item rows are taken
 */
public record EncoderConfig(
    int dim, int maxLength, int heads, int blocks, double dropout, ItemViews views) {
  /** The heads of the cross-attentions between two views. */
  public static final int CROSS_HEADS = 2;

  /** The attention weights of so many positions fit into one array. */
  private static final int MOST_LENGTH = 1 << 15;

  /**
   * Checks the ranges.
   *
   * @param dim d, the width of a view of item rows and of its part of the user vector
   * @param maxLength L, the number of positions, from 1 to 32768
   * @param heads H, attention heads; divides d
   * @param blocks self-attention blocks
   * @param dropout the probability with which a number is dropped in training
   * @param views how item rows are taken
   * @throws IllegalArgumentException if one is out of range
   */
  public EncoderConfig {
    checkArgument(
        dim >= 2, "dim must be at least 2, as a normalised row of 1 number is 0, found %s", dim);
    checkArgument(
        maxLength >= 1 && maxLength <= MOST_LENGTH,
        "maxLength must be from 1 to %s, found %s",
        MOST_LENGTH,
        maxLength);
    checkArgument(
        heads >= 1 && dim % heads == 0,
        "heads must divide the embedding dimension %s, found %s",
        dim,
        heads);
    checkArgument(blocks >= 1, "blocks must be at least 1, found %s", blocks);
    checkArgument(dropout >= 0 && dropout < 1, "dropout must lie in [0, 1), found %s", dropout);
    checkArgument(
        views == ItemViews.ONE || dim % CROSS_HEADS == 0,
        "dim must be divisible by the %s heads of the attention between views, found %s",
        CROSS_HEADS,
        dim);
  }

  /**
   * A builder with the published defaults.
   *
   * @param dim d, at least 2
   * @return the builder
   * @throws IllegalArgumentException if d is below 2
   */
  public static Builder builder(int dim) {
    return new Builder(dim, ItemViews.ONE);
  }

  /**
   * A builder with the published defaults and the width and views of item embeddings.
   *
   * @param items the items
   * @return the builder
   * @throws IllegalArgumentException if their rows are too narrow or cannot be divided into views
   */
  public static Builder builder(ItemEmbedding items) {
    ItemViews views = ItemViews.of(items);
    checkArgument(
        items.dim() % views.branches() == 0,
        "items must have rows of two views of one width, found rows of width %s",
        items.dim());
    return new Builder(items.dim() / views.branches(), views);
  }

  /**
   * The width of item rows and of user vectors.
   *
   * @return d, or 2d if rows are two views
   */
  public int rowDim() {
    return dim * views.branches();
  }

  /**
   * Checks that an engine can compute an encoder of these sizes. Type and backend are not checked.
   *
   * @param engine the engine
   * @throws IllegalArgumentException if the engine is FUSED and items have two views
   */
  public void requireSupported(Engine engine) {
    checkArgument(
        engine != Engine.FUSED || views == ItemViews.ONE,
        "engine FUSED takes items of one view, found %s: leave the choice to AUTO, which trains such"
            + " a model by its graph",
        views);
  }

  /**
   * Checks that an encoder of these sizes can be trained at some positions.
   *
   * @param positions the positions that have targets
   * @throws IllegalArgumentException if the positions are {@link Positions#EVERY} and items have
   *     two views, since the attention between views is not causal and a position would see its own
   *     target
   */
  public void requireSupported(Positions positions) {
    checkArgument(
        positions == Positions.LAST || views == ItemViews.ONE,
        "positions EVERY takes items of one view, found %s, whose views see later items, including"
            + " the targets: train such a model on Examples.withPrefixes() at the positions LAST",
        views);
  }

  /**
   * Checks that examples can be a batch of an encoder of these sizes.
   *
   * @param examples the examples
   * @param itemCount N, the number of the padding item
   * @param positions the positions that must have targets
   * @throws IllegalArgumentException if length, padding or positions are others, or a target is the
   *     padding item
   */
  public void requireFit(PaddedBatch examples, int itemCount, Positions positions) {
    checkArgument(
        examples.length() == maxLength,
        "histories must be padded to the model's %s positions, found %s",
        maxLength,
        examples.length());
    checkArgument(
        examples.padding() == itemCount,
        "the batch must be padded with item %s, found %s",
        itemCount,
        examples.padding());
    checkArgument(
        examples.positions() == positions,
        "the batch must have targets at the positions %s, found %s",
        positions,
        examples.positions());
    for (int i = 0; i < examples.targets().length; i++) {
      checkArgument(
          examples.targets()[i] != itemCount,
          "target %s must be an item, found the padding item %s",
          i,
          itemCount);
    }
  }

  /**
   * Checks that items have rows of the width and views that an encoder of these sizes takes.
   *
   * @param items the items
   * @param name their name in the message
   * @throws IllegalArgumentException if they do not
   */
  public void requireFit(ItemEmbedding items, String name) {
    checkArgument(
        items.dim() == rowDim(),
        "%s must be of dimension %s as the encoder, found %s",
        name,
        rowDim(),
        items.dim());
    checkArgument(
        ItemViews.of(items) == views,
        "%s must be of views %s as the encoder, found %s",
        name,
        views,
        ItemViews.of(items));
  }

  /**
   * Writes the sizes into an archive.
   *
   * @param archive a section of an archive
   */
  public void write(ArchiveWriter archive) {
    archive
        .setting("dim", dim)
        .setting("maxLength", maxLength)
        .setting("heads", heads)
        .setting("blocks", blocks)
        .setting("dropout", dropout);
    if (views != ItemViews.ONE) {
      archive.setting("views", views);
    }
  }

  /**
   * Reads sizes from an archive.
   *
   * @param archive the section that {@link #write} wrote
   * @return the sizes
   * @throws IllegalArgumentException if something is missing or out of range
   */
  public static EncoderConfig read(ArchiveReader archive) {
    ItemViews views =
        archive.hasSetting("views") ? archive.enumSetting("views", ItemViews.class) : ItemViews.ONE;
    return new Builder(archive.intSetting("dim"), views)
        .maxLength(archive.intSetting("maxLength"))
        .heads(archive.intSetting("heads"))
        .blocks(archive.intSetting("blocks"))
        .dropout(archive.doubleSetting("dropout"))
        .build();
  }

  /** Options of an {@link EncoderConfig}; each is checked where it is set. Not thread-safe. */
  public static final class Builder {
    private EncoderConfig config;

    private Builder(int dim, ItemViews views) {
      this.config = new EncoderConfig(dim, 10, 1, 1, 0.1, views);
    }

    /**
     * Sets the number of positions. The default is 10.
     *
     * @param maxLength L, from 1 to 32768
     * @return this builder
     * @throws IllegalArgumentException if outside that
     */
    @CanIgnoreReturnValue
    public Builder maxLength(int maxLength) {
      config =
          new EncoderConfig(
              config.dim, maxLength, config.heads, config.blocks, config.dropout, config.views);
      return this;
    }

    /**
     * Sets the number of attention heads. The default is 1.
     *
     * @param heads H, a divisor of d
     * @return this builder
     * @throws IllegalArgumentException if it does not divide d
     */
    @CanIgnoreReturnValue
    public Builder heads(int heads) {
      config =
          new EncoderConfig(
              config.dim, config.maxLength, heads, config.blocks, config.dropout, config.views);
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
      config =
          new EncoderConfig(
              config.dim, config.maxLength, config.heads, blocks, config.dropout, config.views);
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
      config =
          new EncoderConfig(
              config.dim, config.maxLength, config.heads, config.blocks, dropout, config.views);
      return this;
    }

    /**
     * The sizes.
     *
     * @return the sizes
     */
    public EncoderConfig build() {
      return config;
    }
  }
}
