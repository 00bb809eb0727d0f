package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.internal.rows.Rows;
import java.util.Arrays;

/**
 * A sparse matrix times rows. Calls for different rows are thread-safe.
 *
 * @param matrix the places of the entries that are not zero
 * @param entries the rows that the entries multiply, and their weights
 */
record SparseProduct(SparseRows matrix, Rows.WeightedRows entries) {
  /** The size of the part of a source that is read randomly at a time. */
  private static final int BAND_BYTES = 5 << 20;

  /**
   * The fewest entries of a row in a band, so that reading and writing its sum once more pays off.
   */
  private static final int LEAST_PLACES = 6;

  /** A product whose entries have the weights of their columns. */
  static SparseProduct ofColumns(SparseRows matrix, double[] weights, Rows source) {
    return new SparseProduct(
        matrix, new Rows.WeightedRows(source, matrix.columns(), weights, true));
  }

  /** A product of which each entry has a weight of its own. */
  static SparseProduct ofPlaces(SparseRows matrix, double[] weights, Rows source) {
    return new SparseProduct(
        matrix, new Rows.WeightedRows(source, matrix.columns(), weights, false));
  }

  /** Each row of the target becomes the mean of the source's rows that are listed, or zeros. */
  static void average(SparseRows matrix, Rows source, Rows target) {
    double[] ones = new double[source.count()];
    Arrays.fill(ones, 1);
    SparseProduct product = ofColumns(matrix, ones, source);
    matrix.split(
        (from, to) -> {
          for (int r = from; r < to; r++) {
            target.clear(r);
          }
          product.addTo(target, from, to);
          for (int r = from; r < to; r++) {
            target.scale(r, 1.0 / Math.max(1, matrix.length(r)));
          }
        });
  }

  /** target[row] += the same row of the product. */
  void addTo(Rows target, int row) {
    target.addSum(row, entries, matrix.starts()[row], matrix.starts()[row + 1]);
  }

  /**
   * target[from:to] += the same rows of the product. If the source is larger than a cache, it is
   * divided into bands of columns. Each band is loaded from memory once for all rows, instead of
   * one row per entry. Columns must ascend within a row of the matrix. Sums are taken in that order
   * with and without bands.
   */
  void addTo(Rows target, int from, int to) {
    int[] starts = matrix.starts();
    int[] columns = matrix.columns();
    int columnCount = entries.source().count();
    int bands = bands();
    int[] next = Arrays.copyOfRange(starts, from, to);
    for (int band = 1; band <= bands; band++) {
      int limit = (int) ((long) columnCount * band / bands);
      for (int r = from; r < to; r++) {
        int start = next[r - from];
        int end = band == bands ? starts[r + 1] : start;
        while (end < starts[r + 1] && columns[end] < limit) {
          end++;
        }
        if (end > start) {
          target.addSum(r, entries, start, end);
          next[r - from] = end;
        }
      }
    }
  }

  /** The number of bands so that each fits into a cache and rows have a few entries per band. */
  private int bands() {
    Rows source = entries.source();
    long bytes = (long) source.count() * source.width() * source.elementType().bytes();
    int places = matrix.columns().length / Math.max(1, matrix.count());
    return (int) Math.max(1, Math.min(bytes / BAND_BYTES, places / LEAST_PLACES));
  }
}
