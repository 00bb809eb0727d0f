package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ExtendableItems;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.embedding.TrainingItems;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * LLM-ESR: two views of each item side by side, a trained ID and its text put through an adapter.
 *
 * <pre>
 * row  = [E_ID ; W_2 (W_1 x + b_1) + b_2]           x the frozen language row
 * loss = loss + beta CL(E_ID, text)                 over the items of the batch's histories
 * </pre>
 *
 * <p>E_ID starts from the text's principal components, as with {@link LlmInit}. A backbone that is
 * built on these items encodes the views apart, after cross-attention between them ({@link
 * ItemViews}); its user vectors are as wide as the rows. CL is a soft contrastive loss: among the
 * positions of a batch, the product of an item's ID with another's text should follow how alike the
 * two items are in both views. By default it joins the loss of any backbone; {@link
 * Builder#contrastWeight} 0 leaves it out.
 *
 * <p>Trained numbers: (N + 1) d, the adapter's d_l h + h + h d + d, and those that the backbone has
 * for the attention between views, 8 d^2 + 2 d. Legend: N items, d_l language dimension, d width of
 * a view, h hidden width. Reading is thread-safe while no parameter is written.
 *
 * <p>See: Liu et al., "LLM-ESR: Large Language Models Enhancement for Long-tailed Sequential
 * Recommendation", NeurIPS 2024. NOTE: soft targets in the contrastive loss in the place of one-hot
 * ones, and no distillation from similar users, as in the public AlphaFuse implementation.
 */
public final class LlmEsr extends PairedRows implements ExtendableItems {
  static final String KIND = "llm-esr";

  /** What the attention between views divides their width by. */
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
   * A builder with the published defaults: views of 128 columns, or the even number that the text
   * has directions with variance for if that is less; a hidden width of d_l / 2, weight 0.1 of the
   * contrastive loss.
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
   * The projector that gave the IDs their start.
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
   * A catalogue that has new items behind those of this one: their IDs start from their text as
   * those of the others did.
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

  /** The texts of a step's items are computed once; its end adds the contrastive loss. */
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
     * The width between the two layers of the adapter.
     *
     * @param width h, at least 1; d_l / 2 where it is not set, as published with SASRec
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder hiddenDim(int width) {
      checkArgument(width >= 1, "hiddenDim must be at least 1, found %s", width);
      this.hiddenDim = width;
      this.isHalfway = false;
      return this;
    }

    /**
     * A width between the two layers of the adapter that lies halfway between the text's and the
     * view's, (d_l + d) / 2, as published with DreamRec. Of this and {@link #hiddenDim} the one
     * that is set last counts.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder halfwayHiddenDim() {
      this.isHalfway = true;
      return this;
    }

    /**
     * The weight of the contrastive loss between the views.
     *
     * @param beta finite and at least 0; 0.1 where it is not set
     * @return this
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder contrastWeight(double beta) {
      checkArgument(
          beta >= 0 && Double.isFinite(beta),
          "contrastWeight must be finite and at least 0, found %s",
          beta);
      this.contrastWeight = beta;
      return this;
    }

    /**
     * How the views meet in the encoder.
     *
     * @param how {@link ItemViews#ID_AND_TEXT}, as in the paper, where it is not set, or {@link
     *     ItemViews#TEXT_TWICE}, as in the public AlphaFuse implementation
     * @return this
     * @throws IllegalArgumentException if it is {@link ItemViews#ONE}
     */
    @CanIgnoreReturnValue
    public Builder views(ItemViews how) {
      checkArgument(how != ItemViews.ONE, "views must be ID_AND_TEXT or TEXT_TWICE, found %s", how);
      this.views = how;
      return this;
    }

    /**
     * Projects and scales the language embeddings and builds the embedding.
     *
     * @return the embedding
     * @throws IllegalArgumentException if a dim that is given is above d_l or the number of
     *     directions with variance (the message names the largest that works), a language embedding
     *     is not finite, or no direction has variance and no floor is set
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
      int hidden = hiddenDim > 0 && !isHalfway ? hiddenDim : published;
      return new LlmEsr(
          ids,
          new AdaptedItemEmbedding(
              "LLM-ESR text",
              language,
              map,
              LinearPairAdapter.initial(type(), new int[] {dim, hidden, languageDim}, random())),
          start,
          new Settings(views, contrastWeight));
    }
  }
}
