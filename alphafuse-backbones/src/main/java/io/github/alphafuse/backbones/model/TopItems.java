package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.TopSelector;
import java.util.Collections;
import java.util.List;

/**
 * The best items of one history, best first; items of equal score rank by row.
 *
 * <p>Legend: B histories, N items. The arrays are not copied: treat them as read-only.
 *
 * @param rows item rows
 * @param scores their scores
 */
public record TopItems(int[] rows, float[] scores) {
  private static final int[] NOTHING = {};

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

  /**
   * The best items of each row of a matrix of scores.
   *
   * @param scores [B, N]
   * @param histories [B] item rows of the histories that may be left out
   * @param query the number of items and the filter
   * @return [B] the best items of each history
   * @throws IllegalStateException if a score is NaN
   */
  public static TopItems[] best(Tensor scores, int[][] histories, TopQuery query) {
    return best(scores, histories, Collections.nCopies(histories.length, query));
  }

  /**
   * The best items of each row of a matrix of scores.
   *
   * @param scores [B, N]
   * @param histories [B] item rows of the histories that may be left out
   * @param queries [B] the number of items and the filter of each row
   * @return [B] the best items of each history
   * @throws IllegalStateException if a score is NaN
   */
  public static TopItems[] best(Tensor scores, int[][] histories, List<TopQuery> queries) {
    int items = scores.shape(1);
    Tensor single = scores.to(ElementType.FLOAT32);
    TopItems[] best = new TopItems[histories.length];
    float[] row = new float[items];
    for (int b = 0; b < histories.length; b++) {
      System.arraycopy(single.floats(), b * items, row, 0, items);
      TopQuery query = queries.get(b);
      TopSelector selector =
          new TopSelector(
              query.count(),
              query.excludeSeen() ? histories[b] : NOTHING,
              query.allowed().orElse(null));
      selector.offer(0, row, items);
      TopSelector.Best selected = selector.best();
      best[b] = new TopItems(selected.rows(), selected.scores());
    }
    return best;
  }
}
