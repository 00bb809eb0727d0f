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

  /** Scores that are compared with the threshold before those above it are taken. */
  private static final int PIECE = 256;

  private final TopQuery query;
  private final int[] excluded;
  private final @Nullable BitSet allowed;
  private final int[] places = new int[PIECE];
  private long[] keys;
  private int size;
  private int limit;

  /** Scores up to it are passed over; NaN passes over none. */
  private float threshold = Float.NaN;

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
   * Passes over items that are not above a score, which is believed to be below those that are
   * wanted: with a good guess, most items cost one comparison from the start.
   *
   * @param guess the score, before any are offered; NaN for none
   */
  public void passOver(float guess) {
    threshold = guess;
  }

  /**
   * A score that some more items exceed than are wanted, most likely, guessed from a sample.
   *
   * @param sample scores of items spread evenly over the catalogue
   * @param share the wanted items' share of the catalogue
   * @return the score; NaN where the sample is too small for a guess
   */
  public static float guess(float[] sample, double share) {
    double expected = share * sample.length;
    // Counts of rare events scatter by their root: three of it, and some for very small counts.
    int place = (int) Math.ceil(expected + 3 * Math.sqrt(expected)) + 2;
    if (place > sample.length / 4) {
      return Float.NaN;
    }
    float[] largest = new float[place]; // descending
    Arrays.fill(largest, Float.NEGATIVE_INFINITY);
    for (float score : sample) {
      if (score > largest[place - 1]) {
        int at = place - 1;
        while (at > 0 && largest[at - 1] < score) {
          largest[at] = largest[at - 1];
          at--;
        }
        largest[at] = score;
      }
    }
    return largest[place - 1];
  }

  /**
   * Whether items may be missing because the guessed score was above theirs.
   *
   * @return whether fewer are held than are wanted
   */
  public boolean isShort() {
    return size < query.count() && !Float.isNaN(threshold);
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
    for (int from = 0; from < count; from += PIECE) {
      int found = notPassedOver(scores, from, Math.min(count, from + PIECE));
      for (int i = 0; i < found; i++) {
        float score = scores[places[i]];
        // The threshold may have risen since.
        if (!(score <= threshold)) {
          take(first + places[i], score);
        }
      }
    }
  }

  /** A loop of its own, with no call in it: nearly all items end here. NaN is not passed over. */
  private int notPassedOver(float[] scores, int from, int to) {
    int[] found = places;
    float passedOver = threshold;
    int count = 0;
    for (int i = from; i < to; i++) {
      if (!(scores[i] <= passedOver)) {
        found[count++] = i;
      }
    }
    return count;
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
      System.arraycopy(single.floats(), b * items, row, 0, items);
      TopSelector selector = new TopSelector(query, histories[b]);
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
