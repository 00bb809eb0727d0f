package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Items that all targets of a batch are compared with, and their weights.
 *
 * <p>Legend: S items. The arrays are not copied; thread-safe while nobody writes to them.
 *
 * @param items [S] item rows, ascending, each once
 * @param weights [S] the factor of the exponential of each item's score, positive and finite
 */
public record SharedItems(int[] items, double[] weights) {
  /** No items. */
  static final SharedItems NONE = new SharedItems(new int[0], new double[0]);

  /**
   * Checks that items ascend and weights are positive.
   *
   * @param items [S] item rows, ascending, each once
   * @param weights [S] the factor of the exponential of each item's score
   * @throws IllegalArgumentException if items do not ascend, or a weight is missing, not positive
   *     or not finite
   */
  public SharedItems {
    checkArgument(
        weights.length == items.length,
        "weights must hold one number per item (%s), found %s",
        items.length,
        weights.length);
    for (int i = 0; i < items.length; i++) {
      checkArgument(
          items[i] > (i == 0 ? -1 : items[i - 1]),
          "items must ascend from 0, each once, found %s at index %s",
          items[i],
          i);
      checkArgument(
          weights[i] > 0 && Double.isFinite(weights[i]),
          "weights must be positive and finite, found %s",
          weights[i]);
    }
  }

  /**
   * The number of items.
   *
   * @return S
   */
  public int size() {
    return items.length;
  }
}
