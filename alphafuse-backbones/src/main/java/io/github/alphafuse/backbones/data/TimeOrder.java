package io.github.alphafuse.backbones.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The order of a user's interactions by time, equal times in the order given.
 *
 * @param times the times of all users' interactions, as doubles
 * @param rests what the doubles cannot hold of them; empty if they hold all
 * @param from the index of the user's first interaction
 * @param to the index behind the user's last interaction
 */
@SuppressWarnings("ArrayRecordComponent")
record TimeOrder(double[] times, double[] rests, int from, int to) {

  /** The user's items in this order, with their times. */
  UserSequence of(UserSequence sequence) {
    double[] own = Arrays.copyOfRange(times, from, to);
    int[] order = rests.length > 0 ? byTimesAndRests() : byTimes(own);
    return order.length == 0
        ? sequence.withTimes(own)
        : sequence
            .at(Arrays.stream(order))
            .withTimes(Arrays.stream(order).mapToDouble(i -> own[i]).toArray());
  }

  private int[] byTimesAndRests() {
    return IntStream.range(0, to - from)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(i -> times[from + i])
                .thenComparingDouble(i -> rests[from + i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The order by times that are exact; empty if it is the one given. */
  private static int[] byTimes(double[] own) {
    double[] sorted = own.clone();
    Arrays.sort(sorted);
    if (Arrays.equals(sorted, own)) {
      return new int[0];
    }
    double[] distinct = sorted.clone();
    int count = 0;
    for (double time : sorted) {
      if (count == 0 || time != distinct[count - 1]) {
        distinct[count++] = time;
      }
    }
    // The rank of the time in the high bits, the position in the low ones, so that the sort is
    // stable.
    long[] keys = new long[own.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = ((long) Arrays.binarySearch(distinct, 0, count, own[i]) << 32) | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }
}
