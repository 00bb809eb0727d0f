package io.github.alphafuse.backbones.sasrec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.backbones.fixture.DualViewTable;
import io.github.alphafuse.backbones.fixture.EngineCases;
import io.github.alphafuse.backbones.fixture.EveryPosition;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.NegativeSampler;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.loss.SharedSampler;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SharedItems;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Training at every position: engines agree, gradients are right, and nobody sees the future. */
class EveryPositionTest {
  private static final int LENGTH = 5;

  private static final List<RankingLoss> LOSSES =
      List.of(
          FullSoftmax.ofInnerProducts(),
          FullSoftmax.ofInnerProducts().excludesHistory(true),
          FullSoftmax.ofCosines(0.1),
          FullSoftmax.ofCosines(0.02).excludesHistory(true),
          BinaryCrossEntropy.withNegatives(3),
          BinaryCrossEntropy.withNegatives(1),
          InfoNce.withNegatives(4),
          SampledSoftmax.withShared(7),
          SampledSoftmax.withShared(9).weighted(true).excludesHistory(true),
          SampledSoftmax.withShared(1),
          SampledSoftmax.withBatchTargets(6).temperature(0.3),
          SampledSoftmax.withBatchTargets(6).weighted(false).temperature(0.02),
          SampledSoftmax.withBatchTargets(8).excludesHistory(true));

  record Case(RankingLoss loss, Positions positions, Shape shape) {}

  record Shape(int heads, int blocks, double dropout, int items) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (RankingLoss loss : LOSSES) {
      cases.add(new Case(loss, Positions.EVERY, new Shape(1, 1, 0, 30)));
      cases.add(new Case(loss, Positions.EVERY, new Shape(2, 2, 0.3, 30)));
      cases.add(new Case(loss, Positions.LAST, new Shape(2, 2, 0.3, 30)));
    }
    // More than a block of items.
    cases.add(new Case(FullSoftmax.ofCosines(0.1), Positions.EVERY, new Shape(1, 3, 0.2, 1100)));
    cases.add(
        new Case(
            SampledSoftmax.withBatchTargets(700).excludesHistory(true),
            Positions.EVERY,
            new Shape(1, 1, 0.2, 1100)));
    return cases.stream();
  }

  private static ItemEmbedding items(int count, ElementType type) {
    return FusedItemEmbedding.ofProjected(RandomNumbers.tensor(type, 1, count, 8), 4, false)
        .idInitializer(IdInitializer.normal())
        .elementType(type)
        .build();
  }

  private static SasRec model(Case how, ElementType type, Engine engine) {
    return SasRec.builder(items(how.shape.items, type))
        .maxLength(LENGTH)
        .heads(how.shape.heads)
        .blocks(how.shape.blocks)
        .dropout(how.shape.dropout)
        .engine(engine)
        .build();
  }

  /** Sequences of all lengths, also beyond L, with repeated items. */
  private static Examples examples(int items, int count) {
    SplittableRandom random = new SplittableRandom(3);
    Examples.Builder examples = Examples.builder(items);
    for (int i = 0; i < count; i++) {
      int[] history = random.ints(1 + i % (LENGTH + 2), 0, Math.min(items, 12)).toArray();
      examples.add("u" + i, history, random.nextInt(Math.min(items, 12)));
    }
    return examples.build();
  }

  private static TrainingBatch batch(Case how, int count) {
    Examples examples = examples(how.shape.items, count);
    PaddedBatch batch = examples.batch(IntStream.range(0, count).toArray(), LENGTH, how.positions);
    SplittableRandom random = new SplittableRandom(4);
    if (how.loss.sharedNegatives().isPresent()) {
      SharedSampler sampler =
          how.loss
              .sharedNegatives()
              .get()
              .sampler(examples.targetFrequencies(LENGTH, how.positions));
      return new TrainingBatch(batch, sampler.sample(batch.targets(), random));
    }
    int[] negatives =
        how.loss.negatives() == 0
            ? new int[0]
            : NegativeSampler.uniform(how.shape.items)
                .sample(batch.targets(), how.loss.negatives(), random);
    return new TrainingBatch(batch, negatives);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void enginesAgree(Case how) {
    SasRec fused = model(how, ElementType.FLOAT32, Engine.FUSED);
    SasRec graph = model(how, ElementType.FLOAT32, Engine.SAMEDIFF);
    Gradients found = Gradients.of(fused.parameters());
    Gradients expected = Gradients.of(graph.parameters());
    try (Objective<TrainingBatch> kernels = fused.objective(how.loss, how.positions);
        Objective<TrainingBatch> byGraph = graph.objective(how.loss, how.positions)) {
      // Batches of other sizes before: buffers are used again.
      for (int count : new int[] {4, 40, 9, 17}) {
        TrainingBatch batch = batch(how, count);
        double value = kernels.gradients(batch, new SplittableRandom(5), found);
        double exact = byGraph.gradients(batch, new SplittableRandom(5), expected);
        assertThat(value).isCloseTo(exact, within(2e-5 * Math.max(1, exact)));
        for (String name : found.names()) {
          if (!name.endsWith("key.bias")) {
            assertThat(EngineCases.error(found.read(name), expected.read(name)))
                .as("%s of %s examples", name, count)
                .isLessThan(5e-4);
          }
        }
      }
    }
  }

  static Stream<Case> smallCases() {
    return cases()
        .filter(
            how ->
                how.shape.items < 100 && how.shape.blocks > 1 && how.positions == Positions.EVERY);
  }

  @ParameterizedTest
  @MethodSource("smallCases")
  void gradientsAgreeWithFiniteDifferences(Case how) {
    SasRec model = model(how, ElementType.FLOAT64, Engine.SAMEDIFF);
    TrainingBatch batch = batch(how, 6);
    Gradients gradients = Gradients.of(model.parameters());
    Gradients ignored = Gradients.of(model.parameters());
    SplittableRandom pick = new SplittableRandom(6);
    try (Objective<TrainingBatch> objective = model.objective(how.loss, how.positions)) {
      objective.gradients(batch, new SplittableRandom(5), gradients);
      model
          .parameters()
          .forEach(
              (name, weight) -> {
                int i = pick.nextInt(weight.size());
                double start = weight.get(i);
                double[] values = new double[2];
                for (int side = 0; side < 2; side++) {
                  weight.set(i, start + (2 * side - 1) * 1e-6);
                  values[side] = objective.gradients(batch, new SplittableRandom(5), ignored);
                }
                weight.set(i, start);
                double expected = (values[1] - values[0]) / 2e-6;
                assertThat(gradients.read(name).get(i))
                    .as("%s at %s", name, i)
                    .isCloseTo(expected, within(1e-6 + 1e-4 * Math.abs(expected)));
              });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FUSED", "SAMEDIFF"})
  void aStateSeesNothingLater(Engine engine) {
    Case how = new Case(LOSSES.get(0), Positions.EVERY, new Shape(2, 2, 0, 30));
    SasRec model = model(how, ElementType.FLOAT32, engine);
    int[][] states = {{1, 2, 3, 4, 5}, {1, 2, 3, 9, 8}};
    Tensor[] found = new Tensor[2];
    for (int i = 0; i < 2; i++) {
      PaddedBatch batch =
          Examples.builder(30)
              .add("u", states[i], 7)
              .build()
              .batch(new int[] {0}, LENGTH, Positions.EVERY);
      found[i] = EveryPosition.states(model.encoder(), model.items(), batch, engine);
    }
    assertThat(EngineCases.error(found[0].firstRows(3), found[1].firstRows(3))).isLessThan(1e-6);
    assertThat(EngineCases.error(found[0], found[1])).isGreaterThan(1e-3);
  }

  /** What is trained is what is served: the last state is the user vector of inference. */
  @ParameterizedTest
  @EnumSource(names = {"FUSED", "SAMEDIFF"})
  void theLastStateIsTheUserVector(Engine engine) {
    Case how = new Case(LOSSES.get(0), Positions.EVERY, new Shape(2, 2, 0, 30));
    SasRec model = model(how, ElementType.FLOAT32, engine);
    int[] history = {3, 1, 4, 1};
    PaddedBatch batch =
        Examples.builder(30)
            .add("u", history, 5)
            .build()
            .batch(new int[] {0}, LENGTH, Positions.EVERY);
    Tensor states = EveryPosition.states(model.encoder(), model.items(), batch, engine);
    try (SasRecScorer scorer = model.scorer()) {
      Tensor user = scorer.userVectors(new int[][] {history});
      for (int j = 0; j < 8; j++) {
        assertThat(states.get(3 * 8 + j)).isCloseTo(user.get(j), within(1e-5));
      }
    }
  }

  @Test
  void refusesTwoViews() {
    SasRec model =
        SasRec.builder(DualViewTable.of(ElementType.FLOAT32, ItemViews.ID_AND_TEXT, 20, 8)).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.objective(InfoNce.withNegatives(2), Positions.EVERY))
        .withMessageContaining("positions EVERY takes items of one view, found ID_AND_TEXT")
        .withMessageContaining("withPrefixes()");
  }

  @Test
  void refusesBatchesOfOtherPositionsAndItems() {
    SasRec model = SasRec.builder(IdItemEmbedding.builder(20, 8).build()).maxLength(LENGTH).build();
    Gradients gradients = Gradients.of(model.parameters());
    SplittableRandom random = new SplittableRandom(1);
    int[] one = {0};
    Examples examples = Examples.builder(20).add("u", new int[] {1, 2}, 3).build();
    try (Objective<TrainingBatch> objective =
        model.objective(SampledSoftmax.withShared(3), Positions.EVERY)) {
      SharedItems shared = new SharedItems(new int[] {4, 5, 6}, new double[] {1, 1, 1});
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  objective.gradients(
                      new TrainingBatch(examples.batch(one, LENGTH), shared), random, gradients))
          .withMessage("the batch must have targets at the positions EVERY, found LAST");
      PaddedBatch batch = examples.batch(one, LENGTH, Positions.EVERY);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> objective.gradients(new TrainingBatch(batch, new int[0]), random, gradients))
          .withMessage("the loss takes some shared items, found 0");
      SharedItems beyond = new SharedItems(new int[] {4, 20}, new double[] {1, 1});
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> objective.gradients(new TrainingBatch(batch, beyond), random, gradients))
          .withMessage("shared items must lie in [0, 20), found 20");
      batch.targets()[1] = 20;
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> objective.gradients(new TrainingBatch(batch, shared), random, gradients))
          .withMessage("target 1 must be an item, found the padding item 20");
    }
  }
}
