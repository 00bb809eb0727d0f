package io.github.alphafuse.backbones.graphcf;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every graph model, and what each is particular about. */
class GraphModelTest {
  private static final int DIM = 8;
  private static final int TEXT = 12;
  private static final ItemVocabulary IDS =
      ItemVocabulary.of(IntStream.range(0, 30).mapToObj(i -> "item-" + i).toList());
  private static final InteractionGraph GRAPH = named(RandomGraph.of(20, 30, 0.2));

  @TempDir private Path folder;

  private static InteractionGraph named(InteractionGraph graph) {
    UserItems items = graph.interactions();
    int[][] sets =
        IntStream.range(0, items.userCount()).mapToObj(items::items).toArray(int[][]::new);
    return InteractionGraph.of(UserItems.of(IDS, items.users(), sets));
  }

  private static LanguageEmbeddings text(int items, int width) {
    return LanguageEmbeddings.of(RandomNumbers.tensor(ElementType.FLOAT32, 8, items, width));
  }

  private static LightGcn lightGcn(Similarity similarity, ElementType type) {
    LightGcn model =
        LightGcn.builder(GRAPH).dim(DIM).similarity(similarity).elementType(type).build();
    model.parameters().values().forEach(value -> value.copyFrom(scaled(value)));
    return model;
  }

  private static Tensor scaled(Tensor table) {
    Tensor scaled = table.copy();
    for (int i = 0; i < scaled.size(); i++) {
      scaled.set(i, 1e4 * table.get(i));
    }
    return scaled;
  }

  private static AlphaRec alphaRec(Projector projector, int layers, ElementType type) {
    return AlphaRec.builder(text(30, TEXT), GRAPH)
        .projector(projector)
        .dim(DIM)
        .layers(layers)
        .elementType(type)
        .build();
  }

  static Stream<GraphModel> models() {
    return Stream.of(ElementType.FLOAT32, ElementType.FLOAT64)
        .flatMap(
            type ->
                Stream.of(
                    lightGcn(Similarity.INNER_PRODUCT, type),
                    lightGcn(Similarity.COSINE, type),
                    alphaRec(Projector.LINEAR, 3, type),
                    alphaRec(Projector.MLP, 2, type),
                    alphaRec(Projector.MLP, 0, type)));
  }

  private static int[][] histories() {
    return new int[][] {{3, 7, 3, 1}, {29}, {0, 2, 4, 6, 8, 10}};
  }

  @ParameterizedTest
  @MethodSource("models")
  void scoresAreProductsOfItsVectors(GraphModel model) {
    GraphEmbeddings embeddings = model.embeddings();
    double tolerance = model.elementType() == ElementType.FLOAT64 ? 1e-12 : 1e-5;
    int[] users = {4, 0, 19, 4};
    try (UserScorer scorer = model.userScorer()) {
      assertThat(scorer.userCount()).isEqualTo(20);
      assertThat(scorer.itemCount()).isEqualTo(30);
      Tensor scores = scorer.score(users);
      for (int b = 0; b < users.length; b++) {
        for (int item = 0; item < 30; item++) {
          double product = 0;
          for (int j = 0; j < DIM; j++) {
            product +=
                embeddings.users().get(users[b] * DIM + j) * embeddings.items().get(item * DIM + j);
          }
          assertThat(scores.get(b * 30 + item)).isCloseTo(product, within(tolerance));
        }
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scorer.score(new int[] {20}))
          .withMessage("user 0 must lie in [0, 20), found 20");
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void scorersAreSnapshots(GraphModel model) {
    try (GraphScorer scorer = model.scorer();
        UserScorer users = model.userScorer()) {
      Tensor before = scorer.score(histories());
      Tensor usersBefore = users.score(new int[] {1, 2});
      model.parameters().values().forEach(value -> value.fill(0.5));
      assertThat(values(scorer.score(histories()))).isEqualTo(values(before));
      assertThat(values(users.score(new int[] {1, 2}))).isEqualTo(values(usersBefore));
    }
  }

  private static double[] values(Tensor tensor) {
    return IntStream.range(0, tensor.size()).mapToDouble(tensor::get).toArray();
  }

  @ParameterizedTest
  @MethodSource("models")
  void theBestAreThoseOfTheScores(GraphModel model) {
    try (GraphScorer scorer = model.scorer()) {
      Tensor scores = scorer.score(histories());
      TopItems[] best = scorer.top(histories(), TopQuery.ofAll(5));
      for (int b = 0; b < best.length; b++) {
        int row = b;
        int[] expected =
            IntStream.range(0, 30)
                .boxed()
                .sorted(
                    (i, j) ->
                        Double.compare(
                            (float) scores.get(row * 30 + j), (float) scores.get(row * 30 + i)))
                .limit(5)
                .mapToInt(Integer::intValue)
                .toArray();
        assertThat(best[b].rows()).containsExactly(expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void isTheSameAfterSavingAndLoading(GraphModel model) {
    Path file = folder.resolve("model.zip");
    model.save(file);
    RankingModel loaded = SavedModel.load(file);
    assertThat(loaded).hasSameClassAs(model).hasToString(model.toString());
    assertThat(loaded.vocabulary()).isEqualTo(IDS);
    GraphModel graphModel = (GraphModel) loaded;
    assertThat(graphModel.graph().users()).isEqualTo(GRAPH.users());
    try (GraphScorer expected = model.scorer();
        GraphScorer found = graphModel.scorer()) {
      assertThat(values(found.score(histories()))).isEqualTo(values(expected.score(histories())));
    }
    try (UserScorer expected = model.userScorer();
        UserScorer found = graphModel.userScorer()) {
      int[] users = {0, 7};
      assertThat(values(found.score(users))).isEqualTo(values(expected.score(users)));
    }
    try (Recommender recommender = Recommender.load(file)) {
      assertThat(recommender.recommend(List.of("item-3", "item-29"), 4))
          .hasSize(4)
          .extracting(Recommendation::item)
          .doesNotContain("item-3", "item-29");
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void rejectsHistoriesThatItDoesNotKnow(GraphModel model) {
    try (GraphScorer scorer = model.scorer()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scorer.score(new int[][] {{1}, {}}))
          .withMessage("history 1 must not be empty");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scorer.score(new int[][] {{1, 30}}))
          .withMessage("items of history 0 must lie in [0, 30), found 30");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scorer.score(new int[][] {{-1, 3}}))
          .withMessage("items of history 0 must lie in [0, 30), found -1");
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void failsOnceClosed(GraphModel model) {
    GraphScorer scorer = model.scorer();
    scorer.close();
    scorer.close();
    org.assertj.core.api.Assertions.assertThatIllegalStateException()
        .isThrownBy(() -> scorer.score(histories()))
        .withMessage("this scorer is closed");
  }

  @ParameterizedTest
  @MethodSource("models")
  void rejectsBatchesThatDoNotFit(GraphModel model) {
    boolean cosine = model.similarity() == Similarity.COSINE;
    try (Objective<PairBatch> objective =
        model.objective(cosine ? InfoNce.withNegatives(1) : Bpr.create(), 0)) {
      Gradients gradients = Gradients.of(model.parameters());
      int[] one = {1};
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  objective.gradients(
                      new PairBatch(one, one, new int[] {1, 2}),
                      new SplittableRandom(0),
                      gradients))
          .withMessage("a pair must have 1 negatives, found 2");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  objective.gradients(
                      new PairBatch(new int[] {20}, one, one), new SplittableRandom(0), gradients))
          .withMessage("user 0 must lie in [0, 20), found 20");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  objective.gradients(
                      new PairBatch(one, new int[] {30}, one), new SplittableRandom(0), gradients))
          .withMessage("positive 0 must lie in [0, 30), found 30");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  objective.gradients(
                      new PairBatch(one, one, new int[] {-1}), new SplittableRandom(0), gradients))
          .withMessage("negative 0 must lie in [0, 30), found -1");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.objective(cosine ? Bpr.create() : InfoNce.withNegatives(2), 0))
        .withMessageContaining("but the model scores by");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.objective(BinaryCrossEntropy.withNegatives(2), 0))
        .withMessageContaining("is trained with Bpr or InfoNce");
  }

  /** An item without edges is ranked by its text, and a user without items still gets a ranking. */
  @Test
  void alphaRecRanksWhatNobodyInteractedWith() {
    AlphaRec model = alphaRec(Projector.MLP, 2, ElementType.FLOAT64);
    Tensor vectors = model.embeddings().items();
    double length = 0;
    for (int j = 0; j < DIM; j++) {
      length += Math.pow(vectors.get(29 * DIM + j), 2);
    }
    assertThat(length).as("the vector of the item without edges").isCloseTo(1, within(1e-12));
    try (UserScorer scorer = model.userScorer()) {
      assertThat(values(scorer.score(new int[] {19})))
          .as("scores of the user without items")
          .doesNotContain(0.0, Double.NaN);
    }
  }

  @Test
  void aHistoryIsTheUserWithTheseItems() {
    int[] users = IntStream.range(0, 19).toArray();
    int[][] histories =
        Arrays.stream(users).mapToObj(GRAPH.interactions()::items).toArray(int[][]::new);
    for (Projector projector : Projector.values()) {
      AlphaRec model = alphaRec(projector, 3, ElementType.FLOAT64);
      try (GraphScorer scorer = model.scorer();
          UserScorer known = model.userScorer()) {
        double[] expected = values(known.score(users));
        double[] found = values(scorer.score(histories));
        for (int i = 0; i < expected.length; i++) {
          assertThat(found[i]).isCloseTo(expected[i], within(1e-12));
        }
      }
    }
  }

  /** LightGCN has no vector of an unknown user: only what flows from its items. */
  @Test
  void aHistoryIsTheUserOfLightGcnWithoutItsOwnVector() {
    LightGcn model = lightGcn(Similarity.INNER_PRODUCT, ElementType.FLOAT64);
    Tensor own = requireNonNull(model.parameters().get(LightGcn.USER_TABLE));
    try (GraphScorer scorer = model.scorer()) {
      int[] items = GRAPH.interactions().items(4);
      Tensor found = scorer.userVectors(new int[][] {items});
      Tensor expected = model.embeddings().users();
      for (int j = 0; j < DIM; j++) {
        assertThat(found.get(j))
            .isCloseTo(expected.get(4 * DIM + j) - own.get(4 * DIM + j) / 3, within(1e-12));
      }
    }
  }

  @Test
  void projectsAnotherCatalogueByTheSameWeights() {
    AlphaRec model = alphaRec(Projector.MLP, 2, ElementType.FLOAT64);
    InteractionGraph other = RandomGraph.of(9, 14, 0.4);
    AlphaRec there = model.withItems(text(14, TEXT), other);
    assertThat(there.parameters().values())
        .usingElementComparator((a, b) -> a == b ? 0 : 1)
        .containsExactlyElementsOf(model.parameters().values());
    try (GraphScorer scorer = there.scorer()) {
      assertThat(scorer.score(new int[][] {{1, 2}}).shape()).containsExactly(1, 14);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.withItems(text(14, 7), other))
        .withMessage("language rows must be of width 12 as the projector, found 7");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.withItems(text(13, TEXT), other))
        .withMessage("text must have a row for each of 14 items, found 13");
  }

  @Test
  void blendsAnIntentionIntoUsers() {
    AlphaRec model = alphaRec(Projector.LINEAR, 0, ElementType.FLOAT64);
    double[] row = text(30, TEXT).row(11);
    int[][] history = {{3, 5}};
    try (GraphScorer plain = model.scorer();
        GraphScorer none = model.withIntention(Intention.of(row, 0)).scorer();
        GraphScorer all = model.withIntention(Intention.of(row, 1)).scorer();
        GraphScorer half = model.withIntention(Intention.of(row, 0.5)).scorer()) {
      assertThat(values(none.score(history))).isEqualTo(values(plain.score(history)));
      // Without propagation the intention alone is the item whose text it is.
      assertThat(all.top(history, TopQuery.ofAll(1))[0].rows()).containsExactly(11);
      assertThat(all.score(history).get(11)).isCloseTo(1, within(1e-12));
      double score = half.score(history).get(11);
      assertThat(score).isGreaterThan(plain.score(history).get(11)).isLessThan(1);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Intention.of(row, 1.5))
        .withMessage("weight of the intention must lie in [0, 1], found 1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Intention.of(new double[] {1, Double.NaN}, 0.5))
        .withMessage("number 1 of the intention must be finite, found NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.withIntention(Intention.of(new double[3], 0.5)))
        .withMessage("language rows must be of width 12 as the projector, found 3");
  }

  @Test
  void checksOptionsWhereTheyAreSet() {
    LightGcn.Builder lightGcn = LightGcn.builder(GRAPH);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lightGcn.dim(0))
        .withMessage("dim must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lightGcn.layers(0))
        .withMessage("layers must be from 1 to 100, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lightGcn.layers(101))
        .withMessage("layers must be from 1 to 100, found 101");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlphaRec.builder(text(29, TEXT), GRAPH))
        .withMessage("text must have a row for each of 30 items, found 29");
    AlphaRec.Builder alphaRec = AlphaRec.builder(text(30, TEXT), GRAPH);
    assertThatIllegalArgumentException().isThrownBy(() -> alphaRec.dim(0));
    assertThatIllegalArgumentException().isThrownBy(() -> alphaRec.layers(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> alphaRec.build().objective(InfoNce.withNegatives(2), 0.1))
        .withMessageContaining("egoDecay must be 0 for AlphaRec");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> lightGcn(Similarity.COSINE, ElementType.FLOAT32).objective(Bpr.create(), -1))
        .withMessageContaining("egoDecay must be finite and at least 0");
  }

  @Test
  void aSeedGivesTheSameStart() {
    for (long seed : new long[] {1, 2}) {
      Tensor first =
          requireNonNull(
              LightGcn.builder(GRAPH).seed(seed).build().parameters().get(LightGcn.USER_TABLE));
      Tensor again =
          requireNonNull(
              LightGcn.builder(GRAPH).seed(seed).build().parameters().get(LightGcn.USER_TABLE));
      assertThat(again.floats()).isEqualTo(first.floats());
      double square = 0;
      for (float value : first.floats()) {
        square += (double) value * value;
      }
      assertThat(Math.sqrt(square / first.size())).isCloseTo(1e-4, within(5e-6));
    }
    AlphaRec alphaRec = alphaRec(Projector.MLP, 2, ElementType.FLOAT32);
    assertThat(alphaRec.parameterCount()).isEqualTo(6 * 12 + 6 + 8 * 6 + 8);
    assertThat(alphaRec(Projector.LINEAR, 2, ElementType.FLOAT32).parameterCount())
        .isEqualTo(8 * 12 + 8);
  }

  /** Items whose vectors are zeros have the cosine 0 and no gradient, not NaN. */
  @Test
  void zeroVectorsGiveNumbers() {
    LightGcn model = lightGcn(Similarity.COSINE, ElementType.FLOAT32);
    model.parameters().values().forEach(value -> value.fill(0));
    Gradients gradients = Gradients.of(model.parameters());
    try (Objective<PairBatch> objective = model.objective(InfoNce.withNegatives(3), 0)) {
      PairBatch batch = PairSampler.of(GRAPH, 3).sample(5, new SplittableRandom(1));
      assertThat(objective.gradients(batch, new SplittableRandom(0), gradients))
          .isCloseTo(Math.log(4), within(1e-6));
      assertThat(gradients.firstNonFinite()).isEmpty();
    }
  }

  @Test
  void rejectsABatchThatIsNotOne() {
    int[] one = {1};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PairBatch(new int[0], new int[0], new int[0]))
        .withMessage("a batch must have at least one pair");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PairBatch(one, new int[] {1, 2}, one))
        .withMessage("positives must be one for each of 1 users, found 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PairBatch(new int[] {1, 2}, new int[] {1, 2}, one))
        .withMessage("negatives must be equally many for each of 2 pairs, found 1 in all");
  }

  @Test
  void usersAreKnownByTheirItemsAlone() {
    UserItems items = GRAPH.interactions();
    assertThat(items.count(19)).isZero();
    assertThat(items.itemFrequencies()[29]).isZero();
  }
}
