package io.github.alphafuse.backbones.sasrec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.fixture.EngineCases;
import io.github.alphafuse.backbones.fixture.EngineCases.Items;
import io.github.alphafuse.backbones.internal.encoder.HistoryEncoder;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.GraphLoss;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.NegativeSampler;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SampledKernel;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fused engine must compute what the graph computes, dropout included. */
class FusedEngineTest {
  private static final double TOLERANCE = 1e-5;

  enum Losses {
    INFO_NCE(InfoNce.withNegatives(5).temperature(0.2)),
    INFO_NCE_ONE(InfoNce.withNegatives(1)),
    BCE(BinaryCrossEntropy.withNegatives(4)),
    INNER_PRODUCTS(FullSoftmax.ofInnerProducts()),
    COSINES(FullSoftmax.ofCosines(0.2));

    private final RankingLoss loss;

    Losses(RankingLoss loss) {
      this.loss = loss;
    }
  }

  record Case(Losses loss, Items items, int itemCount, int dim, int heads, double dropout) {}

  /** So many items that a thread takes several blocks of them one after another. */
  private static final int MANY_BLOCKS = 9_000;

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    int[] heads = {1, 2, 4};
    double[] dropouts = {0.1, 0.3, 0.5};
    int turn = 0;
    for (Losses loss : Losses.values()) {
      for (Items items : Items.values()) {
        cases.add(new Case(loss, items, 50, 16, heads[turn % 3], dropouts[(turn / 3) % 3]));
        turn++;
      }
      for (int count : heads) {
        cases.add(new Case(loss, Items.ADDED, 50, 24, count, 0));
      }
      // More than one block of items, the last of them not full; an odd width.
      cases.add(new Case(loss, Items.ADDED, 2500, 20, 2, 0.2));
      cases.add(new Case(loss, Items.ADDED, MANY_BLOCKS, 16, 1, 0.1));
      cases.add(new Case(loss, Items.IDS_ONLY, 1025, 9, 1, 0.2));
    }
    return cases.stream();
  }

  private static SasRec model(Case how, Engine engine, ElementType type) {
    SasRec model =
        SasRec.builder(how.items.of(type, how.itemCount, how.dim))
            .maxLength(6)
            .heads(how.heads)
            .dropout(how.dropout)
            .engine(engine)
            .build();
    EngineCases.perturb(model);
    return model;
  }

  private static SasRec model(Case how, Engine engine) {
    return model(how, engine, ElementType.FLOAT32);
  }

  private static TrainingBatch batch(SasRec model, RankingLoss loss, int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    PaddedBatch examples = EngineCases.batch(random, size, model);
    int[] negatives =
        loss.negatives() == 0
            ? new int[0]
            : NegativeSampler.uniform(model.items().itemCount())
                .sample(examples.targets(), loss.negatives(), random);
    return new TrainingBatch(examples, negatives);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasTheLossAndTheGradientsOfTheGraph(Case how) {
    // In float64: in float32 the graph loses digits where a loss is close to 0.
    SasRec reference = model(how, Engine.SAMEDIFF, ElementType.FLOAT64);
    SasRec fused = model(how, Engine.FUSED);
    EngineCases.copyWeights(fused, reference);
    RankingLoss loss = how.loss.loss;
    Gradients expected = Gradients.of(reference.parameters());
    Gradients found = Gradients.of(fused.parameters());
    try (Objective<TrainingBatch> graph = reference.objective(loss);
        Objective<TrainingBatch> kernels = fused.objective(loss)) {
      assertThat(computing(graph)).isInstanceOf(SameDiffObjective.class);
      assertThat(computing(kernels)).isInstanceOf(FusedObjective.class);
      assertThat(kernels.negatives()).isEqualTo(loss.negatives());
      // One objective and its buffers over batches that grow and shrink.
      int step = 0;
      for (int size : new int[] {7, 33, 1, 33, 7}) {
        TrainingBatch batch = batch(reference, loss, size, step);
        double value = graph.gradients(batch, new SplittableRandom(step), expected);
        double fusedValue = kernels.gradients(batch, new SplittableRandom(step), found);
        assertThat(fusedValue)
            .as("loss of %s examples", size)
            .isCloseTo(value, within(TOLERANCE * Math.max(1, Math.abs(value))));
        EngineCases.assertAgree(found, expected, TOLERANCE);
        step++;
      }
    }
  }

  /**
   * Logits far above those of all items that the first shift is guessed from, in one block or in
   * several, and logits that all lie far apart.
   */
  @ParameterizedTest
  @ValueSource(strings = {"7", "2000", "7,2000,8999", "all"})
  void holdsWhereLogitsAreFarAboveTheOthers(String which) {
    Case how = new Case(Losses.INNER_PRODUCTS, Items.IDS_ONLY, MANY_BLOCKS, 16, 1, 0);
    SasRec reference = model(how, Engine.SAMEDIFF, ElementType.FLOAT64);
    SasRec fused = model(how, Engine.FUSED);
    Tensor table = fused.items().parameters().values().iterator().next();
    List<String> far = List.of(which.split(","));
    for (int i = 0; i < MANY_BLOCKS * 16; i++) {
      boolean isFar = which.equals("all") || far.contains(Integer.toString(i / 16));
      table.set(i, table.get(i) * (isFar ? 50 : 0.5));
    }
    EngineCases.copyWeights(fused, reference);
    Gradients expected = Gradients.of(reference.parameters());
    Gradients found = Gradients.of(fused.parameters());
    TrainingBatch batch = batch(reference, how.loss.loss, 40, 3);
    try (Objective<TrainingBatch> graph = reference.objective(how.loss.loss);
        Objective<TrainingBatch> kernels = fused.objective(how.loss.loss)) {
      double value = graph.gradients(batch, new SplittableRandom(1), expected);
      assertThat(value).isGreaterThan(40); // beyond what the shift leaves room for
      assertThat(kernels.gradients(batch, new SplittableRandom(1), found))
          .isCloseTo(value, within(TOLERANCE * value));
      EngineCases.assertAgree(found, expected, 1e-3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesOverWeightsThatChanged(Losses which) {
    Case how = new Case(which, Items.ADDED, 50, 16, 2, 0);
    SasRec fused = model(how, Engine.FUSED);
    SasRec reference = model(how, Engine.SAMEDIFF);
    Gradients expected = Gradients.of(reference.parameters());
    Gradients found = Gradients.of(fused.parameters());
    TrainingBatch batch = batch(fused, which.loss, 9, 4);
    try (Objective<TrainingBatch> kernels = fused.objective(which.loss)) {
      double before = kernels.gradients(batch, new SplittableRandom(1), found);
      EngineCases.perturb(fused);
      EngineCases.copyWeights(fused, reference);
      double after = kernels.gradients(batch, new SplittableRandom(1), found);
      assertThat(after).isNotCloseTo(before, within(1e-3));
      try (Objective<TrainingBatch> graph = reference.objective(which.loss)) {
        assertThat(after)
            .isCloseTo(
                graph.gradients(batch, new SplittableRandom(1), expected), within(TOLERANCE));
      }
      EngineCases.assertAgree(found, expected, TOLERANCE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void repeatsItselfBitByBit(Losses which) {
    Case how = new Case(which, Items.ADDED, MANY_BLOCKS, 16, 2, 0.2);
    SasRec model = model(how, Engine.FUSED);
    Gradients first = Gradients.of(model.parameters());
    Gradients again = Gradients.of(model.parameters());
    TrainingBatch batch = batch(model, which.loss, 64, 4);
    TrainingBatch other = batch(model, which.loss, 40, 5);
    try (Objective<TrainingBatch> objective = model.objective(which.loss)) {
      double value = objective.gradients(batch, new SplittableRandom(1), first);
      for (int round = 0; round < 5; round++) {
        objective.gradients(other, new SplittableRandom(round), again);
        assertThat(objective.gradients(batch, new SplittableRandom(1), again)).isEqualTo(value);
        for (String name : first.names()) {
          assertThat(again.read(name).floats()).as(name).isEqualTo(first.read(name).floats());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"INFO_NCE", "BCE"})
  void leavesNoGradientOfItemsOfTheStepBefore(Losses which) {
    Case how = new Case(which, Items.ADDED, 1000, 16, 1, 0);
    SasRec model = model(how, Engine.FUSED);
    Gradients used = Gradients.of(model.parameters());
    try (Objective<TrainingBatch> objective = model.objective(which.loss)) {
      for (int step = 0; step < 4; step++) {
        TrainingBatch batch = batch(model, which.loss, 5, step);
        objective.gradients(batch, new SplittableRandom(1), used);
        Gradients fresh = Gradients.of(model.parameters());
        objective.gradients(batch, new SplittableRandom(1), fresh);
        for (String name : fresh.names()) {
          assertThat(used.read(name).floats()).as(name).isEqualTo(fresh.read(name).floats());
        }
        String table = model.items().parameters().keySet().iterator().next();
        int[] touched = used.touchedRows(table).orElseThrow();
        assertThat(touched).isSorted().doesNotHaveDuplicates().doesNotContain(1000);
        int width = used.read(table).shape(1);
        for (int i = 0; i < used.read(table).size(); i++) {
          if (used.read(table).get(i) != 0) {
            assertThat(Arrays.binarySearch(touched, i / width)).isNotNegative();
          }
        }
      }
    }
  }

  static Stream<Case> scorers() {
    return Stream.of(
        new Case(Losses.BCE, Items.ADDED, 50, 16, 1, 0.1),
        new Case(Losses.BCE, Items.COVERED, 50, 16, 2, 0.1),
        new Case(Losses.BCE, Items.FROZEN, 2500, 24, 4, 0.1),
        new Case(Losses.BCE, Items.IDS_ONLY, 1025, 9, 1, 0.1));
  }

  @ParameterizedTest
  @MethodSource("scorers")
  void scoresAsTheGraphDoes(Case how) {
    SplittableRandom random = new SplittableRandom(12);
    try (SasRecScorer graph = model(how, Engine.SAMEDIFF).scorer();
        SasRecScorer kernels = model(how, Engine.FUSED).scorer()) {
      for (int size : new int[] {1, 7, 33, 600, 2}) {
        int[][] histories = EngineCases.histories(random, size, new int[] {how.itemCount, 9});
        assertThat(EngineCases.error(kernels.userVectors(histories), graph.userVectors(histories)))
            .isLessThan(TOLERANCE);
        Tensor expected = graph.score(histories);
        assertThat(EngineCases.error(kernels.score(histories), expected)).isLessThan(TOLERANCE);
      }
    }
  }

  static Stream<TopQuery> queries() {
    BitSet odd = new BitSet();
    for (int i = 1; i < 2500; i += 2) {
      odd.set(i);
    }
    return Stream.of(
        TopQuery.ofAll(1),
        TopQuery.ofAll(20),
        TopQuery.ofAll(5000),
        new TopQuery(20, true, Optional.empty()),
        new TopQuery(10, true, Optional.of(odd)));
  }

  @ParameterizedTest
  @MethodSource("queries")
  void findsTheItemsThatTheGraphFinds(TopQuery query) {
    Case how = new Case(Losses.BCE, Items.ADDED, 2500, 64, 2, 0);
    SplittableRandom random = new SplittableRandom(13);
    try (SasRecScorer graph = model(how, Engine.SAMEDIFF).scorer();
        SasRecScorer kernels = model(how, Engine.FUSED).scorer()) {
      for (int size : new int[] {1, 33, 70}) {
        int[][] histories = EngineCases.histories(random, size, new int[] {2500, 9});
        Tensor scores = graph.score(histories);
        TopItems[] expected = graph.top(histories, query);
        TopItems[] found = kernels.top(histories, query);
        assertThat(found).hasSize(size);
        for (int b = 0; b < size; b++) {
          assertSameUpToRounding(found[b], expected[b]);
          for (int k = 0; k < found[b].rows().length; k++) {
            assertThat((double) found[b].scores()[k])
                .isCloseTo(scores.get(b * 2500 + found[b].rows()[k]), within(2e-4));
          }
        }
      }
    }
  }

  /** The same scores rank by rank; items differ only where scores are as good as equal. */
  static void assertSameUpToRounding(TopItems found, TopItems expected) {
    assertThat(found.rows()).hasSameSizeAs(expected.rows()).doesNotHaveDuplicates();
    float largest = 0;
    for (float score : expected.scores()) {
      largest = Math.max(largest, Math.abs(score));
    }
    for (int k = 0; k < expected.rows().length; k++) {
      assertThat(found.scores()[k]).isCloseTo(expected.scores()[k], within(1e-5f * largest));
      if (k > 0) {
        assertThat(found.scores()[k]).isLessThanOrEqualTo(found.scores()[k - 1]);
      }
    }
    int agreeing = 0;
    for (int k = 0; k < expected.rows().length; k++) {
      agreeing += found.rows()[k] == expected.rows()[k] ? 1 : 0;
    }
    // Two neighbours may change places; a shift of all would not be rounding.
    assertThat(agreeing).isGreaterThanOrEqualTo(expected.rows().length * 9 / 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64})
  void anItemScoresTheSameInAnyBatch(int heads) {
    Case how = new Case(Losses.BCE, Items.ADDED, 2500, 64, heads, 0);
    int[][] histories = EngineCases.histories(new SplittableRandom(14), 64, new int[] {2500, 9});
    try (SasRecScorer scorer = model(how, Engine.FUSED).scorer()) {
      TopItems[] together = scorer.top(histories, TopQuery.ofAll(50));
      for (int b = 0; b < histories.length; b++) {
        TopItems alone = scorer.top(new int[][] {histories[b]}, TopQuery.ofAll(50))[0];
        assertSameUpToRounding(alone, together[b]);
      }
    }
  }

  /** InfoNCE in one of its two forms. */
  private record OneForm(Optional<SampledKernel> sampledKernel, Optional<GraphLoss> graph)
      implements RankingLoss {
    private static final InfoNce BOTH = InfoNce.withNegatives(2);

    static RankingLoss closed() {
      return new OneForm(BOTH.sampledKernel(), Optional.empty());
    }

    static RankingLoss graphOnly() {
      return new OneForm(Optional.empty(), BOTH.graph());
    }

    @Override
    public Similarity similarity() {
      return BOTH.similarity();
    }

    @Override
    public Contrast contrast() {
      return BOTH.contrast();
    }

    @Override
    public int negatives() {
      return BOTH.negatives();
    }
  }

  @Test
  void aLossInClosedFormNeedsNoGraph() {
    Case how = new Case(Losses.BCE, Items.ADDED, 20, 8, 1, 0);
    RankingLoss loss = OneForm.closed();
    try (Objective<TrainingBatch> own = model(how, Engine.AUTO).objective(loss)) {
      assertThat(computing(own)).isInstanceOf(FusedObjective.class);
    }
    for (SasRec model :
        List.of(model(how, Engine.SAMEDIFF), model(how, Engine.AUTO, ElementType.FLOAT64))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.objective(loss))
          .withMessageContaining("has no graph");
    }
  }

  @Test
  void isChosenWhereItFits() {
    Case how = new Case(Losses.BCE, Items.ADDED, 20, 8, 1, 0);
    try (Objective<TrainingBatch> fits =
            model(how, Engine.AUTO).objective(InfoNce.withNegatives(2));
        Objective<TrainingBatch> catalogue =
            model(how, Engine.AUTO).objective(FullSoftmax.ofCosines(1));
        Objective<TrainingBatch> asked =
            model(how, Engine.SAMEDIFF).objective(InfoNce.withNegatives(2));
        Objective<TrainingBatch> exact =
            model(how, Engine.AUTO, ElementType.FLOAT64).objective(InfoNce.withNegatives(2));
        Objective<TrainingBatch> deep =
            SasRec.builder(Items.ADDED.of(20, 8))
                .blocks(2)
                .build()
                .objective(InfoNce.withNegatives(2));
        Objective<TrainingBatch> sampled =
            model(how, Engine.AUTO).objective(SampledSoftmax.withShared(2));
        Objective<TrainingBatch> own = model(how, Engine.AUTO).objective(OneForm.graphOnly())) {
      assertThat(computing(fits)).isInstanceOf(FusedObjective.class);
      for (Objective<TrainingBatch> other : List.of(catalogue, deep, sampled)) {
        assertThat(computing(other)).isInstanceOf(FusedObjective.class);
      }
      for (Objective<TrainingBatch> other : List.of(asked, exact, own)) {
        assertThat(computing(other)).isInstanceOf(SameDiffObjective.class);
      }
    }
  }

  @Test
  void isRefusedWhereItDoesNotFit() {
    Case how = new Case(Losses.BCE, Items.ADDED, 20, 8, 1, 0);
    SasRec exact = model(how, Engine.FUSED, ElementType.FLOAT64);
    for (SasRec model : List.of(exact)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.objective(InfoNce.withNegatives(2)))
          .withMessageStartingWith(
              "engine FUSED takes float32 and a loss in closed form on the CPU backend, found "
                  + model.encoder().config());
      assertThatIllegalArgumentException()
          .isThrownBy(model::scorer)
          .withMessageStartingWith("the fused engine takes items of one view in float32");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  HistoryEncoder.of(
                      model.encoder(),
                      new HistoryEncoder.Items(model.items().table(), Similarity.COSINE),
                      Engine.FUSED))
          .withMessageContaining(model.encoder().config().toString());
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(how, Engine.FUSED).objective(OneForm.graphOnly()))
        .withMessageStartingWith("engine FUSED takes float32 and a loss in closed");
  }

  @Test
  void scoresByTheGraphWhereItDoesNotFit() {
    Case how = new Case(Losses.BCE, Items.ADDED, 20, 8, 1, 0);
    int[][] histories = {{1, 2}, {3}};
    try (SasRecScorer auto = model(how, Engine.AUTO, ElementType.FLOAT64).scorer();
        SasRecScorer asked = model(how, Engine.SAMEDIFF, ElementType.FLOAT64).scorer()) {
      assertThat(auto.score(histories).doubles()).isEqualTo(asked.score(histories).doubles());
    }
  }

  /** Logits in the hundreds, apart by more than float32 has an exponential for. */
  @ParameterizedTest
  @EnumSource(names = {"INNER_PRODUCTS", "COSINES"})
  void isExactWhereMostProbabilitiesUnderflow(Losses which) {
    RankingLoss loss =
        which == Losses.COSINES ? FullSoftmax.ofCosines(0.003) : FullSoftmax.ofInnerProducts();
    for (int itemCount : new int[] {200, 2500}) {
      Case how = new Case(which, Items.ADDED, itemCount, 32, 2, 0.2);
      SasRec fused = model(how, Engine.FUSED);
      SasRec reference = model(how, Engine.SAMEDIFF);
      for (SasRec model : List.of(fused, reference)) {
        Tensor gain = EngineCases.weight(model, "final_norm.weight");
        for (int i = 0; i < gain.size(); i++) {
          gain.set(i, 30 * gain.get(i));
        }
      }
      Gradients found = Gradients.of(fused.parameters());
      Gradients expected = Gradients.of(reference.parameters());
      TrainingBatch batch = batch(fused, loss, 33, 3);
      try (Objective<TrainingBatch> kernels = fused.objective(loss);
          Objective<TrainingBatch> graph = reference.objective(loss)) {
        double value = kernels.gradients(batch, new SplittableRandom(2), found);
        assertThat(value).isGreaterThan(100).isFinite();
        assertThat(value)
            .isCloseTo(
                graph.gradients(batch, new SplittableRandom(2), expected), within(1e-5 * value));
      }
      assertThat(found.firstNonFinite()).isEmpty();
      // A logit of some hundreds is rounded to 3e-5, and a probability with it.
      EngineCases.assertAgree(found, expected, 3e-4);
      String table = fused.items().parameters().keySet().iterator().next();
      int denormal = 0;
      for (float g : found.read(table).floats()) {
        denormal += g != 0 && Math.abs(g) < Float.MIN_NORMAL ? 1 : 0;
      }
      // The difference of two normal numbers may be denormal by chance, but not by the hundred.
      assertThat(denormal).as("denormal numbers over %s items", itemCount).isLessThan(10);
    }
  }

  /** The objective that computes inside another one. */
  private static Objective<TrainingBatch> computing(Objective<TrainingBatch> objective) {
    return ((ItemStepObjective) objective).inner();
  }
}
