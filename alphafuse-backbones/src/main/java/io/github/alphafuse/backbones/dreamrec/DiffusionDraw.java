package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The random draw for the targets of a training step: a time, noise, and whether the condition is
 * dropped.
 *
 * <p>Legend: P targets, d embedding dimension. The arrays are not copied; not thread-safe.
 *
 * @param times [P] steps from 0 to T - 1
 * @param noise [P, d] from N(0, 1)
 * @param conditionDropped [P] whether a target's condition is replaced by "none"
 */
record DiffusionDraw(int[] times, Tensor noise, boolean[] conditionDropped) {
  /** The fewest targets per thread. */
  private static final int LEAST = 16;

  /** Checks that the parts are for the same number of targets. */
  DiffusionDraw {
    checkArgument(
        noise.rank() == 2
            && noise.shape(0) == times.length
            && conditionDropped.length == times.length,
        "times, noise and conditionDropped must be for the same number of targets, found %s, %s"
            + " and %s",
        times.length,
        noise,
        conditionDropped.length);
  }

  /**
   * Draws for the targets of a batch. Each target's noise comes from a stream of its own, so that
   * the draw does not depend on the number of threads.
   */
  static DiffusionDraw of(DreamRec model, int targets, RandomGenerator random) {
    int[] times = new int[targets];
    boolean[] dropped = new boolean[targets];
    long[] seeds = new long[targets];
    for (int b = 0; b < targets; b++) {
      times[b] = random.nextInt(model.schedule().steps());
      dropped[b] = random.nextDouble() < model.conditionDropout();
      seeds[b] = random.nextLong();
    }
    Tensor noise = Tensor.zeros(model.items().elementType(), targets, model.items().dim());
    Workers.split(
        targets,
        LEAST,
        (from, to) -> {
          for (int b = from; b < to; b++) {
            GaussianRow.fill(noise, b, new SplittableRandom(seeds[b]));
          }
        });
    return new DiffusionDraw(times, noise, dropped);
  }
}
