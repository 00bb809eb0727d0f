package io.github.alphafuse.backbones.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.fixture.EngineCases.Items;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.NegativeSampler;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.loss.SharedSampler;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.Gradients;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Hundreds of steps on both engines: rounding must stay rounding. */
class EngineTrainingTest {
  private static final int ITEMS = 300;
  private static final int DIM = 32;
  private static final int STEPS = 500;
  private static final int BATCH = 32;
  private static final int LAST = 50;

  /** Users who walk on from item to item. */
  private static Examples examples() {
    SplittableRandom random = new SplittableRandom(1);
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int user = 0; user < 400; user++) {
      int[] history = new int[1 + random.nextInt(12)];
      int item = random.nextInt(ITEMS);
      for (int i = 0; i < history.length; i++) {
        history[i] = item;
        item = (item + 1 + random.nextInt(3)) % ITEMS;
      }
      examples.add("user " + user, history, item);
    }
    return examples.build();
  }

  /** The losses of all steps. */
  private static <L extends Loss> double[] train(
      SequenceModel<L> model, L loss, Positions positions) {
    Examples examples = examples();
    SharedSampler shared =
        loss instanceof SampledSoftmax sampled
            ? sampled.shared().sampler(examples.targetFrequencies(model.maxLength(), positions))
            : null;
    SplittableRandom random = new SplittableRandom(7);
    Gradients gradients = Gradients.of(model.parameters());
    Adam adam = Adam.builder(model.parameters()).learningRate(1e-3).build();
    double[] losses = new double[STEPS];
    try (Objective<TrainingBatch> objective = model.objective(loss, positions)) {
      for (int step = 0; step < STEPS; step++) {
        int[] chosen = random.ints(BATCH, 0, examples.size()).toArray();
        PaddedBatch batch = examples.batch(chosen, model.maxLength(), positions);
        int[] negatives =
            objective.negatives() == 0
                ? new int[0]
                : NegativeSampler.uniform(ITEMS)
                    .sample(batch.targets(), objective.negatives(), random);
        TrainingBatch taken =
            shared == null
                ? new TrainingBatch(batch, negatives)
                : new TrainingBatch(batch, shared.sample(batch.targets(), random));
        losses[step] = objective.gradients(taken, random, gradients);
        adam.step(gradients);
      }
    }
    return losses;
  }

  private static double mean(double[] losses, int from, int to) {
    return Arrays.stream(losses, from, to).average().orElseThrow();
  }

  private static void assertSameCourse(double[] fused, double[] graph, double learned) {
    double end = mean(graph, STEPS - LAST, STEPS);
    assertThat(end).as("the set is learned").isLessThan(learned * mean(graph, 0, LAST));
    assertThat(mean(fused, STEPS - LAST, STEPS)).isCloseTo(end, within(0.01 * end));
    // Before rounding could add up, step by step.
    for (int step = 0; step < 20; step++) {
      assertThat(fused[step]).isCloseTo(graph[step], within(1e-3 * graph[step]));
    }
  }

  private static double[] sasRec(Engine engine) {
    return train(
        SasRec.builder(Items.ADDED.of(ITEMS, DIM)).dropout(0.2).heads(2).engine(engine).build(),
        InfoNce.withNegatives(16).temperature(0.1),
        Positions.LAST);
  }

  private static double[] atEveryPosition(Engine engine) {
    return train(
        SasRec.builder(Items.ADDED.of(ITEMS, DIM))
            .dropout(0.2)
            .heads(2)
            .blocks(2)
            .engine(engine)
            .build(),
        SampledSoftmax.withBatchTargets(32).excludesHistory(true),
        Positions.EVERY);
  }

  private static double[] dreamRec(Engine engine) {
    return train(
        DreamRec.builder(Items.ADDED.of(ITEMS, DIM))
            .dropout(0.2)
            .schedule(NoiseSchedule.linear(100))
            .sampling(Sampling.ddim(10))
            .engine(engine)
            .build(),
        DiffusionLoss.L2,
        Positions.EVERY);
  }

  @Test
  void sasRecLearnsAlikeOnBothEngines() {
    assertSameCourse(sasRec(Engine.FUSED), sasRec(Engine.SAMEDIFF), 0.8);
  }

  @Test
  void sasRecLearnsAlikeAtEveryPosition() {
    assertSameCourse(atEveryPosition(Engine.FUSED), atEveryPosition(Engine.SAMEDIFF), 0.9);
  }

  @Test
  void dreamRecLearnsAlikeOnBothEngines() {
    assertSameCourse(dreamRec(Engine.FUSED), dreamRec(Engine.SAMEDIFF), 0.8);
  }
}
