package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.Tensor;
import java.util.random.RandomGenerator;

/**
 * What is drawn for the examples of a training step: a time, noise, and whether the condition is
 * dropped.
 *
 * <p>Legend: B examples, d embedding dimension. The arrays are not copied; not thread-safe.
 *
 * @param times [B] steps from 0 to T - 1
 * @param noise [B, d] from N(0, 1)
 * @param conditionDropped [B] whether an example's condition is replaced by "none"
 */
public record DiffusionDraw(int[] times, Tensor noise, boolean[] conditionDropped) {
  /**
   * Checks that the parts fit each other.
   *
   * @param times [B] steps from 0 to T - 1
   * @param noise [B, d] from N(0, 1)
   * @param conditionDropped [B] whether an example's condition is replaced by "none"
   * @throws IllegalArgumentException if they are not for as many examples
   */
  public DiffusionDraw {
    checkArgument(
        noise.rank() == 2
            && noise.shape(0) == times.length
            && conditionDropped.length == times.length,
        "times, noise and conditionDropped must be for as many examples, found %s, %s and %s",
        times.length,
        noise,
        conditionDropped.length);
  }

  /** Draws for a batch; the noise's shape is that of the given tensor, which is overwritten. */
  static DiffusionDraw of(int steps, double dropProbability, Tensor noise, RandomGenerator random) {
    int batch = noise.shape(0);
    int[] times = new int[batch];
    boolean[] dropped = new boolean[batch];
    for (int b = 0; b < batch; b++) {
      times[b] = random.nextInt(steps);
      dropped[b] = random.nextDouble() < dropProbability;
    }
    for (int i = 0; i < noise.size(); i++) {
      noise.set(i, random.nextGaussian());
    }
    return new DiffusionDraw(times, noise, dropped);
  }
}
