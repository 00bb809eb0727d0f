package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.random.RandomGenerator;

/**
 * Draws negatives uniformly from the catalogue. A negative that equals its target is drawn again.
 *
 * <p>Immutable and thread-safe.
 */
public final class NegativeSampler {
  private final int itemCount;

  private NegativeSampler(int itemCount) {
    checkArgument(
        itemCount >= 2, "a catalogue must have at least 2 items to draw from, found %s", itemCount);
    this.itemCount = itemCount;
  }

  /**
   * A sampler over a catalogue.
   *
   * @param itemCount N, at least 2
   * @return the sampler
   * @throws IllegalArgumentException if N is below 2
   */
  public static NegativeSampler uniform(int itemCount) {
    return new NegativeSampler(itemCount);
  }

  /**
   * Draws negatives for each of some targets. An item may be drawn more than once.
   *
   * @param targets [B] item rows in [0, N)
   * @param negatives K, at least 1
   * @param random the source of random numbers
   * @return [B, K] item rows, none equal to its target
   * @throws IllegalArgumentException if a target is outside [0, N) or K is below 1
   */
  public int[] sample(int[] targets, int negatives, RandomGenerator random) {
    checkArgument(negatives >= 1, "negatives must be at least 1, found %s", negatives);
    int[] drawn = new int[Math.multiplyExact(targets.length, negatives)];
    for (int b = 0; b < targets.length; b++) {
      int target = targets[b];
      checkArgument(
          target >= 0 && target < itemCount,
          "target %s must lie in [0, %s), found %s",
          b,
          itemCount,
          target);
      for (int k = 0; k < negatives; k++) {
        int item;
        do {
          item = random.nextInt(itemCount);
        } while (item == target);
        drawn[b * negatives + k] = item;
      }
    }
    return drawn;
  }
}
