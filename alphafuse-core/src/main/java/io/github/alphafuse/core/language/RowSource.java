package io.github.alphafuse.core.language;

import io.github.alphafuse.core.ElementType;

/** A source of rows. Implementations check that every number they return is finite. */
interface RowSource {
  /** N. */
  int rows();

  /** d_l. */
  int columns();

  /** The narrowest type that holds the numbers exactly. */
  ElementType elementType();

  /** Passes on the rows of a range, in order, in blocks of at most maxRows. */
  void scan(RowRange range, int maxRows, Receiver receiver);

  /** A receiver of blocks, which are overwritten as soon as it returns. */
  @FunctionalInterface
  interface Receiver {
    void accept(int firstRow, double[] rowMajor, int rowCount);
  }

  /** Rows from {@code from} to {@code to}, the latter excluded. */
  record RowRange(int from, int to) {
    int size() {
      return to - from;
    }
  }

  /** The error for a number that is NaN or infinite. */
  static IllegalArgumentException nonFinite(String source, long index, int columns) {
    return new IllegalArgumentException(
        source + ": row " + index / columns + ", column " + index % columns + " is not finite");
  }
}
