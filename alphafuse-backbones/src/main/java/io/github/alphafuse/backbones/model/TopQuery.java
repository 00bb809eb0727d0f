package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.BitSet;
import java.util.Optional;

/**
 * The number of wanted items and the items that may be returned.
 *
 * <p>Immutable and thread-safe while nobody writes to the set.
 *
 * @param count k, at least 1
 * @param excludeSeen whether items of a history are left out
 * @param allowed the items that may be returned, empty for all
 */
public record TopQuery(int count, boolean excludeSeen, Optional<BitSet> allowed) {
  /**
   * Checks the range.
   *
   * @param count k, at least 1
   * @param excludeSeen whether items of a history are left out
   * @param allowed the items that may be returned, empty for all
   * @throws IllegalArgumentException if k is below 1
   */
  public TopQuery {
    checkArgument(count >= 1, "count must be at least 1, found %s", count);
  }

  /**
   * The best of all items.
   *
   * @param count k, at least 1
   * @return the query
   * @throws IllegalArgumentException if k is below 1
   */
  public static TopQuery ofAll(int count) {
    return new TopQuery(count, false, Optional.empty());
  }
}
