package io.github.alphafuse.backbones.sasrec;

import io.github.alphafuse.backbones.loss.RankingLoss.Contrast;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.TrainingItems;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * An objective between the start and the end of its items' steps. Before it, the items compute
 * their rows for the batch. After it, they get the gradients of those rows, and their own loss is
 * added.
 */
final class ItemStepObjective implements Objective<TrainingBatch> {
  private final TrainingItems items;
  private final Objective<TrainingBatch> objective;
  private final TrainingTask task;

  /** An objective that was built on the rows of these items; both are closed with it. */
  ItemStepObjective(TrainingItems items, Objective<TrainingBatch> objective, TrainingTask task) {
    this.items = items;
    this.objective = objective;
    this.task = task;
  }

  /** The computation between the start and the end of a step. */
  Objective<TrainingBatch> inner() {
    return objective;
  }

  @Override
  public int negatives() {
    return objective.negatives();
  }

  @Override
  public double gradients(TrainingBatch batch, RandomGenerator random, Gradients gradients) {
    task.requireFit(batch);
    if (task.loss().contrast() == Contrast.CATALOGUE) {
      items.begin(
          random,
          batch.examples().histories(),
          IntStream.range(0, task.items().itemCount()).toArray());
    } else {
      items.begin(
          random,
          batch.examples().histories(),
          batch.examples().targets(),
          batch.negatives(),
          batch.shared().items());
    }
    double value = objective.gradients(batch, random, gradients);
    return value + items.end(gradients);
  }

  @Override
  public void close() {
    objective.close();
    items.close();
  }
}
