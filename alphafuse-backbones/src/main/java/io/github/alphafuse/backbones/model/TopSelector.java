package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Keeps the best items of one history while scores come in, in any order of the items.
 *
 * <p>Items that are not below the worst of the best so far are collected; when the buffer is full,
 * its best are found by partition. After a few rounds nearly every item is passed over by one
 * comparison. Items of equal score rank by row. Not thread-safe.
 */
public final class TopSelector {
  /** How many times the wanted items the buffer holds: fewer rounds against a later threshold. */
  private static final int ROOM = 4;

  /** Scores that a first threshold is guessed from. */
  private static final int SAMPLE = 128;

  private final TopQuery query;
  private final int[] excluded;
  private final @Nullable BitSet allowed;
  private long[] keys;
  private int size;
  private int limit;
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
    this.allowed = query.allowed().orElse(null);
    Arrays.sort(excluded);
    this.keys = new long[ROOM * query.count()];
    this.limit = keys.length;
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
    if (size == 0 && !full && count >= SAMPLE * 2 && count >= 4 * query.count()) {
      collect(first, scores, count, guess(scores, count));
      if (size >= query.count()) {
        shrink();
        return;
      }
      size = 0; // the guess was too high
    }
    collect(first, scores, count, full ? threshold : Float.NaN);
  }

  /** A score that about twice as many of the first items exceed as are wanted. */
  private float guess(float[] scores, int count) {
    float[] sample = new float[SAMPLE];
    for (int i = 0; i < SAMPLE; i++) {
      sample[i] = scores[(int) ((long) i * count / SAMPLE)];
    }
    Arrays.sort(sample);
    int above = (int) (2L * query.count() * SAMPLE / count) + 2;
    return sample[Math.max(0, SAMPLE - above)];
  }

  private void collect(int first, float[] scores, int count, float start) {
    float passedOver = start;
    for (int i = 0; i < count; i++) {
      // NaN is not passed over, and nothing is while there is no threshold.
      if (!(scores[i] <= passedOver)) {
        take(first + i, scores[i]);
        passedOver = full ? threshold : passedOver;
      }
    }
  }

  private void take(int row, float score) {
    if (Float.isNaN(score)) {
      throw new IllegalStateException("scores must be numbers, found NaN for item " + row);
    }
    if ((excluded.length > 0 && Arrays.binarySearch(excluded, row) >= 0)
        || (allowed != null && !allowed.get(row))) {
      return;
    }
    if (size == limit) {
      shrink();
      if (score < threshold) {
        return;
      }
    }
    keys[size++] = key(score, row);
  }

  private void shrink() {
    int count = Math.min(query.count(), size);
    partition(size - count);
    System.arraycopy(keys, size - count, keys, 0, count);
    size = count;
    if (count == query.count()) {
      long worst = Long.MAX_VALUE;
      for (int i = 0; i < count; i++) {
        worst = Math.min(worst, keys[i]);
      }
      threshold = Math.nextDown(score(worst)); // an equal score may still rank above by its row
      full = true;
      limit = Math.min(keys.length, ROOM * count);
    }
  }

  /** Moves the smaller keys before a place and the larger ones from there on (quickselect). */
  private void partition(int place) {
    int from = 0;
    int to = size - 1;
    while (from < to) {
      long pivot = median(keys[from], keys[(from + to) >>> 1], keys[to]);
      int i = from;
      int j = to;
      while (i <= j) {
        while (keys[i] < pivot) {
          i++;
        }
        while (keys[j] > pivot) {
          j--;
        }
        if (i <= j) {
          long swapped = keys[i];
          keys[i++] = keys[j];
          keys[j--] = swapped;
        }
      }
      if (place <= j) {
        to = j;
      } else if (place >= i) {
        from = i;
      } else {
        return;
      }
    }
  }

  private static long median(long a, long b, long c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
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
    limit = all.length;
  }

  /**
   * The best items.
   *
   * @return as many as are wanted, or all that were allowed
   */
  public TopItems best() {
    int count = Math.min(query.count(), size);
    partition(size - count);
    Arrays.sort(keys, size - count, size);
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
