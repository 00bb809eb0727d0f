package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the best items of one history while scores come in, in any order of the items.
 *
 * <p>Items that are not below the worst of the best so far are collected; when the buffer is full,
 * its best are found by partition. After a few rounds nearly every item is passed over by one
 * comparison. Items of equal score rank by row. Not thread-safe.
 */
public final class TopSelector {
  /** How many times the wanted items are collected: fewer rounds against a later threshold. */
  private static final int ROOM = 4;

  /** Scores that are compared with the threshold before it is looked whether there is room. */
  private static final int PIECE = 256;

  /** Room for items at the start: with a good guess, hardly more are offered. */
  private static final int START = 256;

  private final TopQuery query;
  private final int[] excluded;
  private final @Nullable BitSet allowed;
  private final int wanted;
  private long[] keys;
  private int size;
  private int limit;
  private int found;

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
    // Excluded items are left out at the end: few are among the best, and looking costs a search.
    this.wanted = atMost((long) query.count() + excluded.length);
    this.limit = atMost(Math.max((long) ROOM * query.count() + excluded.length, wanted + PIECE));
    this.keys = new long[START];
  }

  /** A number of items that fits an array with room for more, also where more are wanted. */
  private static int atMost(long count) {
    return (int) Math.min(count, Integer.MAX_VALUE - 4 * PIECE);
  }

  /**
   * Passes over items that are not above a score, which is believed to be below those that are
   * wanted: with a good guess, most items cost one comparison from the start.
   *
   * @param guess the score; one that is not above what is passed over already, or NaN, changes
   *     nothing
   */
  public void passOver(float guess) {
    if (!Float.isNaN(guess) && !(guess <= threshold)) {
      threshold = guess;
    }
  }

  /**
   * A score that some more items exceed than are wanted, most likely, guessed from a sample.
   *
   * @param sample scores of items of a sample from all over the catalogue; those below may be
   *     missing
   * @param count how many there are, from the start of the array
   * @param expected how many of the sample are expected to be wanted
   * @return the score; NaN where the sample is too small for a guess
   */
  public static float guess(float[] sample, int count, double expected) {
    // Counts of rare events scatter by their root: three of it, and some for very small counts.
    int place = (int) Math.ceil(expected + 3.5 * Math.sqrt(expected)) + 2;
    if (place > count) {
      return Float.NaN;
    }
    float[] largest = new float[place]; // descending
    Arrays.fill(largest, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < count; i++) {
      float score = sample[i];
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
   * Whether items may be missing from the {@linkplain #best best} because the guessed score was
   * above theirs.
   *
   * @return whether fewer were found than are wanted
   */
  public boolean isShort() {
    return found < query.count() && !Float.isNaN(threshold);
  }

  /**
   * Takes the scores of a run of items.
   *
   * @param first the row of the first item
   * @param scores their scores from the start of the array
   * @param count how many
   */
  public void offer(int first, float[] scores, int count) {
    for (int from = 0; from < count; from += PIECE) {
      int before = size;
      reserve(PIECE);
      size = collect(first, scores, from, Math.min(count, from + PIECE));
      if (allowed != null) {
        remove(row -> !allowed.get(row), before);
      }
      if (size > limit) {
        shrink();
      }
    }
  }

  /**
   * Takes the score of an item.
   *
   * @param row the row of the item
   * @param score its score
   */
  public void offer(int row, float score) {
    if (score <= threshold || (allowed != null && !allowed.get(row) && !Float.isNaN(score))) {
      return;
    }
    reserve(1);
    keys[size++] = key(score, row);
    if (size > limit) {
      shrink();
    }
  }

  private void reserve(int room) {
    if (size + room > keys.length) {
      keys = Arrays.copyOf(keys, Math.max(size + room, (int) Math.min(2L * keys.length, limit)));
    }
  }

  /**
   * The score up to which items are passed over: as many better ones were offered, or it was
   * guessed.
   *
   * @return the score; NaN where none is
   */
  public float passedOver() {
    return threshold;
  }

  /** A loop with no call in it: nearly all items end here. NaN is not passed over. */
  private int collect(int first, float[] scores, int from, int to) {
    long[] kept = keys;
    float passedOver = threshold;
    int count = size;
    for (int i = from; i < to; i++) {
      float score = scores[i];
      if (!(score <= passedOver)) {
        kept[count++] = key(score, first + i);
      }
    }
    return count;
  }

  /** Removes items from a place on, but not NaN, whichever item has it. */
  private void remove(IntPredicate unwanted, int from) {
    int kept = from;
    for (int i = from; i < size; i++) {
      if (isNaN(keys[i]) || !unwanted.test(row(keys[i]))) {
        keys[kept++] = keys[i];
      }
    }
    size = kept;
  }

  private void shrink() {
    int count = Math.min(wanted, size);
    partition(size - count);
    System.arraycopy(keys, size - count, keys, 0, count);
    size = count;
    long worst = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      worst = Math.min(worst, keys[i]);
    }
    if (!isNaN(worst)) {
      passOver(Math.nextDown(score(worst))); // an equal score may still rank above by its row
    }
  }

  /** Moves the smaller keys before a place and the larger ones from there on (quickselect). */
  private void partition(int place) {
    int from = 0;
    int to = size;
    while (to - from > 1) {
      long pivot = median(keys[from], keys[(from + to) >>> 1], keys[to - 1]);
      int middle = split(pivot, from, to);
      if (place < middle) {
        to = middle;
      } else {
        // Keys differ, for rows do: only the pivot itself is neither smaller nor larger.
        from = split(pivot + 1, middle, to);
        if (place < from) {
          return;
        }
      }
    }
  }

  /** Moves keys below a bound to the front of a range, by a loop without a branch to mispredict. */
  private int split(long bound, int from, int to) {
    long[] k = keys;
    int below = from;
    for (int i = from; i < to; i++) {
      long key = k[i];
      k[i] = k[below];
      k[below] = key;
      below += key < bound ? 1 : 0;
    }
    return below;
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
    limit = Math.max(limit, size + other.size);
    reserve(other.size);
    for (int i = 0; i < other.size; i++) {
      if (!(score(other.keys[i]) <= threshold)) {
        keys[size++] = other.keys[i];
      }
    }
  }

  /**
   * The best items.
   *
   * @return as many as are wanted, or all that were allowed
   * @throws IllegalStateException if a score was NaN
   */
  public TopItems best() {
    if (excluded.length > 0) {
      int most = Math.min(wanted, size);
      partition(size - most);
      remove(row -> Arrays.binarySearch(excluded, row) >= 0, size - most);
    }
    found = Math.min(query.count(), size);
    partition(size - found);
    Arrays.sort(keys, size - found, size);
    if (found > 0 && isNaN(keys[size - 1])) {
      throw new IllegalStateException(
          "scores must be numbers, found NaN for item " + row(keys[size - 1]));
    }
    int[] rows = new int[found];
    float[] scores = new float[found];
    for (int k = 0; k < found; k++) {
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
    Tensor single = scores.to(ElementType.FLOAT32);
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

  /** Sorts as the score does, NaN above all, and, where scores are equal, against the row. */
  private static long key(float score, int row) {
    int bits = Float.floatToIntBits(score + 0f);
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

  private static boolean isNaN(long key) {
    return Float.isNaN(score(key));
  }
}
