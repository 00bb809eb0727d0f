package io.github.alphafuse.backbones.dreamrec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.fixture.EngineCases;
import io.github.alphafuse.backbones.fixture.EngineCases.Items;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The fused engine must compute what the graph computes, dropout included. */
class FusedDreamRecEngineTest {
  private static final double TOLERANCE = 1e-5;
  private static final int ITEMS = 60;

  record Case(DiffusionLoss loss, Items items, int dim, int heads, double dropped) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    int[] heads = {1, 2, 4};
    int turn = 0;
    for (DiffusionLoss loss : DiffusionLoss.values()) {
      for (Items items : Items.values()) {
        cases.add(new Case(loss, items, 16, heads[turn++ % 3], 0.3));
      }
      cases.add(new Case(loss, Items.ADDED, 9, 1, 0));
      cases.add(new Case(loss, Items.ADDED, 72, 2, 0.9));
    }
    return cases.stream();
  }

  private static DreamRec.Builder builder(Case how, Engine engine, ElementType type) {
    return DreamRec.builder(how.items.of(type, ITEMS, how.dim))
        .maxLength(6)
        .heads(how.heads)
        .dropout(0.1 * how.heads)
        .conditionDropout(how.dropped)
        .schedule(NoiseSchedule.linear(200))
        .engine(engine);
  }

  private static DreamRec model(Case how, Engine engine, ElementType type) {
    DreamRec model = builder(how, engine, type).build();
    EngineCases.perturb(model);
    return model;
  }

  private static Case plain() {
    return new Case(DiffusionLoss.L2, Items.ADDED, 32, 2, 0.1);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasTheLossAndTheGradientsOfTheGraph(Case how) {
    DreamRec fused = model(how, Engine.FUSED, ElementType.FLOAT32);
    DreamRec reference = model(how, Engine.SAMEDIFF, ElementType.FLOAT64);
    EngineCases.copyWeights(fused, reference);
    Gradients expected = Gradients.of(reference.parameters());
    Gradients found = Gradients.of(fused.parameters());
    try (DreamRecObjective graph = (DreamRecObjective) reference.objective(how.loss);
        DreamRecObjective kernels = (DreamRecObjective) fused.objective(how.loss)) {
      assertThat(graph).isInstanceOf(SameDiffDreamRecObjective.class);
      assertThat(kernels).isInstanceOf(FusedDreamRecObjective.class);
      assertThat(kernels.negatives()).isZero();
      // One objective and its buffers over batches that grow and shrink. No residual of these
      // seeds is so close to 0 that rounding decides the sign that L1 differentiates to.
      int step = 0;
      for (int size : new int[] {7, 33, 1, 33, 7}) {
        PaddedBatch examples = EngineCases.batch(new SplittableRandom(step), size, fused);
        TrainingBatch batch = new TrainingBatch(examples, new int[0]);
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

  @Test
  void takesOverWeightsThatChanged() {
    DreamRec fused = model(plain(), Engine.FUSED, ElementType.FLOAT32);
    DreamRec reference = model(plain(), Engine.SAMEDIFF, ElementType.FLOAT32);
    Gradients expected = Gradients.of(reference.parameters());
    Gradients found = Gradients.of(fused.parameters());
    PaddedBatch examples = EngineCases.batch(new SplittableRandom(1), 9, fused);
    TrainingBatch batch = new TrainingBatch(examples, new int[0]);
    try (Objective<TrainingBatch> kernels = fused.objective(DiffusionLoss.L2)) {
      double before = kernels.gradients(batch, new SplittableRandom(1), found);
      EngineCases.perturb(fused);
      EngineCases.copyWeights(fused, reference);
      double after = kernels.gradients(batch, new SplittableRandom(1), found);
      assertThat(after).isNotCloseTo(before, within(1e-3));
      try (Objective<TrainingBatch> graph = reference.objective(DiffusionLoss.L2)) {
        assertThat(after)
            .isCloseTo(
                graph.gradients(batch, new SplittableRandom(1), expected),
                within(TOLERANCE * after));
      }
      EngineCases.assertAgree(found, expected, TOLERANCE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void repeatsItselfBitByBitAndLeavesNothingBehind(DiffusionLoss loss) {
    DreamRec model = model(plain(), Engine.FUSED, ElementType.FLOAT32);
    Gradients used = Gradients.of(model.parameters());
    try (Objective<TrainingBatch> objective = model.objective(loss)) {
      for (int step = 0; step < 4; step++) {
        PaddedBatch examples =
            EngineCases.batch(new SplittableRandom(step), step == 0 ? 64 : 5, model);
        TrainingBatch batch = new TrainingBatch(examples, new int[0]);
        double value = objective.gradients(batch, new SplittableRandom(step), used);
        Gradients fresh = Gradients.of(model.parameters());
        assertThat(objective.gradients(batch, new SplittableRandom(step), fresh)).isEqualTo(value);
        for (String name : fresh.names()) {
          assertThat(used.read(name).floats()).as(name).isEqualTo(fresh.read(name).floats());
        }
      }
    }
  }

  static Stream<Sampling> samplings() {
    List<Sampling> samplings = new ArrayList<>();
    for (Sampling.Form form : Sampling.Form.values()) {
      samplings.add(Sampling.ddim(20).withForm(form));
      samplings.add(Sampling.ddim(10).withForm(form).withGuidance(0));
      samplings.add(Sampling.ddim(50).withForm(form).withGuidance(2).withSamples(3));
    }
    samplings.add(Sampling.ddpm().withGuidance(1));
    samplings.add(Sampling.ddpm().withGuidance(1).withForm(Sampling.Form.NAIVE));
    samplings.add(Sampling.ddpm().withGuidance(1).withForm(Sampling.Form.COLLAPSED).withSamples(2));
    return samplings.stream();
  }

  @ParameterizedTest
  @MethodSource("samplings")
  void generatesWhatTheGraphGenerates(Sampling sampling) {
    DreamRec reference = builder(plain(), Engine.SAMEDIFF, ElementType.FLOAT32).build();
    DreamRec fused = builder(plain(), Engine.FUSED, ElementType.FLOAT32).build();
    try (DreamRecScorer graph = reference.withSampling(sampling).scorer();
        DreamRecScorer kernels = fused.withSampling(sampling).scorer()) {
      for (int size : new int[] {1, 7, 40}) {
        int[][] histories =
            EngineCases.histories(new SplittableRandom(size), size, new int[] {ITEMS, 9});
        assertThat(EngineCases.error(kernels.conditions(histories), graph.conditions(histories)))
            .isLessThan(TOLERANCE);
        Tensor expected = graph.generate(histories);
        assertThat(EngineCases.error(kernels.generate(histories), expected)).isLessThan(TOLERANCE);
        Tensor start = RandomNumbers.tensor(ElementType.FLOAT32, 5, size, 32);
        float[] before = start.floats().clone();
        assertThat(
                EngineCases.error(
                    kernels.generate(histories, start), graph.generate(histories, start)))
            .isLessThan(TOLERANCE);
        assertThat(start.floats()).isEqualTo(before);
        assertThat(EngineCases.error(kernels.score(histories), graph.score(histories)))
            .isLessThan(TOLERANCE);
      }
    }
  }

  @Test
  void findsTheItemsThatTheGraphFinds() {
    int[][] histories = EngineCases.histories(new SplittableRandom(3), 50, new int[] {ITEMS, 9});
    TopQuery query = new TopQuery(10, true, java.util.Optional.empty());
    try (DreamRecScorer graph =
            builder(plain(), Engine.SAMEDIFF, ElementType.FLOAT32).build().scorer();
        DreamRecScorer kernels =
            builder(plain(), Engine.FUSED, ElementType.FLOAT32).build().scorer()) {
      TopItems[] expected = graph.top(histories, query);
      TopItems[] found = kernels.top(histories, query);
      for (int b = 0; b < histories.length; b++) {
        assertThat(found[b].rows()).isEqualTo(expected[b].rows());
      }
    }
  }

  @Test
  void theAveragedVectorIsTheMeanOfItsSamples() {
    DreamRec one = builder(plain(), Engine.FUSED, ElementType.FLOAT32).build();
    Sampling sampling = Sampling.ddim(20);
    int[][] histories = {{1, 2, 3}, {4}};
    try (DreamRecScorer single = one.withSampling(sampling).scorer();
        DreamRecScorer twice = one.withSampling(sampling.withSamples(2)).scorer();
        DreamRecScorer thrice = one.withSampling(sampling.withSamples(3)).scorer()) {
      Tensor first = single.generate(histories);
      Tensor two = twice.generate(histories);
      Tensor three = thrice.generate(histories);
      // The third sample follows from the means; it must be a vector like the first.
      double similar = 0;
      for (int i = 0; i < first.size(); i++) {
        double second = 2 * two.get(i) - first.get(i);
        double third = 3 * three.get(i) - 2 * two.get(i);
        assertThat(Math.abs(second - first.get(i)) + Math.abs(third - second)).isGreaterThan(1e-6);
        similar += Math.abs(third) / Math.abs(first.get(i));
      }
      assertThat(similar).isFinite();
    }
  }

  @Test
  void isChosenWhereItFits() {
    Case how = plain();
    try (Objective<TrainingBatch> fits =
            model(how, Engine.AUTO, ElementType.FLOAT32).objective(DiffusionLoss.L2);
        Objective<TrainingBatch> asked =
            model(how, Engine.SAMEDIFF, ElementType.FLOAT32).objective(DiffusionLoss.L2);
        Objective<TrainingBatch> exact =
            model(how, Engine.AUTO, ElementType.FLOAT64).objective(DiffusionLoss.L2);
        Objective<TrainingBatch> deep =
            builder(how, Engine.AUTO, ElementType.FLOAT32)
                .blocks(2)
                .build()
                .objective(DiffusionLoss.L2);
        Objective<TrainingBatch> wide =
            builder(how, Engine.AUTO, ElementType.FLOAT32)
                .denoiser(Denoiser.MLP)
                .build()
                .objective(DiffusionLoss.L2)) {
      assertThat(fits).isInstanceOf(FusedDreamRecObjective.class);
      assertThat(deep).isInstanceOf(FusedDreamRecObjective.class);
      for (Objective<TrainingBatch> other : List.of(asked, exact, wide)) {
        assertThat(other).isInstanceOf(SameDiffDreamRecObjective.class);
      }
    }
  }

  @Test
  void isRefusedWhereItDoesNotFit() {
    Case how = plain();
    DreamRec exact = model(how, Engine.FUSED, ElementType.FLOAT64);
    DreamRec wide = builder(how, Engine.FUSED, ElementType.FLOAT32).denoiser(Denoiser.MLP).build();
    for (DreamRec model : List.of(exact, wide)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.objective(DiffusionLoss.L2))
          .withMessage(
              "engine FUSED takes a linear denoiser in float32 on the CPU backend, found "
                  + model.diffusion().denoiser()
                  + " and "
                  + model.encoder().config());
    }
    assertThatIllegalArgumentException()
        .isThrownBy(exact::scorer)
        .withMessageStartingWith("the fused engine takes items of one view in float32");
  }

  @ParameterizedTest
  @EnumSource
  void anMlpSamplesByItsGraphOnAnyEngine(Sampling.Form form) {
    int[][] histories = {{1, 2, 3}, {4}};
    Tensor expected = null;
    for (Engine engine : Engine.values()) {
      DreamRec model =
          builder(plain(), engine, ElementType.FLOAT32)
              .denoiser(Denoiser.MLP)
              .sampling(Sampling.ddim(50).withForm(form))
              .build();
      try (DreamRecScorer scorer = model.scorer()) {
        Tensor found = scorer.generate(histories);
        expected = expected == null ? found : expected;
        assertThat(EngineCases.error(found, expected)).isLessThan(TOLERANCE);
      }
    }
  }
}
