package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TrainedModel;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.rows.Rows;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * AlphaRec: frozen language rows pass through a small trained projector and are propagated over the
 * graph. Users and items have no vectors of their own.
 *
 * <p>An item's input is its language row, a user's the mean of the rows of its training items.
 * Scores are cosines. Only the projector is trained, so the model also ranks items without
 * interactions, serves users who did not occur in training, and, {@linkplain #withItems with other
 * items}, ranks a catalogue that it was not trained on.
 *
 * <p>Legend: U users, N items, d_l language dimension, d embedding dimension, K layers. Not
 * thread-safe while it is trained; its scorers are.
 *
 * <p>See: Sheng et al., "Language Representations Can be What Recommenders Need: Findings and
 * Potentials", ICLR 2025.
 */
public final class AlphaRec extends TrainedModel implements GraphModel {
  /** The format of a saved model. */
  public static final ArchiveFormat FORMAT = new ArchiveFormat("alpharec", 1);

  private final GraphSetup setup;
  private final ProjectorWeights weights;
  private final Language language;
  private final Optional<Intention> intention;

  private AlphaRec(
      GraphSetup setup,
      ProjectorWeights weights,
      Language language,
      Optional<Intention> intention) {
    this.setup = setup;
    this.weights = weights;
    this.language = language;
    this.intention = intention;
  }

  /** The language rows [N, d_l] and what is known of their text. */
  private record Language(Tensor rows, TextOrigin origin) {
    static Language of(LanguageEmbeddings text, ElementType type) {
      return new Language(text.toTensor().to(type), TextOrigin.of(text));
    }
  }

  private AlphaRec from(AlphaRec trained) {
    takeTraining(trained);
    return this;
  }

  /**
   * A builder with the published defaults.
   *
   * @param text the language rows of the items [N, d_l]
   * @param graph the graph of the training interactions
   * @return the builder
   * @throws IllegalArgumentException if the number of items differs, or the text has other ids than
   *     the graph
   */
  public static Builder builder(LanguageEmbeddings text, InteractionGraph graph) {
    graph.vocabulary().requireText(text);
    return new Builder(text, graph);
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
    return weights.dim();
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
    return language.rows.elementType();
  }

  /**
   * The kind of projector.
   *
   * @return linear or MLP
   */
  public Projector projector() {
    return weights.kind();
  }

  ProjectorWeights weights() {
    return weights;
  }

  Tensor language() {
    return language.rows;
  }

  @Override
  public TextOrigin textOrigin() {
    return language.origin;
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return weights.asMap();
  }

  @Override
  public GraphEmbeddings embeddings() {
    try (GraphEncoder encoder = new LanguageEncoder(this, layers())) {
      return setup.embeddings(encoder);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the loss is of another kind or egoDecay is not 0, since
   *     there are no trained rows; regularise with the optimizer's weight decay
   */
  @Override
  public Objective<PairBatch> objective(Loss loss, double egoDecay) {
    checkArgument(
        egoDecay == 0,
        "egoDecay must be 0 for AlphaRec, which trains no rows of users and items (use"
            + " weightDecay), found %s",
        egoDecay);
    PairLoss closed = setup.pairLoss(loss);
    return new PairObjective(
        new LanguageEncoder(this, layers()), closed, PairObjective.EgoDecay.NONE);
  }

  @Override
  public GraphScorer scorer() {
    try (LanguageEncoder last = new LanguageEncoder(this, layers());
        LanguageEncoder before = new LanguageEncoder(this, Math.max(0, layers() - 1))) {
      setup.forward(last);
      before.forward();
      return new GraphScorer(
          this,
          new Rows[] {last.items(), before.items()},
          Optional.of(new UserProjection(weights.copy(), last.itemProducts(), intention)));
    }
  }

  /**
   * The same projector on another catalogue with its interactions, without training (zero-shot).
   *
   * @param text the language rows of the other items, of the same encoder
   * @param otherGraph the graph of their interactions
   * @return a model that shares the projector's weights with this one
   * @throws IllegalArgumentException if the width of the rows or the number of items does not fit,
   *     or the text has other ids than the graph
   */
  public AlphaRec withItems(LanguageEmbeddings text, InteractionGraph otherGraph) {
    otherGraph.vocabulary().requireText(text);
    requireWidth(text.dim());
    return new AlphaRec(
            new GraphSetup(otherGraph, layers(), similarity()),
            weights,
            Language.of(text, elementType()),
            intention)
        .from(this);
  }

  /**
   * A model that knows new items behind those of this one, each by its text alone: nobody has
   * interacted with them. Nothing is trained.
   *
   * @param ids the ids of the new items, in the order of their text
   * @param text their language rows, of the encoder that made the others'
   * @return a model of all items that shares the projector's weights with this one
   * @throws IllegalArgumentException if an id is known already or occurs twice, there are more of
   *     one than of the other, or the width of the text does not fit
   */
  @Override
  public AlphaRec withNewItems(List<String> ids, LanguageEmbeddings text) {
    requireWidth(text.dim());
    UserItems all = graph().interactions().over(vocabulary().withNewItems(ids, text));
    return new AlphaRec(
            new GraphSetup(InteractionGraph.of(all), layers(), similarity()),
            weights,
            new Language(
                language.rows.append(text.toTensor().to(elementType())),
                language.origin.append(text)),
            intention)
        .from(this);
  }

  private void requireWidth(int width) {
    checkArgument(
        width == weights.languageDim(),
        "language rows must be of width %s as the projector, found %s",
        weights.languageDim(),
        width);
  }

  /**
   * The same model whose {@link #scorer()} blends an intention into every user: e_u' = (1 - a) e_u
   * + a e_intent before propagation. The intention is not saved with the model.
   *
   * @param given the intention of the users
   * @return a model that shares the weights with this one
   * @throws IllegalArgumentException if the width of its row does not fit
   */
  public AlphaRec withIntention(Intention given) {
    requireWidth(given.row().length);
    return new AlphaRec(setup, weights, language, Optional.of(given)).from(this);
  }

  @Override
  public void save(Path path) {
    try (ArchiveWriter writer = ArchiveWriter.create(path, FORMAT)) {
      setup.write(writer.section("graph"));
      weights.write(writer);
      writer.array("language", language.rows);
      language.origin.write(writer);
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
  public static AlphaRec load(Path path) {
    try (ArchiveReader reader = ArchiveReader.open(path, FORMAT)) {
      GraphSetup setup = GraphSetup.read(reader.section("graph"));
      ProjectorWeights weights = ProjectorWeights.read(reader);
      Tensor language = reader.array("language", setup.graph().itemCount(), weights.languageDim());
      AlphaRec loaded =
          new AlphaRec(
              setup, weights, new Language(language, TextOrigin.read(reader)), Optional.empty());
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
    return "AlphaRec["
        + graph()
        + ", "
        + projector()
        + " "
        + weights.languageDim()
        + " to "
        + dim()
        + ", "
        + layers()
        + " layers]";
  }

  /** Options of an {@link AlphaRec}; each is checked where it is set. Not thread-safe. */
  public static final class Builder extends GraphModelBuilder<Builder> {
    private final LanguageEmbeddings text;
    private Projector projector = Projector.MLP;

    private Builder(LanguageEmbeddings text, InteractionGraph graph) {
      super(graph, 0);
      this.text = text;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the kind of projector. The default is {@link Projector#MLP}.
     *
     * @param projector the kind
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder projector(Projector projector) {
      this.projector = projector;
      return this;
    }

    /**
     * Builds the model with start weights.
     *
     * @return the model
     */
    public AlphaRec build() {
      return new AlphaRec(
          new GraphSetup(graph, layers, Similarity.COSINE),
          ProjectorWeights.initial(
              type, projector, new ProjectorWeights.Widths(text.dim(), dim), seed),
          Language.of(text, type),
          Optional.empty());
    }
  }
}
