package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.embedding.TrainingItems;
import java.util.random.RandomGenerator;

/**
 * DreamRec under a diffusion loss.
 *
 * <p>Noise of a random time is added to a target's row x_0. The denoiser predicts x_0 from the
 * result under the user's condition, which is sometimes replaced by "none". The gradient reaches
 * x_0 in two ways: as the row that is noised and as the row that is predicted. At every position,
 * each target has a draw of its own and the user vector of its position as condition.
 *
 * <p>Legend: B examples, P targets, L positions, d embedding dimension, T steps. Not thread-safe.
 */
abstract class DreamRecObjective implements Objective<TrainingBatch> {
  private final DreamRec model;
  private final Positions positions;
  private final TrainingItems items;

  DreamRecObjective(DreamRec model, Positions positions) {
    model.encoder().config().requireSupported(positions);
    this.model = model;
    this.positions = positions;
    this.items = model.items().forTraining();
  }

  /** The items of a step. */
  ItemEmbedding rows() {
    return items.rows();
  }

  @Override
  public int negatives() {
    return 0;
  }

  @Override
  public double gradients(TrainingBatch batch, RandomGenerator random, Gradients gradients) {
    DiffusionDraw draw = DiffusionDraw.of(model, batch.examples().targets().length, random);
    return step(batch, draw).run(random, gradients);
  }

  /** The same step with a given draw of times, noise and dropped conditions for its targets. */
  Step step(TrainingBatch batch, DiffusionDraw draw) {
    return new Step(batch, draw);
  }

  abstract double run(Step step, RandomGenerator random, Gradients gradients);

  @Override
  public void close() {
    items.close();
  }

  /** A step with a given draw. */
  final class Step {
    private final TrainingBatch batch;
    private final DiffusionDraw draw;

    private Step(TrainingBatch batch, DiffusionDraw draw) {
      PaddedBatch examples = batch.examples();
      model.encoder().config().requireFit(examples, model.items().itemCount(), positions);
      checkArgument(
          draw.times().length == examples.targets().length,
          "the draw must be for %s targets, found %s",
          examples.targets().length,
          draw.times().length);
      for (int time : draw.times()) {
        checkArgument(
            time >= 0 && time < model.schedule().steps(),
            "times must lie in [0, %s), found %s",
            model.schedule().steps(),
            time);
      }
      this.batch = batch;
      this.draw = draw;
    }

    TrainingBatch batch() {
      return batch;
    }

    DiffusionDraw draw() {
      return draw;
    }

    /** The mean loss plus the items' own loss, and the gradients of both. */
    double run(RandomGenerator random, Gradients gradients) {
      items.begin(random, batch.examples().histories(), batch.examples().targets());
      double value = DreamRecObjective.this.run(this, random, gradients);
      return value + items.end(gradients);
    }
  }
}
