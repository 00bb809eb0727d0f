package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Items that all targets of a batch are set against, and how much each weighs.
 *
 * <p>Legend: S items. The arrays are not copied; thread-safe while nobody writes to them.
 *
 * @param items [S] item rows, ascending, each once
 * @param weights [S] what the exponential of each item's score is multiplied by, positive and
 *     finite
 */
public record SharedItems(int[] items, double[] weights) {
  /** No items. */
  static final SharedItems NONE = new SharedItems(new int[0], new double[0]);

  /**
   * Checks that items ascend and weights are positive.
   *
   * @param items [S] item rows, ascending, each once
   * @param weights [S] what the exponential of each item's score is multiplied by
   * @throws IllegalArgumentException if items do not ascend, or a weight is missing, not positive
   *     or not finite
   */
  public SharedItems {
    checkArgument(
        weights.length == items.length,
        "weights must be as many as the %s items, found %s",
        items.length,
        weights.length);
    for (int i = 0; i < items.length; i++) {
      checkArgument(
          items[i] > (i == 0 ? -1 : items[i - 1]),
          "items must ascend from 0, each once, found %s at place %s",
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
