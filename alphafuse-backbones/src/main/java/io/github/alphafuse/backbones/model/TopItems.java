package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The best items of one history, best first; items of equal score rank by row.
 *
 * <p>The arrays are not copied: treat them as read-only.
 *
 * @param rows item rows
 * @param scores their scores
 */
public record TopItems(int[] rows, float[] scores) {
  /**
   * Checks that there is one score per item.
   *
   * @param rows item rows
   * @param scores their scores
   * @throws IllegalArgumentException if the numbers of items and scores differ
   */
  public TopItems {
    checkArgument(
        rows.length == scores.length,
        "there must be a score for each of %s items, found %s",
        rows.length,
        scores.length);
  }
}
