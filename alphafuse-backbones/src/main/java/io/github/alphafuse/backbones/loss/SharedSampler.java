package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.model.SharedItems;
import java.util.Arrays;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * Draws the items that all targets of a batch are compared with, and their weights.
 *
 * <p>Legend: N items, M drawn, P targets. Not thread-safe.
 */
public final class SharedSampler {
  private final SharedNegatives settings;
  private final int itemCount;
  private final double[] otherShares; // [N] 1 - p_j
  private final BitSet taken;

  SharedSampler(SharedNegatives settings, long[] targetFrequencies) {
    this.settings = settings;
    this.itemCount = targetFrequencies.length;
    checkArgument(
        settings.count() <= itemCount,
        "count must be at most the %s items of the catalogue, found %s",
        itemCount,
        settings.count());
    long total = Arrays.stream(targetFrequencies).sum();
    checkArgument(
        itemCount >= 2, "a catalogue must have at least 2 items to draw from, found %s", itemCount);
    checkArgument(total > 0, "there must be at least one training target, found none");
    this.otherShares = new double[itemCount];
    Arrays.setAll(otherShares, j -> (double) (total - targetFrequencies[j]) / total);
    this.taken = new BitSet(itemCount);
  }

  /**
   * Draws the items of a batch.
   *
   * @param targets [P] item rows in [0, N)
   * @param random the source of random numbers
   * @return the items and their weights
   * @throws IllegalArgumentException if a target is outside [0, N)
   */
  public SharedItems sample(int[] targets, RandomGenerator random) {
    for (int i = 0; i < targets.length; i++) {
      checkArgument(
          targets[i] >= 0 && targets[i] < itemCount,
          "target %s must lie in [0, %s), found %s",
          i,
          itemCount,
          targets[i]);
    }
    // Floyd's algorithm needs one draw per item, whatever the share of the catalogue.
    for (int j = itemCount - settings.count(); j < itemCount; j++) {
      int item = random.nextInt(j + 1);
      taken.set(taken.get(item) ? j : item);
    }
    if (settings.batchTargets()) {
      for (int target : targets) {
        taken.set(target);
      }
    }
    int[] items = taken.stream().toArray();
    taken.clear();
    return weigh(items, targets.length);
  }

  /**
   * Weights given items as if they had been drawn.
   *
   * @param items [S] item rows, ascending, each once
   * @param targets P, the targets of the batch
   * @return the items and their weights
   * @throws IllegalArgumentException if items do not ascend or one is outside [0, N)
   */
  public SharedItems weigh(int[] items, int targets) {
    checkArgument(
        items.length == 0 || (items[0] >= 0 && items[items.length - 1] < itemCount),
        "items must lie in [0, %s)",
        itemCount);
    double[] weights = new double[items.length];
    if (!settings.weighted()) {
      Arrays.fill(weights, 1);
    } else if (settings.batchTargets()) {
      double notDrawn = 1 - (double) settings.count() / itemCount;
      Arrays.setAll(weights, i -> 1 / (1 - notDrawn * Math.pow(otherShares[items[i]], targets)));
    } else {
      Arrays.fill(weights, (itemCount - 1.0) / settings.count());
    }
    return new SharedItems(items, weights);
  }
}
