package io.github.alphafuse.backbones.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.fixture.EngineCases;
import io.github.alphafuse.backbones.fixture.Strategies;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.NegativeSampler;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.embedding.TrainingItems;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every strategy. */
class StrategyContractTest {
  private static final int ITEMS = 30;
  private static final int[] IDS = {2, 29, ITEMS, 0, 2, 2, 17};
  private static final double STEP = 1e-6;

  @TempDir Path folder;

  /** An embedding none of whose weights is left at 0 or 1. */
  private static ItemEmbedding items(Strategies strategy, ElementType type) {
    ItemEmbedding items = strategy.of(type, ITEMS);
    EngineCases.perturb(sasRec(items, Engine.AUTO));
    return items;
  }

  private static SasRec sasRec(ItemEmbedding items, Engine engine) {
    return SasRec.builder(items).maxLength(4).dropout(0).engine(engine).build();
  }

  private static DreamRec dreamRec(ItemEmbedding items, Engine engine) {
    return DreamRec.builder(items)
        .maxLength(4)
        .dropout(0)
        .schedule(NoiseSchedule.linear(20))
        .sampling(Sampling.ddim(5))
        .engine(engine)
        .build();
  }

  private static TrainingBatch batch(SequenceModel<?> model, int size, int negatives) {
    SplittableRandom random = new SplittableRandom(3);
    var examples = EngineCases.batch(random, size, model);
    return new TrainingBatch(
        examples,
        negatives == 0
            ? new int[0]
            : NegativeSampler.uniform(model.items().itemCount())
                .sample(examples.targets(), negatives, random));
  }

  private static double dot(Tensor x, Tensor y) {
    double sum = 0;
    for (int i = 0; i < y.size(); i++) {
      sum += x.get(i) * y.get(i);
    }
    return sum;
  }

  /** Each parameter's gradient along a random direction against finite differences. */
  private static void compareWithDifferences(
      Map<String, Tensor> parameters, Gradients gradients, DoubleSupplier value) {
    parameters.forEach(
        (name, weight) -> {
          Tensor start = weight.copy();
          Tensor direction =
              RandomNumbers.tensor(ElementType.FLOAT64, name.hashCode(), weight.shape());
          double[] values = new double[2];
          for (int side = 0; side < 2; side++) {
            for (int i = 0; i < weight.size(); i++) {
              weight.set(i, start.get(i) + (side == 0 ? STEP : -STEP) * direction.get(i));
            }
            values[side] = value.getAsDouble();
          }
          weight.copyFrom(start);
          double expected = (values[0] - values[1]) / (2 * STEP);
          assertThat(dot(gradients.read(name), direction))
              .as(name)
              .isCloseTo(expected, within(2e-6 * Math.max(1, Math.abs(expected))));
        });
  }

  @ParameterizedTest
  @EnumSource
  void gathersTheRowsOfItsTable(Strategies strategy) {
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      ItemEmbedding items = items(strategy, type);
      assertThat(items.elementType()).isEqualTo(type);
      assertThat(items.itemCount()).isEqualTo(ITEMS);
      int dim = items.dim();
      Tensor table = items.table();
      assertThat(table.shape()).containsExactly(ITEMS, dim);
      Tensor rows = Tensor.zeros(type, 3 + IDS.length, dim);
      rows.fill(7);
      items.gather(IDS, rows, 2);
      for (int r = 0; r < IDS.length; r++) {
        for (int j = 0; j < dim && IDS[r] < ITEMS; j++) {
          assertThat(rows.get((2 + r) * dim + j))
              .isCloseTo(table.get(IDS[r] * dim + j), within(1e-5));
        }
      }
      assertThat(rows.get(2 * dim - 1)).as("the row before").isEqualTo(7);
      assertThat(rows.get(rows.size() - 1)).as("the row behind").isEqualTo(7);
      assertThat(rows.firstNonFinite()).isNegative();
    }
  }

  @ParameterizedTest
  @EnumSource
  void rowGradientsReachTheWeights(Strategies strategy) {
    ItemEmbedding items = items(strategy, ElementType.FLOAT64);
    Tensor upstream = RandomNumbers.tensor(ElementType.FLOAT64, 8, IDS.length, items.dim());
    for (int j = 0; j < items.dim(); j++) {
      upstream.set(2 * items.dim() + j, 0); // the padding item's
    }
    Gradients gradients = Gradients.of(items.parameters());
    items.accumulate(IDS, upstream, gradients);
    compareWithDifferences(
        items.parameters(),
        gradients,
        () -> {
          Tensor rows = Tensor.zeros(ElementType.FLOAT64, IDS.length, items.dim());
          items.gather(IDS, rows);
          return dot(rows, upstream);
        });
    Tensor whole = RandomNumbers.tensor(ElementType.FLOAT64, 9, ITEMS, items.dim());
    gradients.clear();
    items.accumulateTable(whole, gradients);
    compareWithDifferences(items.parameters(), gradients, () -> dot(items.table(), whole));
  }

  @ParameterizedTest
  @EnumSource
  void gradientsOfWholeModelsAgreeWithFiniteDifferences(Strategies strategy) {
    ItemEmbedding items = items(strategy, ElementType.FLOAT64);
    SasRec sasRec = sasRec(items, Engine.SAMEDIFF);
    for (RankingLoss loss :
        new RankingLoss[] {InfoNce.withNegatives(3).temperature(0.5), FullSoftmax.ofCosines(0.5)}) {
      compareModel(sasRec, loss, loss instanceof FullSoftmax ? 0 : 3);
    }
    compareModel(dreamRec(items, Engine.SAMEDIFF), DiffusionLoss.L2, 0);
  }

  private static <L extends Loss> void compareModel(SequenceModel<L> model, L loss, int negatives) {
    TrainingBatch batch = batch(model, 5, negatives);
    Gradients gradients = Gradients.of(model.parameters());
    try (Objective<TrainingBatch> objective = model.objective(loss)) {
      objective.gradients(batch, new SplittableRandom(5), gradients);
      Gradients other = Gradients.of(model.parameters());
      compareWithDifferences(
          model.items().parameters(),
          gradients,
          () -> objective.gradients(batch, new SplittableRandom(5), other));
    }
  }

  /** Enough items for several blocks and threads; the graph in float64 is the truth. */
  @ParameterizedTest
  @EnumSource
  void enginesAgree(Strategies strategy) {
    int many = 900;
    ItemEmbedding floats = strategy.of(ElementType.FLOAT32, many);
    ItemEmbedding doubles = strategy.of(ElementType.FLOAT64, many);
    SasRec fused = sasRec(floats, Engine.FUSED);
    SasRec graph = sasRec(doubles, Engine.SAMEDIFF);
    EngineCases.perturb(fused);
    EngineCases.copyWeights(fused, graph);
    assertThat(EngineCases.error(floats.table(), doubles.table())).isLessThan(2e-6);
    compareEngines(fused, graph, InfoNce.withNegatives(6).temperature(0.5), 6);
    compareEngines(fused, graph, FullSoftmax.ofInnerProducts(), 0);
    DreamRec fusedDream = dreamRec(floats, Engine.FUSED);
    DreamRec graphDream = dreamRec(doubles, Engine.SAMEDIFF);
    EngineCases.copyWeights(fusedDream, graphDream);
    compareEngines(fusedDream, graphDream, DiffusionLoss.L2, 0);
  }

  private static <L extends Loss> void compareEngines(
      SequenceModel<L> fused, SequenceModel<L> graph, L loss, int negatives) {
    try (Objective<TrainingBatch> ours = fused.objective(loss);
        Objective<TrainingBatch> truth = graph.objective(loss)) {
      // The second batch is smaller: buffers are used again.
      for (int size : new int[] {200, 30}) {
        TrainingBatch batch = batch(fused, size, negatives);
        Gradients actual = Gradients.of(fused.parameters());
        Gradients expected = Gradients.of(graph.parameters());
        double value = ours.gradients(batch, new SplittableRandom(5), actual);
        double exact = truth.gradients(batch, new SplittableRandom(5), expected);
        assertThat(value).isCloseTo(exact, within(1e-5 * Math.abs(exact)));
        EngineCases.assertAgree(actual, expected, 1e-4);
        assertThat(actual.firstNonFinite()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void givesTheSameScoresAfterSavingAndLoading(Strategies strategy) {
    int[][] histories = {{1}, {2, 3, 4, 5, 6}, {29, 0}};
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      ItemEmbedding items = items(strategy, type);
      for (SequenceModel<?> model :
          new SequenceModel<?>[] {sasRec(items, Engine.AUTO), dreamRec(items, Engine.AUTO)}) {
        Path file = folder.resolve("model.zip");
        model.save(file);
        SequenceModel<?> loaded = (SequenceModel<?>) SavedModel.load(file);
        assertThat(loaded.items()).hasSameClassAs(items).hasToString(items.toString());
        assertThat(loaded.items().parameters().keySet()).isEqualTo(items.parameters().keySet());
        try (ItemScorer before = model.scorer();
            ItemScorer after = loaded.scorer()) {
          assertThat(after.score(histories).to(ElementType.FLOAT64).doubles())
              .containsExactly(before.score(histories).to(ElementType.FLOAT64).doubles());
        }
        // It can be trained on: the text came along.
        Loss loss = model instanceof DreamRec ? DiffusionLoss.L2 : FullSoftmax.ofCosines(0.1);
        try (Objective<TrainingBatch> first = EngineCases.objective(model, loss);
            Objective<TrainingBatch> second = EngineCases.objective(loaded, loss)) {
          Gradients gradients = Gradients.of(model.parameters());
          TrainingBatch batch = batch(model, 4, 0);
          assertThat(second.gradients(batch, new SplittableRandom(1), gradients))
              .isEqualTo(first.gradients(batch, new SplittableRandom(1), gradients));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void startsTheSameFromTheSameSeed(Strategies strategy) {
    assertThat(strategy.of(ElementType.FLOAT32, ITEMS).table().floats())
        .containsExactly(strategy.of(ElementType.FLOAT32, ITEMS).table().floats());
  }

  @ParameterizedTest
  @EnumSource
  void rejectsWhatDoesNotFit(Strategies strategy) {
    ItemEmbedding items = strategy.of(ElementType.FLOAT32, ITEMS);
    Gradients gradients = Gradients.of(items.parameters());
    Tensor row = Tensor.zeros(ElementType.FLOAT32, 1, items.dim());
    for (int bad : new int[] {-1, ITEMS + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> items.gather(new int[] {bad}, row))
          .withMessage("ids[0] must lie in [0, 30], 30 being the padding item, found " + bad);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> items.accumulate(new int[] {bad}, row, gradients));
    }
    Tensor wide = Tensor.zeros(ElementType.FLOAT32, 1, items.dim() + 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.gather(new int[] {1}, wide))
        .withMessageContaining("[1, " + items.dim() + "]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.gather(new int[] {1, 2}, row))
        .withMessageContaining("[2, " + items.dim() + "]");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> items.gather(new int[] {1}, Tensor.zeros(ElementType.FLOAT64, 1, items.dim())))
        .withMessageContaining("FLOAT32");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.accumulate(new int[] {1}, wide, gradients));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.accumulateTable(row, gradients))
        .withMessageContaining("30 rows");
  }

  /** A step knows the items it began with, whatever their order and however often they come. */
  @ParameterizedTest
  @EnumSource
  void aStepHasTheRowsOfItsItems(Strategies strategy) {
    ItemEmbedding items =
        strategy == Strategies.UNISREC
            ? UniSRec.builder(Strategies.text(ITEMS))
                .dim(Strategies.DIM)
                .dropout(0)
                .gateNoise(false)
                .build()
            : strategy.of(ElementType.FLOAT32, ITEMS);
    Gradients gradients = Gradients.of(items.parameters());
    Gradients expected = Gradients.of(items.parameters());
    Tensor upstream = RandomNumbers.tensor(ElementType.FLOAT32, 8, IDS.length, items.dim());
    try (TrainingItems training = items.forTraining()) {
      for (int step = 0; step < 2; step++) {
        training.begin(new SplittableRandom(1), new int[] {17, 0}, IDS);
        Tensor rows = Tensor.zeros(ElementType.FLOAT32, IDS.length, items.dim());
        Tensor looked = rows.copy();
        training.rows().gather(IDS, rows);
        items.gather(IDS, looked);
        assertThat(EngineCases.error(rows, looked)).isLessThan(1e-6);
        gradients.clear();
        training.rows().accumulate(IDS, upstream, gradients);
        training.end(gradients);
      }
      items.accumulate(IDS, upstream, expected);
      boolean hasOwnLoss = items instanceof RlmRec;
      for (String name : items.parameters().keySet()) {
        if (!hasOwnLoss) {
          assertThat(EngineCases.error(gradients.read(name), expected.read(name))).isLessThan(1e-5);
        }
      }
      if (strategy.isAdapted()) {
        assertThatIllegalStateException()
            .isThrownBy(
                () ->
                    training
                        .rows()
                        .gather(new int[] {5}, Tensor.zeros(ElementType.FLOAT32, 1, items.dim())))
            .withMessage("item 5 is not among those that the step began with");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> training.begin(new SplittableRandom(1), new int[] {ITEMS + 1}));
      } else if (!hasOwnLoss && !items.parameters().isEmpty()) {
        Tensor table = gradients.read(items.parameters().keySet().asList().get(0));
        assertThat(
                IntStream.range(5 * items.dim(), 6 * items.dim()).mapToDouble(table::get).toArray())
            .as("an untouched item")
            .containsOnly(0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"MOREC", "WHITENREC", "UNISREC"})
  void newItemsNeedTheirTextAlone(Strategies strategy) {
    AdaptedItemEmbedding items = (AdaptedItemEmbedding) items(strategy, ElementType.FLOAT64);
    var added = Strategies.text(ITEMS + 4).slice(ITEMS, ITEMS + 4);
    Tensor rows = items.newItems(added);
    AdaptedItemEmbedding larger = items.withNewItems(added);
    assertThat(larger.itemCount()).isEqualTo(ITEMS + 4);
    double[] all = larger.table().doubles();
    int known = ITEMS * items.dim();
    assertThat(Arrays.copyOf(all, known)).containsExactly(items.table().doubles(), within(1e-12));
    assertThat(Arrays.copyOfRange(all, known, all.length))
        .containsExactly(rows.doubles(), within(1e-12));
    // The same text gives the same row, as new as it may be.
    Tensor again = items.newItems(Strategies.text(ITEMS));
    assertThat(again.doubles()).containsExactly(items.table().doubles(), within(1e-9));
    // Weights are shared.
    requireNonNull(items.parameters().values().asList().get(0)).fill(0);
    assertThat(larger.table().doubles()).isNotEqualTo(all);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.newItems(LanguageEmbeddings.of(new double[1][3])))
        .withMessage("new items must have 10 columns as the catalogue, found 3");
  }

  /** The paper's Table 6, at d = 128 and L = 10, over text of 1536 columns. */
  @ParameterizedTest
  @CsvSource({"MoRec, 281600", "UniSRec, 1694592", "RLMRec, 7104192"})
  void hasThePublishedNumberOfParameters(String strategy, long published) {
    int items = 3;
    var text = LanguageEmbeddings.of(RandomNumbers.rows(1, items, 1536));
    ItemEmbedding embedding =
        switch (strategy) {
          case "MoRec" -> MoRec.builder(text).build();
          case "UniSRec" -> UniSRec.builder(text).build();
          default -> RlmRec.builder(text).build();
        };
    long ofOtherItems = strategy.equals("RLMRec") ? (44_014 - items) * 128L : 0;
    assertThat(SasRec.builder(embedding).build().parameterCount() + ofOtherItems)
        .isEqualTo(published);
  }
}
