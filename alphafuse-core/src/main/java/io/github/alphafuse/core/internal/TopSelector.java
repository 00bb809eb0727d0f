package io.github.alphafuse.core.internal;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the best items of one ranking while scores arrive in any order of the items.
 *
 * <p>Items that are not below the worst of the best so far are collected. When the buffer is full,
 * its best are found by partition. After a few rounds nearly every item is skipped after one
 * comparison. Items of equal score rank by row. Not thread-safe.
 */
public final class TopSelector {
  /**
   * The size of the buffer as a multiple of the wanted items. A larger one needs fewer rounds, but
   * raises the threshold later.
   */
  private static final int ROOM = 4;

  /** The number of scores that are compared with the threshold before the free space is checked. */
  private static final int PIECE = 256;

  /** The size of the buffer at the start. With a good estimate, hardly more items pass. */
  private static final int START = 256;

  private final int count;
  private final int[] excluded;
  private final @Nullable BitSet allowed;
  private final int wanted;
  private long[] keys;
  private int size;
  private int limit;
  private int found;

  /** Scores up to this are skipped; NaN skips none. */
  private float threshold = Float.NaN;

  /**
   * A selector of one ranking.
   *
   * @param count the number of wanted items, at least 1
   * @param excluded rows of items that are left out, in any order
   * @param allowed the items that may be returned, null for all
   */
  public TopSelector(int count, int[] excluded, @Nullable BitSet allowed) {
    this.count = count;
    this.excluded = excluded.clone();
    this.allowed = allowed;
    Arrays.sort(this.excluded);
    // Excluded items are left out at the end, because few are among the best and each check is a
    // search.
    this.wanted = atMost((long) count + excluded.length);
    this.limit = atMost(Math.max((long) ROOM * count + excluded.length, wanted + PIECE));
    this.keys = new long[START];
  }

  /** A number of items that fits an array with spare space, even if more are wanted. */
  private static int atMost(long count) {
    return (int) Math.min(count, Integer.MAX_VALUE - 4 * PIECE);
  }

  /**
   * Skips items that are not above a score, which is an estimate below those of the wanted items.
   * With a good estimate, most items cost one comparison from the start.
   *
   * @param guess the score; it has no effect if it is NaN or not above the score up to which items
   *     are skipped already
   */
  public void passOver(float guess) {
    if (!Float.isNaN(guess) && !(guess <= threshold)) {
      threshold = guess;
    }
  }

  /**
   * A score that most likely somewhat more items exceed than are wanted, estimated from a sample.
   *
   * @param sample scores of items of a sample from all over the catalogue; those below may be
   *     missing
   * @param count their number, from the start of the array
   * @param expected the expected number of wanted items in the sample; NaN for no estimate
   * @return the score; NaN if the sample is too small for an estimate
   */
  public static float guess(float[] sample, int count, double expected) {
    if (Double.isNaN(expected)) {
      return Float.NaN;
    }
    // The deviation of a count of rare events is its root. Three of them are added, and a constant
    // for very small counts.
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
   * Whether items may be missing from the {@linkplain #best best} because the estimated score was
   * above theirs.
   *
   * @return true if fewer were found than are wanted
   */
  public boolean isShort() {
    return found < count && !Float.isNaN(threshold);
  }

  /**
   * Takes the scores of a run of items.
   *
   * @param first the row of the first item
   * @param scores their scores from the start of the array
   * @param count their number
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
   * The score up to which items are skipped, because enough better items were offered or it was
   * estimated.
   *
   * @return the score; NaN if none is skipped
   */
  public float passedOver() {
    return threshold;
  }

  /** A loop without calls, since nearly all items are skipped here. NaN is not skipped. */
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

  /** Removes items from an index on, but keeps NaN, whichever item has it. */
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

  /** Moves the smaller keys before an index and the larger ones from there on (quickselect). */
  private void partition(int place) {
    int from = 0;
    int to = size;
    while (to - from > 1) {
      long pivot = median(keys[from], keys[(from + to) >>> 1], keys[to - 1]);
      int middle = split(pivot, from, to);
      if (place < middle) {
        to = middle;
      } else {
        // Keys differ because rows do, so only the pivot itself is neither smaller nor larger.
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
   * Adds the items of another selector of the same ranking.
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
   * @return the wanted number of items, or all allowed ones if there are fewer
   * @throws IllegalStateException if a score was NaN
   */
  public Best best() {
    if (excluded.length > 0) {
      int most = Math.min(wanted, size);
      partition(size - most);
      remove(row -> Arrays.binarySearch(excluded, row) >= 0, size - most);
    }
    found = Math.min(count, size);
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
    return new Best(rows, scores);
  }

  /**
   * The best items, best first.
   *
   * @param rows item rows
   * @param scores their scores
   */
  public record Best(int[] rows, float[] scores) {}

  /** A key that sorts by score, with NaN above all, and for equal scores by descending row. */
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
