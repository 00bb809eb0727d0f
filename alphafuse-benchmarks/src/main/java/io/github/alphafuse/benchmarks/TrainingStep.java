package io.github.alphafuse.benchmarks;

import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.loss.NegativeSampler;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.loss.SharedSampler;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.backbones.train.Optimizer;
import io.github.alphafuse.core.embedding.Gradients;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One step of training with all that it needs: batch, negatives, dropout, gradients, optimizer. Not
 * thread-safe.
 */
final class TrainingStep implements AutoCloseable {
  private final SequenceModel<?> model;
  private final Positions positions;
  private final @Nullable SharedSampler shared;
  private final Objective<TrainingBatch> objective;
  private final Optimizer optimizer;
  private final Gradients gradients;
  private final SplittableRandom negatives = new SplittableRandom(22);
  private final SplittableRandom dropout = negatives.split();

  <L extends Loss> TrainingStep(Training<L> training) {
    this.model = training.model();
    this.positions = training.batches().positions();
    this.objective = training.model().objective(training.loss(), positions);
    Optimizer optimizer = training.optimizer();
    this.shared =
        training.loss() instanceof SampledSoftmax sampled
            ? sampled
                .shared()
                .sampler(training.examples().targetFrequencies(model.maxLength(), positions))
            : null;
    this.optimizer = optimizer;
    this.gradients = optimizer.newGradients();
  }

  /** Makes the step on some examples and gives their loss before it. */
  double make(Examples examples, int[] indices) {
    PaddedBatch batch = examples.batch(indices, model.maxLength(), positions);
    TrainingBatch taken =
        shared == null
            ? new TrainingBatch(batch, draw(batch.targets()))
            : new TrainingBatch(batch, shared.sample(batch.targets(), negatives));
    double loss = objective.gradients(taken, dropout, gradients);
    checkState(Double.isFinite(loss), "the loss became %s", loss);
    optimizer.step(gradients);
    return loss;
  }

  private int[] draw(int[] targets) {
    return objective.negatives() == 0
        ? new int[0]
        : NegativeSampler.uniform(model.items().itemCount())
            .sample(targets, objective.negatives(), negatives);
  }

  @Override
  public void close() {
    objective.close();
  }
}
