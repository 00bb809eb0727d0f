package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * Draws different items that a user did not interact with, uniformly, with Floyd's algorithm over
 * the items that remain without the user's own. Storage is reused for the next example. Not
 * thread-safe.
 *
 * <p>See: Bentley and Floyd, "Programming Pearls: A Sample of Brilliance", CACM 1987.
 */
final class NegativeItems {
  private final int itemCount;
  private final int[] drawn;
  private final BitSet taken = new BitSet();

  /** A source of a fixed number of items from a catalogue of N. */
  NegativeItems(int itemCount, int count) {
    this.itemCount = itemCount;
    this.drawn = new int[count];
  }

  /** Draws for one example; the array is overwritten by the next call. */
  int[] draw(int example, int[] interacted, SplittableRandom random) {
    int[] excluded = Arrays.stream(interacted).sorted().distinct().toArray();
    int places = itemCount - excluded.length;
    checkArgument(
        drawn.length <= places,
        "sampledRanking: expected at least %s items that user of example %s did not interact with,"
            + " found %s of %s",
        drawn.length,
        example,
        places,
        itemCount);
    for (int k = 0; k < drawn.length; k++) {
      int last = places - drawn.length + k;
      int place = random.nextInt(last + 1);
      place = taken.get(place) ? last : place;
      taken.set(place);
      drawn[k] = place;
    }
    // Excluded item e, at index i, comes after e - i items that are not excluded.
    for (int i = 0; i < excluded.length; i++) {
      excluded[i] -= i;
    }
    for (int k = 0; k < drawn.length; k++) {
      taken.clear(drawn[k]);
      drawn[k] += countAtMost(excluded, drawn[k]);
    }
    return drawn;
  }

  /** The count of numbers of an ascending array that are at most a value. */
  private static int countAtMost(int[] ascending, int value) {
    int from = 0;
    int to = ascending.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (ascending[middle] <= value) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }
}
