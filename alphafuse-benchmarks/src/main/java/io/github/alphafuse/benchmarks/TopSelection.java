package io.github.alphafuse.benchmarks;

import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.core.Tensor;
import java.util.Arrays;

/**
 * Selects the best items of each row of a score matrix; items of equal score rank by their place.
 *
 * <p>Candidates above the worst of the best so far are collected and sorted only when the buffer is
 * full: after a few of them nearly every item is passed over by one comparison.
 *
 * @param count k, how many are selected, at most the number of items
 */
record TopSelection(int count) {

  /** The best items of each row of float32 scores [B, N], best first, as [B, k]. */
  int[][] best(Tensor scores) {
    int items = scores.shape(1);
    int[][] best = new int[scores.shape(0)][];
    long[] buffer = new long[2 * count];
    for (int row = 0; row < best.length; row++) {
      best[row] = bestOf(scores.floats(), row * items, buffer, items);
    }
    return best;
  }

  private int[] bestOf(float[] scores, int from, long[] buffer, int items) {
    float threshold = Float.NEGATIVE_INFINITY;
    int size = 0;
    for (int item = 0; item < items; item++) {
      float score = scores[from + item];
      if (size < count || score > threshold) {
        checkState(!Float.isNaN(score), "scores must be numbers, found NaN for item %s", item);
        buffer[size++] = key(score, item);
        if (size == buffer.length) {
          Arrays.sort(buffer);
          System.arraycopy(buffer, count, buffer, 0, count);
          size = count;
          threshold = scores[from + item(buffer[0])];
        }
      }
    }
    Arrays.sort(buffer, 0, size);
    int[] best = new int[count];
    for (int k = 0; k < count; k++) {
      best[k] = item(buffer[size - 1 - k]);
    }
    return best;
  }

  /** Sorts as the score does and, where scores are equal, against the item. */
  private static long key(float score, int item) {
    int bits = Float.floatToIntBits(score + 0f);
    int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ordered << 32) | (~item & 0xFFFFFFFFL);
  }

  private static int item(long key) {
    return ~(int) key;
  }
}
