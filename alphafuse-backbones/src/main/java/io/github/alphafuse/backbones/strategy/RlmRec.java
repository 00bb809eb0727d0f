package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.embedding.TrainingItems;
import io.github.alphafuse.core.internal.rows.Rows;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * RLMRec: a trained table of IDs, and a loss that aligns it with the text.
 *
 * <pre>
 * row = E_ID          loss + beta (1 - mean over all items of cos(MLP(from), to))
 * CON  from the language row x to the ID row        GEN  from the ID row to x
 * MLP(v) = W_2 LeakyReLU(W_1 v + b_1) + b_2,  hidden width (d_l + d) / 2,  slope 0.01
 * </pre>
 *
 * <p>Every step computes the second loss over the whole catalogue, so it moves the rows of all
 * items, including those without interactions. With beta = 0 it is left out, and the MLP is not
 * trained. The text is used only in training, but is saved with the model so that training can
 * continue. New items are not supported, because they have no row.
 *
 * <p>Trained numbers: (N + 1) d and the MLP's. Legend: N items, d_l language dimension, d embedding
 * dimension, h hidden width. Reading is thread-safe while no parameter is written.
 *
 * <p>See: Ren et al., "Representation Learning with Large Language Models for Recommendation", WWW
 * 2024.
 */
public final class RlmRec implements ItemEmbedding {
  static final String KIND = "rlmrec";

  /** The name of the trained table among the {@link #parameters()}. */
  public static final String TABLE = IdItemEmbedding.TABLE;

  static final String INNER = "reconstructor.inner";
  static final String OUTER = "reconstructor.outer";
  private static final double SLOPE = 0.01;

  /** Squared, so that a length is at least 1e-8. */
  private static final double SQUARED_EPSILON = 1e-16;

  private final IdItemEmbedding ids;
  private final Tensor language; // [N, d_l]
  private final Settings settings;
  private final LinearLayer inner; // W_1 [h, from]
  private final LinearLayer outer; // W_2 [to, h]
  private final ImmutableMap<String, Tensor> reconstructor;
  private final ImmutableMap<String, Tensor> parameters;

  /** The direction of the reconstruction between the two representations. */
  public enum Direction {
    /** The ID row from the text: contrastive in the paper. */
    CON,
    /** The text from the ID row: generative in the paper. */
    GEN
  }

  private record Settings(Direction direction, double weight) {}

  private RlmRec(IdItemEmbedding ids, Tensor language, Settings settings, RandomGenerator random) {
    this.ids = ids;
    this.language = language;
    this.settings = settings;
    int width = (language.shape(1) + ids.dim()) / 2;
    boolean fromText = settings.direction() == Direction.CON;
    int from = fromText ? language.shape(1) : ids.dim();
    int to = fromText ? ids.dim() : language.shape(1);
    this.inner = LinearLayer.initial(ids.elementType(), new int[] {width, from}, random);
    this.outer = LinearLayer.initial(ids.elementType(), new int[] {to, width}, random);
    this.reconstructor =
        ImmutableMap.of(
            INNER + ".weight", inner.weight(),
            INNER + ".bias", inner.bias(),
            OUTER + ".weight", outer.weight(),
            OUTER + ".bias", outer.bias());
    ImmutableMap.Builder<String, Tensor> trained = ImmutableMap.builder();
    trained.putAll(ids.parameters());
    if (settings.weight() > 0) {
      trained.putAll(reconstructor);
    }
    this.parameters = trained.buildOrThrow();
  }

  /**
   * A builder with the published defaults.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder
   */
  public static Builder builder(LanguageEmbeddings text) {
    return new Builder(text);
  }

  /**
   * The direction of the reconstruction.
   *
   * @return the direction
   */
  public Direction direction() {
    return settings.direction();
  }

  /**
   * The weight of the reconstruction in the loss.
   *
   * @return beta
   */
  public double weight() {
    return settings.weight();
  }

  @Override
  public int itemCount() {
    return ids.itemCount();
  }

  @Override
  public int dim() {
    return ids.dim();
  }

  @Override
  public ElementType elementType() {
    return ids.elementType();
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return parameters;
  }

  @Override
  public void gather(int[] items, Tensor rows, int at) {
    ids.gather(items, rows, at);
  }

  @Override
  public void accumulate(int[] items, Tensor rowGradients, Gradients gradients) {
    ids.accumulate(items, rowGradients, gradients);
  }

  @Override
  public int firstTrainedColumn() {
    return ids.firstTrainedColumn();
  }

  @Override
  public Tensor table() {
    return ids.table();
  }

  @Override
  public void accumulateTable(Tensor tableGradient, Gradients gradients) {
    ids.accumulateTable(tableGradient, gradients);
  }

  @Override
  public TrainingItems forTraining() {
    return new Training();
  }

  @Override
  public TextOrigin origin() {
    return ids.origin();
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public void write(ArchiveWriter archive) {
    archive
        .setting("languageDim", language.shape(1))
        .setting("direction", settings.direction())
        .setting("weight", settings.weight());
    archive.array("language", language);
    ids.write(archive.section("ids"));
    reconstructor.forEach(archive::array);
  }

  static RlmRec read(ArchiveReader archive) {
    ItemEmbedding table = ItemEmbedding.read("id", archive.section("ids"));
    Tensor language =
        archive.array("language", table.itemCount(), archive.intSetting("languageDim"));
    checkArgument(
        language.elementType() == table.elementType(),
        "language rows must be of type %s, found %s",
        table.elementType(),
        language);
    archive.requireNumbers("dim", table.dim(), language.shape(1));
    RlmRec read =
        new RlmRec(
            (IdItemEmbedding) table,
            language,
            new Settings(
                archive.enumSetting("direction", Direction.class), archive.doubleSetting("weight")),
            new SplittableRandom(0));
    archive.readInto(read.reconstructor);
    return read;
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
        "RLMRec[items=%d, languageDim=%d, dim=%d, %s, weight %s]",
        itemCount(),
        language.shape(1),
        dim(),
        settings.direction(),
        settings.weight());
  }

  /** The buffers of one thread. Each block of rows passes forward and backward at once. */
  private final class Lane implements AutoCloseable {
    private final BlockProduct inners = BlockProduct.of(inner.weight());
    private final BlockProduct outers = BlockProduct.of(outer.weight());
    private final Rows hidden = BlockProduct.rows(elementType(), inner.out());
    private final Rows predicted = BlockProduct.rows(elementType(), outer.out()); // or its gradient
    private final Rows dHidden = BlockProduct.rows(elementType(), inner.out());
    private final Rows dFrom = BlockProduct.rows(elementType(), inner.in());
    private final Rows innerBias = Rows.zeros(elementType(), 1, inner.out());
    private final Rows outerBias = Rows.zeros(elementType(), 1, outer.out());
    private double cosines;

    void prepare() {
      inners.refresh();
      outers.refresh();
      innerBias.clear();
      outerBias.clear();
      cosines = 0;
    }

    /** Processes a range of items, and adds to the gradient of their IDs. */
    void run(int first, int last, Tensor idGradient) {
      int count = last - first;
      boolean fromText = settings.direction() == Direction.CON;
      Rows texts = Rows.of(language).rows(first, last);
      Rows rows = Rows.of(ids()).rows(first, last);
      Rows dRows = Rows.of(idGradient).rows(first, last);
      Rows from = fromText ? texts : rows;
      Rows h = hidden.rows(0, count);
      Rows p = predicted.rows(0, count);
      Rows dh = dHidden.rows(0, count);
      inners.forward(from, h);
      h.addToEach(Rows.of(inner.bias()));
      h.flat().leaky(0, SLOPE);
      outers.forward(h, p);
      p.addToEach(Rows.of(outer.bias()));
      for (int r = 0; r < count; r++) {
        cosines += differentiate(r, p, fromText ? rows : texts, fromText ? dRows : null);
      }
      outerBias.addEach(p);
      outers.addGradient(p, h);
      outers.backward(p, dh);
      // The leaky ReLU keeps signs, so its slopes are those of its results.
      dh.flat().leakyBackward(0, SLOPE, h.flat());
      innerBias.addEach(dh);
      inners.addGradient(dh, from);
      if (!fromText) {
        Rows added = dFrom.rows(0, count);
        inners.backward(dh, added);
        dRows.add(added);
      }
    }

    /**
     * The cosine of two rows. Its share of the loss's gradient replaces the first row and is added
     * to the gradient of the second.
     */
    private double differentiate(int r, Rows p, Rows q, @Nullable Rows dq) {
      double pSquared = p.dot(r, p, r) + SQUARED_EPSILON;
      double qSquared = q.dot(r, q, r) + SQUARED_EPSILON;
      double lengths = Math.sqrt(pSquared) * Math.sqrt(qSquared);
      double cosine = p.dot(r, q, r) / lengths;
      double share = -settings.weight() / itemCount();
      if (dq != null) {
        dq.addScaled(r, share / lengths, p, r);
        dq.addScaled(r, -share * cosine / qSquared, q, r);
      }
      p.scale(r, -share * cosine / pSquared);
      p.addScaled(r, share / lengths, q, r);
      return cosine;
    }

    @Override
    public void close() {
      inners.close();
      outers.close();
    }
  }

  private Tensor ids() {
    return requireNonNull(ids.parameters().get(TABLE));
  }

  /** Rows are looked up, and the end of a step adds the reconstruction. */
  private final class Training implements TrainingItems {
    private final Lanes<Lane> lanes = new Lanes<>(Lane::new, Lane::close);

    @Override
    public ItemEmbedding rows() {
      return ids;
    }

    @Override
    public void begin(RandomGenerator random, int[]... items) {}

    @Override
    public double end(Gradients gradients) {
      if (settings.weight() == 0) {
        return 0;
      }
      gradients.clear(reconstructor.keySet());
      Tensor idGradient = gradients.get(TABLE);
      lanes.begin(itemCount(), Lane::prepare);
      lanes.forEachBlock(itemCount(), (lane, from, to) -> lane.run(from, to, idGradient));
      double[] cosines = new double[1];
      lanes.forEach(
          lane -> {
            lane.inners.addTo(Rows.of(gradients.get(INNER + ".weight")));
            lane.outers.addTo(Rows.of(gradients.get(OUTER + ".weight")));
            Rows.of(gradients.get(INNER + ".bias")).add(lane.innerBias);
            Rows.of(gradients.get(OUTER + ".bias")).add(lane.outerBias);
            cosines[0] += lane.cosines;
          });
      return settings.weight() * (1 - cosines[0] / itemCount());
    }

    @Override
    public void close() {
      lanes.close();
    }
  }

  /** Options of RLMRec; each is checked where it is set. Not thread-safe. */
  public static final class Builder extends StrategyBuilder<Builder> {
    private Direction direction = Direction.CON;
    private double weight = 0.1;
    private IdInitializer initializer = IdInitializer.normal();

    private Builder(LanguageEmbeddings text) {
      super(text);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the direction of the reconstruction. The default is {@link Direction#CON}.
     *
     * @param direction the direction
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder direction(Direction direction) {
      this.direction = direction;
      return this;
    }

    /**
     * Sets the weight of the reconstruction in the loss. The default is 0.1.
     *
     * @param weight beta, finite and at least 0
     * @return this builder
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder weight(double weight) {
      checkArgument(
          weight >= 0 && Double.isFinite(weight),
          "weight must be finite and at least 0, found %s",
          weight);
      this.weight = weight;
      return this;
    }

    /**
     * Sets the initialiser of the IDs. The default is normal(0, 1).
     *
     * @param idInitializer the initialiser
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder idInitializer(IdInitializer idInitializer) {
      this.initializer = idInitializer;
      return this;
    }

    /**
     * Scales the language embeddings and builds the embedding.
     *
     * @return the embedding
     * @throws IllegalArgumentException if a language embedding is not finite or cannot be
     *     normalised
     */
    public RlmRec build() {
      IdItemEmbedding.Builder table =
          IdItemEmbedding.builder(text().itemCount(), chosenDim())
              .initializer(initializer)
              .elementType(type())
              .seed(chosenSeed())
              .origin(origin());
      return new RlmRec(
          table.build(), scaled().apply(text(), type()), new Settings(direction, weight), random());
    }
  }
}
