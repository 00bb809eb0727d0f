package io.github.alphafuse.backbones.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  private static final int ITEMS = 30;

  @TempDir private Path folder;

  private static Examples examples(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int i = 0; i < count; i++) {
      int first = random.nextInt(ITEMS);
      examples.add("user " + i, new int[] {first, (first + 1) % ITEMS}, (first + 2) % ITEMS);
    }
    return examples.build();
  }

  private static SasRec model() {
    return SasRec.builder(IdItemEmbedding.builder(ITEMS, 8).build()).maxLength(4).build();
  }

  private static Trainer.Builder<RankingLoss> trainer(SasRec model) {
    return Trainer.builder(model)
        .loss(InfoNce.withNegatives(4))
        .learningRate(0.01)
        .batchSize(32)
        .earlyStopping(Metric.ndcg(5), 50)
        .seed(3);
  }

  static void assertSameWeights(RankingModel found, RankingModel expected) {
    expected
        .parameters()
        .forEach(
            (name, value) ->
                assertThat(requireNonNull(found.parameters().get(name)).floats())
                    .as(name)
                    .isEqualTo(value.floats()));
  }

  @Test
  void aRunThatWasStoppedComesToTheSameWeights() {
    Examples train = examples(100, 1);
    Examples validation = examples(40, 2);
    SasRec whole = model();
    TrainingReport expected = trainer(whole).epochs(6).fit(train, validation);

    Path file = folder.resolve("run.zip");
    trainer(model()).epochs(2).checkpoint(file).fit(train, validation);
    SasRec resumed = model();
    TrainingReport report = trainer(resumed).epochs(6).checkpoint(file).fit(train, validation);

    assertThat(report.bestEpoch()).isEqualTo(expected.bestEpoch());
    assertThat(report.epochs())
        .extracting(EpochReport::loss)
        .containsExactlyElementsOf(expected.epochs().stream().map(EpochReport::loss).toList());
    assertThat(report.epochs())
        .allSatisfy(
            epoch -> {
              assertThat(epoch.trainingSeconds()).isPositive();
              assertThat(epoch.evaluationSeconds()).isPositive();
              assertThat(epoch.seconds())
                  .isEqualTo(epoch.trainingSeconds() + epoch.evaluationSeconds());
            });
    assertThat(report).asString().contains("of it evaluation");
    assertSameWeights(resumed, whole);
  }

  private static Trainer.Builder<RankingLoss> scheduled(SasRec model) {
    return trainer(model)
        .loss(SampledSoftmax.withBatchTargets(5).excludesHistory(true))
        .positions(Positions.EVERY)
        .learningRateSchedule(LearningRateSchedule.linear().warmUp(6))
        .evaluator(Evaluator.fullRanking().maskSeen(true));
  }

  /** Stops in an epoch, after its checkpoint was saved. */
  private static TrainingListener stopIn(int epoch) {
    return new TrainingListener() {
      @Override
      public void stepped(int stepEpoch, int step, double loss) {
        if (stepEpoch == epoch) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  @Test
  void aRunThatWasStoppedAmidItsScheduleComesToTheSameWeights() {
    Examples train = examples(100, 1);
    Examples validation = examples(40, 2);
    SasRec whole = model();
    TrainingReport expected = scheduled(whole).epochs(6).fit(train, validation);
    SasRec again = model();
    scheduled(again).epochs(6).fit(train, validation);
    assertSameWeights(again, whole);
    Path file = folder.resolve("run.zip");
    scheduled(model()).epochs(6).checkpoint(file).listener(stopIn(4)).fit(train, validation);
    assertThat(Thread.interrupted()).isTrue();
    SasRec resumed = model();
    TrainingReport report = scheduled(resumed).epochs(6).checkpoint(file).fit(train, validation);
    assertSameWeights(resumed, whole);
    assertThat(report.epochs())
        .extracting(EpochReport::validation)
        .containsExactlyElementsOf(
            expected.epochs().stream().map(EpochReport::validation).toList());
    assertThat(report.bestValidation().orElseThrow().isUnseen()).isTrue();
    assertThat(report.epochs()).allSatisfy(epoch -> assertThat(epoch.targets()).isEqualTo(200));
  }

  @Test
  void aCheckpointHoldsItsScheduleAndPositions() {
    Examples train = examples(100, 1);
    Path file = folder.resolve("run.zip");
    scheduled(model()).epochs(6).checkpoint(file).listener(stopIn(2)).fit(train);
    assertThat(Thread.interrupted()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduled(model()).epochs(7).checkpoint(file).fit(train))
        .withMessageContaining("over 7 epochs to 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                scheduled(model()).positions(Positions.LAST).epochs(6).checkpoint(file).fit(train))
        .withMessageContaining("at every position");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                scheduled(model())
                    .evaluator(Evaluator.fullRanking())
                    .epochs(6)
                    .checkpoint(file)
                    .fit(train))
        .withMessageContaining("without seen items");
  }

  @Test
  void aLazyRunGoesOnAsLazyOnly() {
    Examples train = examples(100, 1);
    SasRec whole = model();
    trainer(whole).lazyAdam(true).epochs(4).fit(train);
    Path file = folder.resolve("run.zip");
    trainer(model()).lazyAdam(true).epochs(2).checkpoint(file).fit(train);
    SasRec other = model();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(other).epochs(4).checkpoint(file).fit(train))
        .withMessageContaining("lazy Adam");
    SasRec resumed = model();
    trainer(resumed).lazyAdam(true).epochs(4).checkpoint(file).fit(train);
    assertSameWeights(resumed, whole);
  }

  @Test
  void rejectsTheCheckpointOfAnotherRun() {
    Examples train = examples(50, 1);
    Path file = folder.resolve("run.zip");
    trainer(model()).epochs(1).checkpoint(file).fit(train);
    SasRec other = model();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(other).learningRate(0.5).checkpoint(file).fit(train))
        .withMessageContaining("is a checkpoint of a run with other settings")
        .withMessageContaining("rate 0.5")
        .withMessageContaining("rate 0.01");
  }
}
