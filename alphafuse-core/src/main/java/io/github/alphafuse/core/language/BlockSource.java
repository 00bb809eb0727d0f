package io.github.alphafuse.core.language;

import java.util.stream.Stream;

/**
 * A source of rows that can be read more than once: a database query, a set of files, a generator.
 *
 * <p>Shapes: N items, d_l language dimension.
 */
@FunctionalInterface
public interface BlockSource {
  /**
   * Starts a new pass over all rows, from the first to the last, in the same order as every pass
   * before.
   *
   * @return arrays of one or more whole rows of d_l numbers each, N rows in all; taken one at a
   *     time and closed after the last, so resources are released in {@link Stream#onClose}
   */
  Stream<double[]> open();
}
