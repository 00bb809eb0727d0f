package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ExtendableItems;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.embedding.TrainingItems;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * LLM-ESR: two views of each item side by side, a trained ID and its text after an adapter.
 *
 * <pre>
 * row  = [E_ID ; W_2 (W_1 x + b_1) + b_2]           x the frozen language row
 * loss = loss + beta CL(E_ID, text)                 over the items of the batch's histories
 * </pre>
 *
 * <p>E_ID starts from the text's principal components, as in {@link LlmInit}. A backbone on these
 * items encodes the views separately, after cross-attention between them ({@link ItemViews}). Its
 * user vectors have the width of the rows. CL is a soft contrastive loss: among the positions of a
 * batch, the product of an item's ID with another item's text should follow the similarity of the
 * two items in both views. By default it is added to the loss of any backbone; {@link
 * Builder#contrastWeight} 0 leaves it out.
 *
 * <p>Trained numbers: (N + 1) d, the adapter's d_l h + h + h d + d, and the backbone's 8 d^2 + 2 d
 * for the attention between views. Legend: N items, d_l language dimension, d width of a view, h
 * hidden width. Reading is thread-safe while no parameter is written.
 *
 * <p>See: Liu et al., "LLM-ESR: Large Language Models Enhancement for Long-tailed Sequential
 * Recommendation", NeurIPS 2024. NOTE: the contrastive loss has soft instead of one-hot targets,
 * and there is no distillation from similar users, as in the public AlphaFuse implementation.
 */
public final class LlmEsr extends PairedRows implements ExtendableItems {
  static final String KIND = "llm-esr";

  /** The divisor of the width of views in the attention between them. */
  private static final int HEADS = 2;

  private final IdItemEmbedding ids;
  private final AdaptedItemEmbedding texts;
  private final NullSpaceProjector start;
  private final Settings settings;

  private record Settings(ItemViews views, double contrastWeight) {}

  private LlmEsr(
      IdItemEmbedding ids,
      AdaptedItemEmbedding texts,
      NullSpaceProjector start,
      Settings settings) {
    super(ids, texts);
    this.ids = ids;
    this.texts = texts;
    this.start = start;
    this.settings = settings;
  }

  /**
   * A builder with the published defaults. The width of views is even, and at most the number of
   * the text's directions with variance.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder
   */
  public static Builder builder(LanguageEmbeddings text) {
    return new Builder(text);
  }

  @Override
  public ItemViews views() {
    return settings.views();
  }

  /**
   * The projector of the IDs' start values.
   *
   * @return the projector, without a null space
   */
  public NullSpaceProjector projector() {
    return start;
  }

  /**
   * The weight of the contrastive loss between the views.
   *
   * @return beta
   */
  public double contrastWeight() {
    return settings.contrastWeight();
  }

  /**
   * A catalogue with new items after those of this one. Their IDs start from their text, like those
   * of the others.
   *
   * @param text [M, d_l], the new items, which become rows N to N + M - 1
   * @return an embedding of N + M items that shares the adapter's weights with this one and has an
   *     ID table of its own
   * @throws IllegalArgumentException if the width is not d_l or a number is not finite
   */
  @Override
  public LlmEsr withNewItems(LanguageEmbeddings text) {
    AdaptedItemEmbedding allTexts = texts.withNewItems(text);
    Tensor all = ids.table().append(start.project(text, elementType()));
    IdItemEmbedding allIds =
        IdItemEmbedding.builder(allTexts.itemCount(), ids.dim())
            .rows(all)
            .elementType(elementType())
            .build();
    return new LlmEsr(allIds, allTexts, start, settings);
  }

  @Override
  public TrainingItems forTraining() {
    return new Training();
  }

  @Override
  public TextOrigin origin() {
    return texts.origin();
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public void write(ArchiveWriter archive) {
    archive.setting("views", settings.views()).setting("contrastWeight", settings.contrastWeight());
    ids.write(archive.section("ids"));
    texts.write(archive.section("texts"));
    start.write(archive.section("start"));
  }

  static LlmEsr read(ArchiveReader archive) {
    return new LlmEsr(
        (IdItemEmbedding) ItemEmbedding.read("id", archive.section("ids")),
        AdaptedItemEmbedding.read(archive.section("texts")),
        NullSpaceProjector.read(archive.section("start")),
        new Settings(
            archive.enumSetting("views", ItemViews.class),
            archive.doubleSetting("contrastWeight")));
  }

  /**
   * A short description.
   *
   * @return sizes and settings
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "LLM-ESR[%s, %s, views %s, contrast weight %s]",
        ids,
        texts,
        settings.views(),
        settings.contrastWeight());
  }

  /** Computes the texts of a step's items once, and adds the contrastive loss at its end. */
  private final class Training implements TrainingItems {
    private final TrainingItems adapted = texts.forTraining();
    private final ViewContrast contrast = ViewContrast.of(elementType());
    private final PairedRows rows = new StepRows(adapted.rows());
    private int[] histories = new int[0];

    @Override
    public ItemEmbedding rows() {
      return rows;
    }

    @Override
    public void begin(RandomGenerator random, int[]... items) {
      adapted.begin(random, items);
      histories = items[0];
    }

    @Override
    public double end(Gradients gradients) {
      double value = settings.contrastWeight() == 0 ? 0 : contrast(gradients);
      return value + adapted.end(gradients);
    }

    private double contrast(Gradients gradients) {
      int[] positions = Arrays.stream(histories).filter(item -> item < itemCount()).toArray();
      Arrays.sort(positions);
      int[] items = new int[positions.length];
      int[] counts = new int[positions.length];
      int found = 0;
      for (int p = 0; p < positions.length; p++) {
        if (p == 0 || positions[p] != positions[p - 1]) {
          items[found++] = positions[p];
        }
        counts[found - 1]++;
      }
      int[] different = Arrays.copyOf(items, found);
      Tensor values = Tensor.zeros(elementType(), found, dim());
      Tensor rowGradients = Tensor.zeros(elementType(), found, dim());
      rows.gather(different, values);
      double value =
          contrast.apply(
              new ViewContrast.Items(values, Arrays.copyOf(counts, found)),
              settings.contrastWeight(),
              rowGradients);
      rows.accumulate(different, rowGradients, gradients);
      return value;
    }

    @Override
    public void close() {
      adapted.close();
      contrast.close();
    }
  }

  /** The rows of a step. */
  private final class StepRows extends PairedRows {
    StepRows(ItemEmbedding adapted) {
      super(ids, adapted);
    }

    @Override
    public ItemViews views() {
      return LlmEsr.this.views();
    }

    @Override
    public String kind() {
      return LlmEsr.this.kind();
    }

    @Override
    public void write(ArchiveWriter archive) {
      LlmEsr.this.write(archive);
    }
  }

  /** Options of LLM-ESR; each is checked where it is set. Not thread-safe. */
  public static final class Builder extends ProjectedIdsBuilder<Builder> {
    private int hiddenDim;
    private boolean isHalfway;
    private double contrastWeight = 0.1;
    private ItemViews views = ItemViews.ID_AND_TEXT;

    private Builder(LanguageEmbeddings text) {
      super(text);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the width between the two layers of the adapter, instead of {@link #halfwayHiddenDim}.
     * The default is d_l / 2, as published with SASRec.
     *
     * @param hiddenDim h, at least 1
     * @return this builder
     * @throws IllegalArgumentException if below 1
     * @throws IllegalStateException if {@link #halfwayHiddenDim} was set
     */
    @CanIgnoreReturnValue
    public Builder hiddenDim(int hiddenDim) {
      checkArgument(hiddenDim >= 1, "hiddenDim must be at least 1, found %s", hiddenDim);
      checkState(!isHalfway, "hiddenDim excludes halfwayHiddenDim, which is set already");
      this.hiddenDim = hiddenDim;
      return this;
    }

    /**
     * Sets the width between the two layers of the adapter to the mean of those of the text and the
     * view, (d_l + d) / 2, as published with DreamRec, instead of {@link #hiddenDim}.
     *
     * @return this builder
     * @throws IllegalStateException if {@link #hiddenDim} was set
     */
    @CanIgnoreReturnValue
    public Builder halfwayHiddenDim() {
      checkState(
          hiddenDim == 0,
          "halfwayHiddenDim excludes hiddenDim, which is set to %s already",
          hiddenDim);
      this.isHalfway = true;
      return this;
    }

    /**
     * Sets the weight of the contrastive loss between the views. The default is 0.1.
     *
     * @param contrastWeight beta, finite and at least 0
     * @return this builder
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder contrastWeight(double contrastWeight) {
      checkArgument(
          contrastWeight >= 0 && Double.isFinite(contrastWeight),
          "contrastWeight must be finite and at least 0, found %s",
          contrastWeight);
      this.contrastWeight = contrastWeight;
      return this;
    }

    /**
     * Sets how the encoder combines the views. The default is {@link ItemViews#ID_AND_TEXT}, as in
     * the paper.
     *
     * @param views {@link ItemViews#ID_AND_TEXT}, or {@link ItemViews#TEXT_TWICE} as in the public
     *     AlphaFuse implementation
     * @return this builder
     * @throws IllegalArgumentException if it is {@link ItemViews#ONE}
     */
    @CanIgnoreReturnValue
    public Builder views(ItemViews views) {
      checkArgument(
          views != ItemViews.ONE, "views must be ID_AND_TEXT or TEXT_TWICE, found %s", views);
      this.views = views;
      return this;
    }

    /**
     * Projects and scales the language embeddings and builds the embedding.
     *
     * @return the embedding
     * @throws IllegalArgumentException if a given dim is above d_l or the number of directions with
     *     variance (the message names the largest that works), a language embedding is not finite,
     *     or no direction has variance and no floor is set
     * @throws ArithmeticException if no solver finds right eigenvectors
     */
    public LlmEsr build() {
      NullSpaceProjector start = fitProjector(HEADS);
      IdItemEmbedding ids = projectedIds(start);
      LanguageMap map = scaled();
      Tensor language = map.apply(text(), type());
      int languageDim = language.shape(1);
      int dim = ids.dim();
      int published = isHalfway ? (languageDim + dim) / 2 : Math.max(1, languageDim / 2);
      int hidden = hiddenDim > 0 ? hiddenDim : published;
      return new LlmEsr(
          ids,
          new AdaptedItemEmbedding(
              "LLM-ESR text",
              language,
              map,
              LinearPairAdapter.initial(type(), new int[] {dim, hidden, languageDim}, random()),
              origin()),
          start,
          new Settings(views, contrastWeight));
    }
  }
}
