package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;

/**
 * Rows of numbers, each in an array of its own. Loops over several of them start at index 0 of all
 * arrays, so the JIT compiles them to SIMD code, and gathering a row copies nothing.
 *
 * <p>Calls for different rows are thread-safe.
 */
abstract class NodeRows {
  /** The fewest numbers per thread. */
  private static final int LEAST = 1 << 14;

  /** The size of the part of a source that is read randomly at a time. */
  private static final int BAND_BYTES = 5 << 20;

  /**
   * The fewest entries of a row in a band, so that reading and writing its sum once more pays off.
   */
  private static final int LEAST_PLACES = 6;

  private final int count;
  private final int width;

  NodeRows(int count, int width) {
    this.count = count;
    this.width = width;
  }

  static NodeRows zeros(ElementType type, int count, int width) {
    return type == ElementType.FLOAT32 ? new FloatRows(count, width) : new DoubleRows(count, width);
  }

  final int count() {
    return count;
  }

  final int width() {
    return width;
  }

  abstract ElementType elementType();

  /** Runs a task over all rows. */
  final void split(Workers.Part part) {
    Workers.split(count, LEAST / Math.max(1, width) + 1, part);
  }

  /** Copies all rows of a table [count, width]. */
  final NodeRows read(Tensor table) {
    split(
        (from, to) -> {
          for (int r = from; r < to; r++) {
            read(r, table, r);
          }
        });
    return this;
  }

  /** Copies all rows to a table [count, width]. */
  final Tensor write(Tensor table) {
    split(
        (from, to) -> {
          for (int r = from; r < to; r++) {
            write(r, table, r);
          }
        });
    return table;
  }

  /** A copy as a table [count, width]. */
  final Tensor toTensor() {
    return write(Tensor.zeros(elementType(), count, width));
  }

  final void copyFrom(NodeRows source) {
    split(
        (from, to) -> {
          for (int r = from; r < to; r++) {
            copy(r, source, r);
          }
        });
  }

  final void clear() {
    split(
        (from, to) -> {
          for (int r = from; r < to; r++) {
            clear(r);
          }
        });
  }

  /** Each row becomes the mean of the source's rows that the matrix lists for it, or zeros. */
  final void average(SparseRows matrix, NodeRows source) {
    double[] ones = new double[source.count()];
    Arrays.fill(ones, 1);
    Product product = new Product(matrix, SparseRows.Weights.ofColumns(ones), source);
    matrix.split(
        (from, to) -> {
          for (int r = from; r < to; r++) {
            clear(r);
          }
          addProducts(from, to, product);
          for (int r = from; r < to; r++) {
            scale(r, 1.0 / Math.max(1, matrix.length(r)));
          }
        });
  }

  /** The sum of all rows. */
  final double[] sum() {
    double[] sum = new double[width];
    for (int r = 0; r < count; r++) {
      addTo(r, sum);
    }
    return sum;
  }

  abstract void read(int row, Tensor table, int from);

  abstract void write(int row, Tensor table, int to);

  abstract void copy(int row, NodeRows source, int from);

  abstract void clear(int row);

  abstract void scale(int row, double factor);

  /** row += factor source[from]. */
  abstract void add(int row, double factor, NodeRows source, int from);

  /** A sparse matrix times rows. */
  record Product(SparseRows matrix, SparseRows.Weights weights, NodeRows source) {}

  /** row += the row of the matrix times the source, which is the sum of w_c source[c]. */
  final void addProduct(int row, SparseRows matrix, SparseRows.Weights weights, NodeRows source) {
    Product product = new Product(matrix, weights, source);
    addPart(row, product, matrix.starts()[row], matrix.starts()[row + 1]);
  }

  /**
   * Rows += the same rows of the product. If the source is larger than a cache, it is divided into
   * bands of columns. Each band is loaded from memory once for all rows, instead of one row per
   * entry. Columns must ascend within a row of the matrix. Sums are taken in that order with and
   * without bands.
   */
  final void addProducts(int from, int to, Product product) {
    int[] starts = product.matrix().starts();
    int[] columns = product.matrix().columns();
    int columnCount = product.source().count();
    int bands = bands(product);
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
          addPart(r, product, start, end);
          next[r - from] = end;
        }
      }
    }
  }

  /** The number of bands so that each fits into a cache and rows have a few entries per band. */
  private int bands(Product product) {
    long bytes = (long) product.source().count() * width * elementType().bytes();
    int places = product.matrix().columns().length / Math.max(1, product.matrix().count());
    return (int) Math.max(1, Math.min(bytes / BAND_BYTES, places / LEAST_PLACES));
  }

  /** row += a range of entries of the row of the product. */
  abstract void addPart(int row, Product product, int start, int end);

  abstract double dot(int row, NodeRows other, int otherRow);

  /** sum += row. */
  abstract void addTo(int row, double[] sum);

  /** row += vector. */
  abstract void add(int row, Tensor vector);

  /** Multiplies negative numbers by the slope. */
  abstract void leaky(int row, double slope);

  /** Multiplies numbers by the slope if the activation is negative. */
  abstract void leakyBackward(int row, double slope, NodeRows activations);
}
