package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Pairs of a user and one of its items, with unseen items for each pair.
 *
 * <p>Legend: B pairs, K negatives. The arrays are not copied; not thread-safe.
 *
 * @param users [B] numbers of users
 * @param positives [B] item rows
 * @param negatives [B, K] item rows
 */
public record PairBatch(int[] users, int[] positives, int[] negatives) {
  /**
   * Checks that the lengths fit.
   *
   * @param users [B] numbers of users
   * @param positives [B] item rows
   * @param negatives [B, K] item rows
   * @throws IllegalArgumentException if there are no pairs or a length does not fit
   */
  public PairBatch {
    checkArgument(users.length >= 1, "a batch must have at least one pair");
    checkArgument(
        positives.length == users.length,
        "positives must be one for each of %s users, found %s",
        users.length,
        positives.length);
    checkArgument(
        negatives.length % users.length == 0,
        "negatives must be equally many for each of %s pairs, found %s in all",
        users.length,
        negatives.length);
  }

  /**
   * The number of pairs.
   *
   * @return B
   */
  public int size() {
    return users.length;
  }

  /**
   * The number of negatives per pair.
   *
   * @return K
   */
  public int negativesPerPair() {
    return negatives.length / users.length;
  }
}
