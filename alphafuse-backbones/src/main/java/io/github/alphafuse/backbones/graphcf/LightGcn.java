package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TrainedModel;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.rows.Rows;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * LightGCN: one trained vector per user and item, propagated over the graph and averaged over the
 * layers.
 *
 * <p>Scores are inner products for {@link io.github.alphafuse.backbones.loss.Bpr} and cosines for
 * {@link io.github.alphafuse.backbones.loss.InfoNce}.
 *
 * <p>Legend: U users, N items, d embedding dimension, K layers. Not thread-safe while it is
 * trained; its scorers are.
 *
 * <p>See: He et al., "LightGCN: Simplifying and Powering Graph Convolution Network for
 * Recommendation", SIGIR 2020.
 */
public final class LightGcn extends TrainedModel implements GraphModel {
  /** The format of a saved model. */
  public static final ArchiveFormat FORMAT = new ArchiveFormat("lightgcn", 1);

  static final String USER_TABLE = "user_embedding";
  static final String ITEM_TABLE = "item_embedding";
  private static final int FEWEST_LAYERS = 1;
  private static final double START_DEVIATION = 1e-4;

  private final GraphSetup setup;
  private final Tensor users; // [U, d]
  private final Tensor items; // [N, d]

  private LightGcn(GraphSetup setup, Tensor users, Tensor items) {
    this.setup = setup;
    this.users = users;
    this.items = items;
  }

  /**
   * A builder with the published defaults.
   *
   * @param graph the graph of the training interactions
   * @return the builder
   */
  public static Builder builder(InteractionGraph graph) {
    return new Builder(graph);
  }

  @Override
  public InteractionGraph graph() {
    return setup.graph();
  }

  @Override
  public ItemVocabulary vocabulary() {
    return setup.graph().vocabulary();
  }

  @Override
  public int dim() {
    return users.shape(1);
  }

  @Override
  public int layers() {
    return setup.layers();
  }

  @Override
  public Similarity similarity() {
    return setup.similarity();
  }

  @Override
  public ElementType elementType() {
    return users.elementType();
  }

  Tensor userTable() {
    return users;
  }

  Tensor itemTable() {
    return items;
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return ImmutableMap.of(USER_TABLE, users, ITEM_TABLE, items);
  }

  @Override
  public GraphEmbeddings embeddings() {
    try (GraphEncoder encoder = new LookUpEncoder(this, layers())) {
      return setup.embeddings(encoder);
    }
  }

  @Override
  public Objective<PairBatch> objective(Loss loss, double egoDecay) {
    checkArgument(
        egoDecay >= 0 && Double.isFinite(egoDecay),
        "egoDecay must be finite and at least 0, found %s",
        egoDecay);
    return new PairObjective(
        new LookUpEncoder(this, layers()),
        setup.pairLoss(loss),
        egoDecay == 0
            ? PairObjective.EgoDecay.NONE
            : (batch, gradients) -> decay(egoDecay / batch.size(), batch, gradients));
  }

  /**
   * factor / 2 times the squared lengths of the rows of a batch, counted each time a row occurs.
   */
  private double decay(double factor, PairBatch batch, Gradients gradients) {
    int[] occurrences = new int[items.shape(0)];
    count(batch.positives(), occurrences);
    count(batch.negatives(), occurrences);
    int[] ofUsers = new int[users.shape(0)];
    count(batch.users(), ofUsers);
    return decay(factor, users, new Occurrences(ofUsers, gradients.get(USER_TABLE)))
        + decay(factor, items, new Occurrences(occurrences, gradients.get(ITEM_TABLE)));
  }

  private static void count(int[] rows, int[] occurrences) {
    for (int row : rows) {
      occurrences[row]++;
    }
  }

  private record Occurrences(int[] counts, Tensor gradient) {}

  private static double decay(double factor, Tensor table, Occurrences rows) {
    int width = table.shape(1);
    double squares = 0;
    for (int r = 0; r < rows.counts().length; r++) {
      int count = rows.counts()[r];
      for (int j = r * width; count > 0 && j < (r + 1) * width; j++) {
        double value = table.get(j);
        squares += count * value * value;
        rows.gradient().set(j, rows.gradient().get(j) + factor * count * value);
      }
    }
    return factor / 2 * squares;
  }

  @Override
  public GraphScorer scorer() {
    try (GraphEncoder last = new LookUpEncoder(this, layers());
        GraphEncoder before = new LookUpEncoder(this, layers() - 1)) {
      setup.forward(last);
      before.forward();
      return new GraphScorer(this, new Rows[] {last.items(), before.items()}, Optional.empty());
    }
  }

  @Override
  public void save(Path path) {
    try (ArchiveWriter writer = ArchiveWriter.create(path, FORMAT)) {
      setup.write(writer.section("graph"));
      parameters().forEach(writer::array);
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
  public static LightGcn load(Path path) {
    try (ArchiveReader reader = ArchiveReader.open(path, FORMAT)) {
      GraphSetup setup = GraphSetup.read(reader.section("graph"), FEWEST_LAYERS);
      Tensor users = reader.array(USER_TABLE);
      Tensor items = reader.array(ITEM_TABLE);
      checkArgument(
          users.rank() == 2
              && items.rank() == 2
              && users.shape(0) == setup.graph().userCount()
              && items.shape(0) == setup.graph().itemCount()
              && users.shape(1) == items.shape(1)
              && users.elementType() == items.elementType(),
          "%s: tables must have a row for each node of %s, found %s and %s",
          path,
          setup.graph(),
          users,
          items);
      LightGcn loaded = new LightGcn(setup, users, items);
      loaded.readTraining(reader);
      return loaded;
    }
  }

  /**
   * A short description.
   *
   * @return graph and sizes
   */
  @Override
  public String toString() {
    return "LightGcn["
        + graph()
        + ", d "
        + dim()
        + ", "
        + layers()
        + " layers, "
        + similarity()
        + "]";
  }

  /** Options of a {@link LightGcn}; each is checked where it is set. Not thread-safe. */
  public static final class Builder extends GraphModelBuilder<Builder> {
    private Similarity similarity = Similarity.INNER_PRODUCT;

    private Builder(InteractionGraph graph) {
      super(graph, FEWEST_LAYERS);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets how items are scored, which determines the loss of the model. The default is {@link
     * Similarity#INNER_PRODUCT}.
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
     * Builds the model with start vectors from N(0, 1e-4 squared).
     *
     * @return the model
     */
    public LightGcn build() {
      SplittableRandom random = new SplittableRandom(seed);
      return new LightGcn(
          new GraphSetup(graph, layers, similarity),
          gaussian(graph.userCount(), random.split()),
          gaussian(graph.itemCount(), random.split()));
    }

    private Tensor gaussian(int rows, SplittableRandom random) {
      Tensor table = Tensor.zeros(type, rows, dim);
      for (int i = 0; i < table.size(); i++) {
        table.set(i, START_DEVIATION * random.nextGaussian());
      }
      return table;
    }
  }
}
