package io.github.alphafuse.backbones.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.fixture.EngineCases;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.NegativeSampler;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.sasrec.SasRecScorer;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class LlmEsrTest {
  private static final int ITEMS = 30;
  private static final int LANGUAGE_DIM = 12;
  private static final int DIM = 6;
  private static final int LENGTH = 4;
  private static final double STEP = 1e-6;

  @TempDir private Path folder;

  private static LanguageEmbeddings text(int items) {
    return LanguageEmbeddings.of(RandomNumbers.rows(7, items, LANGUAGE_DIM));
  }

  private static LlmEsr.Builder builder(ElementType type) {
    // The products of rows at the usual scale of 40 would make every target of the contrast 0 or 1.
    return LlmEsr.builder(text(ITEMS)).dim(DIM).scale(2).elementType(type);
  }

  private static SasRec sasRec(LlmEsr items) {
    return SasRec.builder(items).maxLength(LENGTH).dropout(0.2).build();
  }

  private static DreamRec dreamRec(LlmEsr items) {
    return DreamRec.builder(items)
        .maxLength(LENGTH)
        .dropout(0.2)
        .schedule(NoiseSchedule.linear(40))
        .sampling(Sampling.ddim(10))
        .build();
  }

  private static TrainingBatch batch(int size, int negatives) {
    SplittableRandom random = new SplittableRandom(3);
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int b = 0; b < size; b++) {
      // Histories of 1 item up to more than are looked at, with repeats.
      int[] history = random.ints(1 + b % (LENGTH + 2), 0, 6).toArray();
      examples.add("user " + b, history, random.nextInt(ITEMS));
    }
    PaddedBatch padded = examples.build().batch(IntStream.range(0, size).toArray(), LENGTH);
    return new TrainingBatch(
        padded,
        negatives == 0
            ? new int[0]
            : NegativeSampler.uniform(ITEMS).sample(padded.targets(), negatives, random));
  }

  private static int[][] histories(int count) {
    return EngineCases.histories(new SplittableRandom(5), count, new int[] {ITEMS, LENGTH + 2});
  }

  @Test
  void startsFromTextAndHasRowsOfTwoViews() {
    LlmEsr items = builder(ElementType.FLOAT64).build();
    assertThat(items.dim()).isEqualTo(2 * DIM);
    assertThat(items.views()).isEqualTo(ItemViews.ID_AND_TEXT);
    IdItemEmbedding ids =
        LlmInit.builder(text(ITEMS)).dim(DIM).scale(2).elementType(ElementType.FLOAT64).build();
    Tensor table = items.table();
    Tensor some = Tensor.zeros(ElementType.FLOAT64, 4, 2 * DIM);
    items.gather(new int[] {3, ITEMS, 3}, some, 1);
    for (int j = 0; j < 2 * DIM; j++) {
      assertThat(some.get(j)).isZero();
      assertThat(some.get(2 * DIM + j)).isCloseTo(table.get(3 * 2 * DIM + j), within(1e-14));
      assertThat(some.get(2 * 2 * DIM + j)).as("the padding item").isZero();
      assertThat(some.get(3 * 2 * DIM + j)).isEqualTo(some.get(2 * DIM + j));
    }
    // The text view by its definition, layer after layer.
    double[][] raw = RandomNumbers.rows(7, ITEMS, LANGUAGE_DIM);
    double meanNorm =
        Arrays.stream(raw)
            .mapToDouble(row -> Math.sqrt(Arrays.stream(row).map(x -> x * x).sum()))
            .average()
            .orElseThrow();
    for (int i = 0; i < ITEMS; i++) {
      double[] x = Arrays.stream(raw[i]).map(value -> 2 / meanNorm * value).toArray();
      double[] y = linear(items, "outer", linear(items, "inner", x));
      for (int j = 0; j < DIM; j++) {
        assertThat(table.get(i * 2 * DIM + j)).isEqualTo(ids.table().get(i * DIM + j));
        assertThat(table.get(i * 2 * DIM + DIM + j)).isCloseTo(y[j], within(1e-12));
      }
    }
  }

  private static double[] linear(LlmEsr items, String layer, double[] x) {
    Tensor weight = requireNonNull(items.parameters().get("item_adapter." + layer + ".weight"));
    Tensor bias = requireNonNull(items.parameters().get("item_adapter." + layer + ".bias"));
    double[] y = new double[weight.shape(0)];
    for (int o = 0; o < y.length; o++) {
      y[o] = bias.get(o);
      for (int i = 0; i < x.length; i++) {
        y[o] += weight.get(o * x.length + i) * x[i];
      }
    }
    return y;
  }

  @Test
  void hasAsManyTrainedNumbersAsItSays() {
    int h = LANGUAGE_DIM / 2;
    LlmEsr items = builder(ElementType.FLOAT32).build();
    SasRec one = SasRec.builder(IdItemEmbedding.builder(ITEMS, DIM).build()).maxLength(4).build();
    int adapter = LANGUAGE_DIM * h + h + h * DIM + DIM;
    int attention = 8 * DIM * DIM + 2 * DIM;
    assertThat(sasRec(items).parameterCount())
        .isEqualTo(one.parameterCount() + adapter + attention);
    assertThat(builder(ElementType.FLOAT32).hiddenDim(9).build().parameters())
        .hasEntrySatisfying(
            "item_adapter.outer.weight",
            weight -> assertThat(weight.shape()).containsExactly(DIM, 9));
  }

  record Case(Loss loss, ItemViews views, double contrastWeight, int batch) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (ItemViews views : new ItemViews[] {ItemViews.ID_AND_TEXT, ItemViews.TEXT_TWICE}) {
      cases.add(new Case(InfoNce.withNegatives(3).temperature(0.2), views, 0.7, 7));
      cases.add(new Case(FullSoftmax.ofCosines(0.2), views, 0.7, 5));
      cases.add(new Case(DiffusionLoss.L2, views, 0, 6));
      cases.add(new Case(DiffusionLoss.HUBER, views, 0.7, 1));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAgreeWithFiniteDifferences(Case how) {
    LlmEsr items =
        builder(ElementType.FLOAT64).views(how.views).contrastWeight(how.contrastWeight).build();
    boolean ranks = how.loss instanceof RankingLoss;
    SequenceModel<?> model = ranks ? sasRec(items) : dreamRec(items);
    EngineCases.perturb(model);
    TrainingBatch batch =
        batch(how.batch, how.loss instanceof RankingLoss ranking ? ranking.negatives() : 0);
    Gradients gradients = Gradients.of(model.parameters());
    Gradients ignored = Gradients.of(model.parameters());
    SplittableRandom pick = new SplittableRandom(2);
    try (Objective<TrainingBatch> objective = EngineCases.objective(model, how.loss)) {
      // Gradients are overwritten, whatever a step before left.
      objective.gradients(batch(3, batch.negativesPerTarget()), pick, gradients);
      objective.gradients(batch, new SplittableRandom(4), gradients);
      // A direction for each layer, its weight and bias together.
      Map<String, Map<String, Tensor>> layers = new TreeMap<>();
      for (String name : gradients.names()) {
        // Those of the encoder are held by tests of plain items of two views.
        if (!items.parameters().containsKey(name) && !name.contains("_to_")) {
          continue;
        }
        layers
            .computeIfAbsent(name.replaceAll("\\.(weight|bias)$", ""), layer -> new TreeMap<>())
            .put(name, direction(EngineCases.weight(model, name), name, pick));
      }
      for (Map<String, Tensor> layer : layers.values()) {
        double found = 0;
        double[] values = new double[2];
        for (Map.Entry<String, Tensor> entry : layer.entrySet()) {
          for (int i = 0; i < entry.getValue().size(); i++) {
            found += gradients.read(entry.getKey()).get(i) * entry.getValue().get(i);
          }
        }
        for (int side = 0; side < 2; side++) {
          move(model, layer, side == 0 ? STEP : -STEP);
          values[side] = objective.gradients(batch, new SplittableRandom(4), ignored);
          move(model, layer, side == 0 ? -STEP : STEP);
        }
        double expected = (values[0] - values[1]) / (2 * STEP);
        assertThat(found)
            .as(layer.keySet().toString())
            .isCloseTo(expected, within(2e-6 * Math.max(1, Math.abs(expected))));
      }
      Tensor ofIds = gradients.read(IdItemEmbedding.TABLE);
      for (int i = ITEMS * DIM; i < ofIds.size(); i++) {
        assertThat(ofIds.get(i)).as("gradient of the padding row").isZero();
      }
    }
  }

  /** Random numbers, and zeros for the padding row. */
  private static Tensor direction(Tensor weight, String name, SplittableRandom random) {
    Tensor direction = Tensor.zeros(ElementType.FLOAT64, weight.shape());
    int moved = name.equals(IdItemEmbedding.TABLE) ? ITEMS * DIM : weight.size();
    for (int i = 0; i < moved; i++) {
      direction.set(i, random.nextGaussian());
    }
    return direction;
  }

  private static void move(SequenceModel<?> model, Map<String, Tensor> directions, double step) {
    directions.forEach(
        (name, direction) -> {
          Tensor weight = EngineCases.weight(model, name);
          for (int i = 0; i < weight.size(); i++) {
            weight.set(i, weight.get(i) + step * direction.get(i));
          }
        });
  }

  /** The loss of all positions in place of items, which are fewer: repeats count. */
  @Test
  void contrastJoinsTheLossWithItsWeight() {
    TrainingBatch batch = batch(9, 3);
    double[] values = new double[3];
    double[] weights = {0, 0.1, 1};
    for (int i = 0; i < weights.length; i++) {
      SasRec model = sasRec(builder(ElementType.FLOAT64).contrastWeight(weights[i]).build());
      try (Objective<TrainingBatch> objective = model.objective(InfoNce.withNegatives(3))) {
        values[i] =
            objective.gradients(batch, new SplittableRandom(4), Gradients.of(model.parameters()));
      }
    }
    LlmEsr items = builder(ElementType.FLOAT64).build();
    int[] counts = new int[ITEMS];
    Arrays.stream(batch.examples().histories())
        .filter(item -> item < ITEMS)
        .forEach(item -> counts[item]++);
    int[] seen = IntStream.range(0, ITEMS).filter(item -> counts[item] > 0).toArray();
    assertThat(Arrays.stream(counts).max().orElseThrow()).isGreaterThan(1);
    Tensor rows = Tensor.zeros(ElementType.FLOAT64, seen.length, 2 * DIM);
    items.gather(seen, rows);
    double contrast =
        new DenseViewContrast()
            .apply(
                new ViewContrast.Items(rows, Arrays.stream(seen).map(i -> counts[i]).toArray()),
                1,
                rows.copy());
    assertThat(values[2] - values[0]).isCloseTo(contrast, within(1e-9));
    assertThat(values[1] - values[0]).isCloseTo(0.1 * contrast, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource
  void theTextTwiceLeavesIdsOutOfUserVectors(ElementType type) {
    int[][] histories = histories(5);
    for (ItemViews views : new ItemViews[] {ItemViews.ID_AND_TEXT, ItemViews.TEXT_TWICE}) {
      SasRec model = sasRec(builder(type).views(views).build());
      Tensor before = users(model, histories);
      Tensor ids = EngineCases.weight(model, IdItemEmbedding.TABLE);
      for (int i = 0; i < ids.size(); i++) {
        ids.set(i, -3 * ids.get(i) + 1);
      }
      double moved = EngineCases.error(users(model, histories), before);
      if (views == ItemViews.TEXT_TWICE) {
        assertThat(moved).isZero();
      } else {
        assertThat(moved).isGreaterThan(1e-3);
      }
    }
  }

  private static Tensor users(SasRec model, int[][] histories) {
    try (SasRecScorer scorer = model.scorer()) {
      return scorer.userVectors(histories);
    }
  }

  /** Float32 by both ways of scoring, float64, and one history at a time. */
  @Test
  void scoresAlikeInEveryWay() {
    int[][] histories = histories(40);
    SasRec exact = sasRec(builder(ElementType.FLOAT64).build());
    SasRec single = sasRec(builder(ElementType.FLOAT32).build());
    SasRec graph =
        SasRec.builder(builder(ElementType.FLOAT32).build())
            .maxLength(LENGTH)
            .engine(Engine.SAMEDIFF)
            .build();
    EngineCases.copyWeights(exact, single);
    EngineCases.copyWeights(exact, graph);
    try (ItemScorer expected = exact.scorer();
        ItemScorer found = single.scorer();
        ItemScorer byGraph = graph.scorer()) {
      Tensor scores = expected.score(histories);
      assertThat(EngineCases.error(found.score(histories), scores)).isLessThan(1e-5);
      assertThat(EngineCases.error(byGraph.score(histories), scores)).isLessThan(1e-5);
      TopItems[] best = found.top(histories, TopQuery.ofAll(5));
      TopItems[] others = expected.top(histories, TopQuery.ofAll(5));
      for (int b = 0; b < histories.length; b++) {
        assertThat(best[b].rows()).containsExactly(others[b].rows());
        Tensor alone = expected.score(new int[][] {histories[b]});
        for (int i = 0; i < ITEMS; i++) {
          assertThat(alone.get(i)).isCloseTo(scores.get(b * ITEMS + i), within(1e-12));
        }
      }
    }
  }

  @Test
  void isSavedAndLoadedWithItsModel() {
    for (ItemViews views : new ItemViews[] {ItemViews.ID_AND_TEXT, ItemViews.TEXT_TWICE}) {
      LlmEsr items =
          builder(ElementType.FLOAT32).views(views).contrastWeight(0.3).hiddenDim(5).build();
      ItemVocabulary ids =
          ItemVocabulary.of(IntStream.range(0, ITEMS).mapToObj(i -> "item-" + i).toList());
      SequenceModel<?> ranking =
          SasRec.builder(items).maxLength(LENGTH).dropout(0.2).vocabulary(ids).build();
      SequenceModel<?> diffusion =
          DreamRec.builder(items)
              .maxLength(LENGTH)
              .schedule(NoiseSchedule.linear(40))
              .sampling(Sampling.ddim(10))
              .vocabulary(ids)
              .build();
      for (SequenceModel<?> model : List.of(ranking, diffusion)) {
        EngineCases.perturb(model);
        Path file = folder.resolve("model.zip");
        model.save(file);
        SequenceModel<?> loaded = (SequenceModel<?>) SavedModel.load(file);
        assertThat(loaded).hasSameClassAs(model).hasToString(model.toString());
        assertThat(loaded.items()).isInstanceOf(LlmEsr.class).hasToString(items.toString());
        try (ItemScorer expected = model.scorer();
            ItemScorer found = loaded.scorer()) {
          assertThat(found.score(histories(6)).floats())
              .containsExactly(expected.score(histories(6)).floats());
        }
        List<String> history = List.of("item-3", "item-5");
        try (Recommender recommender = Recommender.load(file);
            Recommender expected = Recommender.builder(model).build()) {
          List<Recommendation> best = recommender.recommend(history, 4);
          assertThat(best).hasSize(4).isEqualTo(expected.recommend(history, 4));
        }
        Loss loss = model instanceof SasRec ? InfoNce.withNegatives(3) : DiffusionLoss.L2;
        TrainingBatch batch = batch(5, model instanceof SasRec ? 3 : 0);
        try (Objective<TrainingBatch> expected = EngineCases.objective(model, loss);
            Objective<TrainingBatch> found = EngineCases.objective(loaded, loss)) {
          assertThat(step(found, batch, loaded)).isEqualTo(step(expected, batch, model));
        }
      }
    }
  }

  private static double step(
      Objective<TrainingBatch> objective, TrainingBatch batch, SequenceModel<?> model) {
    return objective.gradients(batch, new SplittableRandom(1), Gradients.of(model.parameters()));
  }

  @Test
  void newItemsStartFromTheirText() {
    LlmEsr items = builder(ElementType.FLOAT32).build();
    SasRec model = sasRec(items);
    EngineCases.perturb(model);
    double[][] all = RandomNumbers.rows(7, ITEMS + 3, LANGUAGE_DIM);
    LanguageEmbeddings added = LanguageEmbeddings.of(Arrays.copyOfRange(all, ITEMS, ITEMS + 3));
    LlmEsr more = items.withNewItems(added);
    assertThat(more.itemCount()).isEqualTo(ITEMS + 3);
    assertThat(more.table().firstRows(ITEMS).floats()).containsExactly(items.table().floats());
    // An item whose text is that of a known one gets its text view, and the ID that it began with.
    LlmEsr twin = items.withNewItems(LanguageEmbeddings.of(RandomNumbers.rows(7, 1, LANGUAGE_DIM)));
    Tensor started = builder(ElementType.FLOAT32).build().table();
    Tensor rows = twin.table();
    for (int j = 0; j < DIM; j++) {
      assertThat(rows.get(ITEMS * 2 * DIM + j)).isCloseTo(started.get(j), within(1e-5));
      assertThat(rows.get(ITEMS * 2 * DIM + DIM + j)).isCloseTo(rows.get(DIM + j), within(1e-5));
    }
    List<String> newIds = List.of("" + ITEMS, "" + (ITEMS + 1), "" + (ITEMS + 2));
    SasRec extended = model.withNewItems(newIds, added);
    assertThat(extended.vocabulary()).isEqualTo(ItemVocabulary.ofRows(ITEMS + 3));
    try (ItemScorer before = model.scorer();
        ItemScorer after = extended.scorer()) {
      Tensor known = before.score(histories(4));
      Tensor scores = after.score(histories(4));
      assertThat(scores.shape()).containsExactly(4, ITEMS + 3);
      for (int b = 0; b < 4; b++) {
        for (int i = 0; i < ITEMS; i++) {
          assertThat(scores.get(b * (ITEMS + 3) + i))
              .isCloseTo(known.get(b * ITEMS + i), within(1e-5));
        }
      }
      assertThat(after.score(new int[][] {{ITEMS, ITEMS + 2}}).firstNonFinite()).isNegative();
    }
  }

  /** Each item is followed by the one after it. */
  private static Examples walks(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int b = 0; b < count; b++) {
      int start = random.nextInt(ITEMS);
      int[] history = new int[1 + random.nextInt(5)];
      Arrays.setAll(history, j -> (start + j) % ITEMS);
      examples.add("user " + b, history, (start + history.length) % ITEMS);
    }
    return examples.build();
  }

  @Test
  void learnsToRankInBothBackbones() {
    Examples test = walks(2, 60);
    SasRec ranking = sasRec(builder(ElementType.FLOAT32).build());
    double before = Evaluator.fullRanking().evaluate(ranking, test).ndcg(10);
    TrainingReport report =
        Trainer.builder(ranking)
            .loss(InfoNce.withNegatives(8))
            .learningRate(0.01)
            .batchSize(64)
            .epochs(8)
            .fit(walks(1, 400), test);
    assertThat(report.epochs()).hasSize(8);
    assertThat(report.epochs().get(7).loss()).isLessThan(report.epochs().get(0).loss());
    assertThat(Evaluator.fullRanking().evaluate(ranking, test).ndcg(10))
        .isGreaterThan(before + 0.1);
    DreamRec diffusion = dreamRec(builder(ElementType.FLOAT32).build());
    TrainingReport diffused =
        Trainer.builder(diffusion)
            .loss(DiffusionLoss.L2)
            .learningRate(0.003)
            .batchSize(64)
            .epochs(4)
            .fit(walks(1, 200), test);
    assertThat(diffused.epochs().get(3).loss()).isLessThan(diffused.epochs().get(0).loss());
    assertThat(Evaluator.fullRanking().evaluate(diffusion, test).ndcg(10)).isBetween(0.0, 1.0);
  }

  @Test
  void checksItsOptions() {
    LlmEsr.Builder builder = builder(ElementType.FLOAT32);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.views(ItemViews.ONE))
        .withMessage("views must be ID_AND_TEXT or TEXT_TWICE, found ONE");
    for (double outside : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.contrastWeight(outside))
          .withMessage("contrastWeight must be finite and at least 0, found " + outside);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.varianceFloor(outside))
          .withMessage("varianceFloor must be finite and at least 0, found " + outside);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.hiddenDim(0))
        .withMessage("hiddenDim must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SasRec.builder(builder(ElementType.FLOAT32).dim(5).build()))
        .withMessage(
            "dim must be divisible by the 2 heads of the attention between views, found 5");
    LlmEsr items = builder(ElementType.FLOAT32).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.gather(new int[] {1}, Tensor.zeros(ElementType.FLOAT32, 1, DIM)))
        .withMessageStartingWith(
            "rows must be of type FLOAT32 and have shape [1, 12] or more rows");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.withNewItems(LanguageEmbeddings.of(RandomNumbers.rows(1, 2, 3))));
  }

  @Test
  void theFusedEngineSaysThatItTakesOneView() {
    LlmEsr items = builder(ElementType.FLOAT32).build();
    String message =
        "engine FUSED takes items of one view, found ID_AND_TEXT: leave the choice to AUTO, which"
            + " trains such a model by its graph";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SasRec.builder(items).engine(Engine.FUSED).build())
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DreamRec.builder(items).engine(Engine.FUSED).build())
        .withMessage(message);
  }
}
