package io.github.alphafuse.backbones.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.TrainingReport.Stop;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainerTest {
  private static final int ITEMS = 12;

  private static SasRec model() {
    return SasRec.builder(
            FusedItemEmbedding.ofProjected(
                    RandomNumbers.tensor(ElementType.FLOAT32, 1, ITEMS, 8), 4, false)
                .idInitializer(IdInitializer.normal())
                .build())
        .maxLength(4)
        .dropout(0.2)
        .build();
  }

  /** Each item is followed by the one after it. */
  private static Examples examples(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int i = 0; i < count; i++) {
      int start = random.nextInt(ITEMS);
      int[] history = new int[1 + random.nextInt(5)];
      for (int j = 0; j < history.length; j++) {
        history[j] = (start + j) % ITEMS;
      }
      examples.add("user " + i, history, (start + history.length) % ITEMS);
    }
    return examples.build();
  }

  private static Trainer.Builder<RankingLoss> trainer(SasRec model) {
    return Trainer.builder(model)
        .loss(InfoNce.withNegatives(4))
        .learningRate(0.01)
        .batchSize(16)
        .epochs(3);
  }

  private static ImmutableMap<String, Tensor> weights(SasRec model) {
    ImmutableMap.Builder<String, Tensor> copies = ImmutableMap.builder();
    model.parameters().forEach((name, value) -> copies.put(name, value.copy()));
    return copies.buildOrThrow();
  }

  private static void checkEqual(SasRec model, ImmutableMap<String, Tensor> expected) {
    expected.forEach(
        (name, value) ->
            assertThat(weights(model).get(name))
                .as(name)
                .satisfies(found -> assertThat(found.floats()).containsExactly(value.floats())));
  }

  /** Keeps what it is told. */
  private static class Recorder implements TrainingListener {
    final List<String> calls = new ArrayList<>();
    final List<Double> losses = new ArrayList<>();

    @Override
    public void started(int epochs, int stepsPerEpoch) {
      calls.add("started " + epochs + " " + stepsPerEpoch);
    }

    @Override
    public void stepped(int epoch, int step, double loss) {
      calls.add("step " + epoch + "." + step);
      losses.add(loss);
    }

    @Override
    public void epochEnded(EpochReport report) {
      calls.add("epoch " + report.epoch());
    }

    @Override
    public void ended(TrainingReport report) {
      calls.add("ended " + report.stop());
    }
  }

  static Stream<RankingLoss> losses() {
    return Stream.of(
        InfoNce.withNegatives(4),
        BinaryCrossEntropy.withNegatives(1),
        FullSoftmax.ofInnerProducts(),
        FullSoftmax.ofCosines(0.1));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void learnsWhatFollowsWhat(RankingLoss loss) {
    SasRec model = model();
    Examples test = examples(2, 60);
    double before = Evaluator.fullRanking().evaluate(model, test).hitRate(3);
    TrainingReport report =
        trainer(model).loss(loss).learningRate(0.02).epochs(15).fit(examples(1, 145));
    assertThat(report.epochs()).hasSize(15);
    assertThat(report.epochs().get(14).loss()).isLessThan(0.7 * report.epochs().get(0).loss());
    double after = Evaluator.fullRanking().evaluate(model, test).hitRate(3);
    assertThat(after).isGreaterThan(Math.max(0.8, before + 0.2));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void learnsWithLazyAdam(RankingLoss loss) {
    SasRec model = model();
    TrainingReport report =
        trainer(model)
            .loss(loss)
            .lazyAdam(true)
            .learningRate(0.02)
            .epochs(15)
            .fit(examples(1, 145));
    assertThat(report.epochs().get(14).loss()).isLessThan(0.7 * report.epochs().get(0).loss());
    assertThat(Evaluator.fullRanking().evaluate(model, examples(2, 60)).hitRate(3))
        .isGreaterThan(0.8);
  }

  @Test
  void lazyAdamLeavesItemsThatNoStepTouchesAndMovesAllElse() {
    int catalogue = 400;
    Examples.Builder some = Examples.builder(catalogue);
    for (int i = 0; i < 20; i++) {
      some.add("user " + i, new int[] {i % 5, (i + 1) % 5}, (i + 2) % 5);
    }
    Examples train = some.build();
    for (boolean lazy : new boolean[] {true, false}) {
      IdItemEmbedding items = IdItemEmbedding.builder(catalogue, 8).build();
      SasRec model = SasRec.builder(items).maxLength(4).build();
      ImmutableMap<String, Tensor> start = weights(model);
      trainer(model).lazyAdam(lazy).batchSize(50).epochs(2).fit(train);
      int unmoved = 0;
      Tensor table = requireNonNull(model.parameters().get(IdItemEmbedding.TABLE));
      Tensor before = requireNonNull(start.get(IdItemEmbedding.TABLE));
      for (int row = 0; row < catalogue; row++) {
        boolean moved = table.get(row * 8) != before.get(row * 8);
        assertThat(moved || row >= 5).as("row %s", row).isTrue();
        unmoved += moved ? 0 : 1;
      }
      // Two steps of 20 x 4 negatives touch at most 165 rows.
      if (lazy) {
        assertThat(unmoved).isBetween(catalogue - 165, catalogue - 5);
      } else {
        assertThat(unmoved).isLessThan(20);
      }
      for (String name : model.encoder().asMap().keySet()) {
        // The bias of keys has no gradient: a softmax is the same with any.
        if (!name.endsWith(".weight")) {
          continue;
        }
        assertThat(requireNonNull(model.parameters().get(name)).floats())
            .as(name)
            .isNotEqualTo(requireNonNull(start.get(name)).floats());
      }
    }
  }

  @Test
  void repeatsItselfBitByBitWithASeed() {
    SasRec first = model();
    TrainingReport report = trainer(first).seed(5).fit(examples(1, 50), examples(2, 20));
    SasRec second = model();
    TrainingReport again = trainer(second).seed(5).fit(examples(1, 50), examples(2, 20));
    checkEqual(second, weights(first));
    assertThat(again.epochs().stream().map(EpochReport::loss))
        .containsExactlyElementsOf(report.epochs().stream().map(EpochReport::loss).toList());
    SasRec other = model();
    trainer(other).seed(6).fit(examples(1, 50), examples(2, 20));
    assertThat(other.encoder().get("position_embedding").floats())
        .isNotEqualTo(first.encoder().get("position_embedding").floats());
  }

  @Test
  void hasTheBestWeightsAfterwards() {
    SasRec model = model();
    Examples validation = examples(2, 15);
    TrainingReport report =
        trainer(model)
            .learningRate(0.05)
            .epochs(12)
            .earlyStopping(Metric.mrr(5), 100)
            .fit(examples(1, 60), validation);
    Evaluation best = report.bestValidation().orElseThrow();
    double most =
        report.epochs().stream()
            .mapToDouble(e -> e.value(Metric.mrr(5)).orElseThrow())
            .max()
            .orElseThrow();
    assertThat(best.mrr(5)).isEqualTo(most);
    assertThat(Evaluator.fullRanking().evaluate(model, validation).ranks())
        .containsExactly(best.ranks());
    assertThat(report.stop()).isEqualTo(Stop.EPOCHS);
    assertThat(report.epochs().get(report.bestEpoch() - 1).best()).isTrue();
    assertThat(report.epochs().subList(report.bestEpoch(), 12)).noneMatch(EpochReport::best);
    assertThat(report.isValidated()).isTrue();
    assertThat(report).asString().contains("best epoch " + report.bestEpoch(), "MRR@5");
  }

  @Test
  void patienceCountsEvaluationsWithoutAGain() {
    // A rate so small that no rank changes: the first evaluation stays the best.
    TrainingReport report =
        trainer(model())
            .learningRate(1e-12)
            .epochs(30)
            .evaluateEvery(2)
            .earlyStopping(Metric.ndcg(20), 3)
            .fit(examples(1, 20), examples(2, 10));
    assertThat(report.stop()).isEqualTo(Stop.PATIENCE);
    assertThat(report.bestEpoch()).isEqualTo(2);
    assertThat(report.epochs()).hasSize(8);
    for (EpochReport epoch : report.epochs()) {
      assertThat(epoch.validation().isEmpty()).isEqualTo(epoch.epoch() % 2 == 1);
      assertThat(epoch.best()).isEqualTo(epoch.epoch() == 2);
    }
  }

  @Test
  void evaluatesAfterTheLastEpochInAnyCase() {
    TrainingReport report =
        trainer(model()).epochs(5).evaluateEvery(3).fit(examples(1, 20), examples(2, 10));
    assertThat(report.epochs().stream().map(e -> !e.validation().isEmpty()))
        .containsExactly(false, false, true, false, true);
  }

  @Test
  void tellsItsListener() {
    Recorder recorder = new Recorder();
    trainer(model()).epochs(2).listener(recorder).fit(examples(1, 33));
    assertThat(recorder.calls)
        .containsExactly(
            "started 2 3",
            "step 1.1",
            "step 1.2",
            "step 1.3",
            "epoch 1",
            "step 2.1",
            "step 2.2",
            "step 2.3",
            "epoch 2",
            "ended EPOCHS");
  }

  @Test
  void theLossOfAnEpochIsTheMeanOverItsExamples() {
    Recorder recorder = new Recorder();
    TrainingReport report = trainer(model()).epochs(1).listener(recorder).fit(examples(1, 33));
    double expected =
        (16 * recorder.losses.get(0) + 16 * recorder.losses.get(1) + recorder.losses.get(2)) / 33;
    assertThat(report.epochs().get(0).loss())
        .isCloseTo(expected, org.assertj.core.api.Assertions.within(1e-12));
  }

  @Test
  void goesInFileOrderWithoutShuffling() {
    // The full softmax without dropout draws nothing: the seed matters for the order alone.
    List<List<Double>> losses = new ArrayList<>();
    for (boolean shuffle : new boolean[] {false, true}) {
      for (long seed : new long[] {1, 2}) {
        SasRec model =
            SasRec.builder(
                    FusedItemEmbedding.ofProjected(
                            RandomNumbers.tensor(ElementType.FLOAT32, 1, ITEMS, 8), 4, false)
                        .build())
                .maxLength(4)
                .dropout(0)
                .build();
        Recorder recorder = new Recorder();
        trainer(model)
            .loss(FullSoftmax.ofInnerProducts())
            .shuffle(shuffle)
            .seed(seed)
            .listener(recorder)
            .fit(examples(1, 50));
        losses.add(recorder.losses);
      }
    }
    assertThat(losses.get(0)).isEqualTo(losses.get(1));
    assertThat(losses.get(2)).isNotEqualTo(losses.get(3));
    assertThat(losses.get(2)).isNotEqualTo(losses.get(0));
  }

  @Test
  void withoutValidationTheLastWeightsStay() {
    TrainingReport report = trainer(model()).fit(examples(1, 20));
    assertThat(report.bestEpoch()).isEqualTo(3);
    assertThat(report.bestValidation()).isEmpty();
    assertThat(report.epochs()).allMatch(e -> e.validation().isEmpty());
    assertThat(report.isValidated()).isFalse();
    assertThat(report).asString().contains("last epoch 3 kept without validation");
  }

  @Test
  void stopsAtALossThatIsNotANumberAndKeepsTheBestWeights() {
    SasRec model = model();
    Recorder poison =
        new Recorder() {
          @Override
          public void stepped(int epoch, int step, double loss) {
            if (epoch == 3 && step == 1) {
              model.encoder().get("final_norm.weight").set(0, Double.NaN);
            }
          }
        };
    TrainingReport report =
        trainer(model).epochs(9).listener(poison).fit(examples(1, 50), examples(2, 20));
    assertThat(report.stop()).isEqualTo(Stop.DIVERGED);
    assertThat(report.message()).contains("in epoch 3, step 2");
    assertThat(report.epochs()).hasSize(2);
    assertThat(poison.calls).last().isEqualTo("ended DIVERGED");
    checkFinite(model);
    assertThat(Evaluator.fullRanking().evaluate(model, examples(2, 20)).ranks())
        .containsExactly(report.bestValidation().orElseThrow().ranks());
  }

  private static void checkFinite(SasRec model) {
    model
        .parameters()
        .forEach((name, value) -> assertThat(value.firstNonFinite()).as(name).isEqualTo(-1));
  }

  /** A rate that takes all weights out of range in one step, which is the whole of an epoch. */
  @Test
  void stopsAtWeightsThatOneStepMadeUseless() {
    for (boolean validated : new boolean[] {true, false}) {
      SasRec model = model();
      ImmutableMap<String, Tensor> start = weights(model);
      Trainer.Builder<?> trainer = trainer(model).learningRate(1e38).batchSize(100).epochs(4);
      Examples train = examples(1, 50);
      TrainingReport report = validated ? trainer.fit(train, examples(2, 20)) : trainer.fit(train);
      assertThat(report.stop()).isEqualTo(Stop.DIVERGED);
      checkFinite(model);
      if (report.bestEpoch() == 0) {
        checkEqual(model, start);
      }
    }
  }

  @Test
  void stopsWhereTheLastStepOfAllMadeWeightsInfinite() {
    SasRec model = model();
    ImmutableMap<String, Tensor> start = weights(model);
    TrainingListener poison =
        new TrainingListener() {
          @Override
          public void stepped(int epoch, int step, double loss) {
            model.encoder().get("final_norm.weight").set(0, Double.POSITIVE_INFINITY);
          }
        };
    TrainingReport report =
        trainer(model).batchSize(100).epochs(1).listener(poison).fit(examples(1, 50));
    assertThat(report.stop()).isEqualTo(Stop.DIVERGED);
    checkEqual(model, start);
  }

  @Test
  void stopsWhereItsThreadIsInterrupted() {
    SasRec model = model();
    Recorder interrupter =
        new Recorder() {
          @Override
          public void stepped(int epoch, int step, double loss) {
            super.stepped(epoch, step, loss);
            if (epoch == 2 && step == 2) {
              Thread.currentThread().interrupt();
            }
          }
        };
    Examples validation = examples(2, 20);
    TrainingReport report =
        trainer(model).epochs(9).listener(interrupter).fit(examples(1, 70), validation);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.stop()).isEqualTo(Stop.INTERRUPTED);
    assertThat(report.epochs()).hasSize(1);
    assertThat(interrupter.calls).contains("step 2.2").doesNotContain("step 2.3");
    assertThat(Evaluator.fullRanking().evaluate(model, validation).ranks())
        .containsExactly(report.bestValidation().orElseThrow().ranks());
  }

  @Test
  void rejectsWhatDoesNotFit() {
    Examples none = Examples.builder(ITEMS).build();
    Examples others = Examples.builder(5).add("u", new int[] {0}, 1).build();
    Examples some = examples(1, 5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model()).fit(none))
        .withMessage("training must have at least one example");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model()).fit(some, none))
        .withMessage("validation must have at least one example");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model()).fit(others))
        .withMessage("training examples must be over the model's 12 items, found 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model()).fit(some, others))
        .withMessage("validation examples must be over the model's 12 items, found 5");
    assertThatIllegalStateException()
        .isThrownBy(() -> Trainer.builder(model()).fit(some))
        .withMessageStartingWith("no loss: set one");
    Trainer.Builder<?> builder = trainer(model());
    assertThatIllegalArgumentException().isThrownBy(() -> builder.learningRate(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.weightDecay(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.batchSize(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.epochs(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.evaluateEvery(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.earlyStopping(Metric.ndcg(20), 0));
  }
}
