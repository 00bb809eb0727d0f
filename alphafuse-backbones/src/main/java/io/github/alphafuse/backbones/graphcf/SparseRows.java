package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;

/**
 * The entries of a sparse matrix that are not zero, row by row (CSR).
 *
 * <p>Legend: R rows, C columns, E entries. Immutable and thread-safe while nobody writes to the
 * arrays.
 *
 * @param starts [R + 1] the start of each row's entries, the last being E
 * @param columns [E] the columns of the entries
 */
record SparseRows(int[] starts, int[] columns) {
  /** The fewest entries per thread. */
  private static final int LEAST = 1 << 9;

  /** There are more parts than threads, so that a thread that ends early takes another part. */
  private static final int PARTS = 8;

  int count() {
    return starts.length - 1;
  }

  int length(int row) {
    return starts[row + 1] - starts[row];
  }

  /** The longest row. */
  int longest() {
    int longest = 0;
    for (int r = 0; r < count(); r++) {
      longest = Math.max(longest, length(r));
    }
    return longest;
  }

  /**
   * Runs a task over all rows, in parts with about the same number of entries, where a row counts
   * as one more.
   */
  void split(Workers.Part part) {
    long work = (long) columns.length + count();
    int parts = (int) Math.max(1, Math.min((long) PARTS * Workers.count(), work / LEAST));
    int[] bounds = new int[parts + 1];
    for (int p = 1; p < parts; p++) {
      bounds[p] = rowAt(work * p / parts);
    }
    bounds[parts] = count();
    Workers.run(parts, p -> part.run(bounds[p], bounds[p + 1]));
  }

  /** The first row before which lies the given amount of work. */
  private int rowAt(long work) {
    int low = 0;
    int high = count();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if ((long) starts[middle] + middle < work) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** A transpose and the original indices of its entries. */
  record Transpose(SparseRows rows, int[] places) {}

  /**
   * The transpose, by counting sort; rows stay in order.
   *
   * @param columnCount C
   */
  Transpose transpose(int columnCount) {
    int[] next = new int[columnCount + 1];
    for (int column : columns) {
      next[column + 1]++;
    }
    for (int c = 0; c < columnCount; c++) {
      next[c + 1] += next[c];
    }
    int[] newStarts = next.clone();
    int[] rows = new int[columns.length];
    int[] places = new int[columns.length];
    for (int r = 0; r < count(); r++) {
      for (int e = starts[r]; e < starts[r + 1]; e++) {
        int to = next[columns[e]]++;
        rows[to] = r;
        places[to] = e;
      }
    }
    return new Transpose(new SparseRows(newStarts, rows), places);
  }

  /** Rows that all have the same number of entries. */
  static SparseRows ofEqualRows(int[] columns, int length) {
    int[] starts = new int[columns.length / length + 1];
    Arrays.setAll(starts, r -> r * length);
    return new SparseRows(starts, columns);
  }
}
