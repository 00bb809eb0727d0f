package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Keeps the best items of one history while scores come in, in any order of the items.
 *
 * <p>Items above the worst of the best so far are collected, and sorted only when the buffer is
 * full: after a few of them nearly every item is passed over by one comparison. Items of equal
 * score rank by row. Not thread-safe.
 */
public final class TopSelector {
  private final TopQuery query;
  private final int[] excluded;
  private long[] keys;
  private int size;
  private float threshold = Float.NEGATIVE_INFINITY;
  private boolean full;

  /**
   * A selector for one history.
   *
   * @param query what is wanted
   * @param history the item rows of the history
   */
  public TopSelector(TopQuery query, int[] history) {
    this.query = query;
    this.excluded = query.excludeSeen() ? history.clone() : new int[0];
    Arrays.sort(excluded);
    this.keys = new long[Math.max(16, 2 * query.count())];
  }

  /**
   * Takes the scores of a run of items.
   *
   * @param first the row of the first item
   * @param scores their scores from the start of the array
   * @param count how many
   * @throws IllegalStateException if a score is NaN
   */
  public void offer(int first, float[] scores, int count) {
    for (int i = 0; i < count; i++) {
      float score = scores[i];
      // Not "score < threshold", which NaN would pass as well.
      if (!(full && score <= threshold)) {
        take(first + i, score);
      }
    }
  }

  private void take(int row, float score) {
    if (Float.isNaN(score)) {
      throw new IllegalStateException("scores must be numbers, found NaN for item " + row);
    }
    if (Arrays.binarySearch(excluded, row) >= 0
        || (query.allowed().isPresent() && !query.allowed().get().get(row))) {
      return;
    }
    if (size == keys.length) {
      shrink();
      if (score < threshold) {
        return;
      }
    }
    keys[size++] = key(score, row);
  }

  private void shrink() {
    Arrays.sort(keys, 0, size);
    int count = Math.min(query.count(), size);
    System.arraycopy(keys, size - count, keys, 0, count);
    size = count;
    if (count == query.count()) {
      threshold = score(keys[0]);
      // An item of the same score may still rank above by its row, unless rows ascend; the
      // comparison of keys decides.
      threshold = Math.nextDown(threshold);
      full = true;
    }
  }

  /**
   * Takes over what another selector of the same history kept.
   *
   * @param other a selector that saw other items
   */
  public void merge(TopSelector other) {
    long[] all = Arrays.copyOf(keys, size + other.size);
    System.arraycopy(other.keys, 0, all, size, other.size);
    keys = all;
    size = all.length;
  }

  /**
   * The best items.
   *
   * @return as many as are wanted, or all that were allowed
   */
  public TopItems best() {
    Arrays.sort(keys, 0, size);
    int count = Math.min(query.count(), size);
    int[] rows = new int[count];
    float[] scores = new float[count];
    for (int k = 0; k < count; k++) {
      rows[k] = row(keys[size - 1 - k]);
      scores[k] = score(keys[size - 1 - k]);
    }
    return new TopItems(rows, scores);
  }

  /**
   * The best items of each row of a score matrix.
   *
   * @param scores [B, N]
   * @param histories [B] the item rows of the histories
   * @param query what is wanted
   * @return [B]
   * @throws IllegalStateException if a score is NaN
   */
  public static TopItems[] best(Tensor scores, int[][] histories, TopQuery query) {
    int items = scores.shape(1);
    Tensor single = scores.to(DataType.FLOAT);
    TopItems[] best = new TopItems[histories.length];
    float[] row = new float[items];
    for (int b = 0; b < histories.length; b++) {
      TopSelector selector = new TopSelector(query, histories[b]);
      System.arraycopy(single.floats(), b * items, row, 0, items);
      selector.offer(0, row, items);
      best[b] = selector.best();
    }
    return best;
  }

  /** Sorts as the score does and, where scores are equal, against the row. */
  private static long key(float score, int row) {
    int bits = Float.floatToRawIntBits(score + 0f);
    int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ordered << 32) | (~row & 0xFFFFFFFFL);
  }

  private static int row(long key) {
    return ~(int) key;
  }

  private static float score(long key) {
    int ordered = (int) (key >> 32);
    return Float.intBitsToFloat(ordered ^ ((ordered >> 31) & Integer.MAX_VALUE));
  }
}
