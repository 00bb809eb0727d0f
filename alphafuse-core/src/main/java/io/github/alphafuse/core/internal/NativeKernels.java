package io.github.alphafuse.core.internal;

import static com.google.common.base.Preconditions.checkArgument;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasUpper;

import java.nio.DoubleBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/** Dense products and the eigensolvers of OpenBLAS: divide and conquer, and MRRR for a part. */
final class NativeKernels implements DenseKernels {

  private NativeKernels() {}

  /** Fails with a LinkageError where the classes or the binaries are absent. */
  static NativeKernels load() {
    Loader.load(openblas.class);
    return new NativeKernels();
  }

  @Override
  public String name() {
    return "openblas";
  }

  @Override
  public void multiply(Operand a, Operand b, double[] c) {
    checkArgument(a.width() == b.height(), "factors %s and %s do not fit", a.width(), b.height());
    int m = a.height();
    int n = b.width();
    if (m == 0 || n == 0) {
      return;
    }
    try (DoublePointer left = new DoublePointer(a.values());
        DoublePointer right =
            b.values() == a.values() ? new DoublePointer(left) : new DoublePointer(b.values());
        DoublePointer product = new DoublePointer((long) m * n)) {
      BlasThreads.withAll(
          () ->
              openblas.cblas_dgemm(
                  CblasRowMajor,
                  a.transposed() ? CblasTrans : CblasNoTrans,
                  b.transposed() ? CblasTrans : CblasNoTrans,
                  m,
                  n,
                  a.width(),
                  1.0,
                  left,
                  a.columns(),
                  right,
                  b.columns(),
                  0.0,
                  product,
                  n));
      product.get(c, 0, m * n);
    }
  }

  @Override
  public ScatterMatrix newScatterMatrix(int dim) {
    return new NativeScatterMatrix(dim);
  }

  @Override
  public void symmetricEigen(double[] matrix, double[] values) {
    int n = values.length;
    try (DoublePointer a = new DoublePointer(matrix);
        DoublePointer w = new DoublePointer(n)) {
      // Column-major, lower: the same bytes as row-major, upper, without LAPACKE's transposed copy.
      int[] info = new int[1];
      BlasThreads.withAll(
          () ->
              info[0] =
                  openblas.LAPACKE_dsyevd(
                      openblas.LAPACK_COL_MAJOR, (byte) 'V', (byte) 'L', n, a, n, w));
      if (info[0] != 0) {
        throw new ArithmeticException("dsyevd did not converge: info = " + info[0]);
      }
      w.get(values);
      // Eigenvectors are the columns of a column-major matrix, hence the rows of what is read here.
      double[] rows = new double[n * n];
      a.get(rows);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          matrix[j * n + i] = rows[i * n + j];
        }
      }
    }
  }

  /**
   * For at most half of the vectors: the reduction to tridiagonal form, which costs the most, is
   * made once, and only the wanted vectors are found and carried back.
   */
  @Override
  public double[] leadingEigenvectors(double[] matrix, double[] values, int count) {
    int n = values.length;
    if (count > n / 2) {
      return DenseKernels.super.leadingEigenvectors(matrix, values, count);
    }
    try (TridiagonalForm form = TridiagonalForm.of(matrix, n)) {
      double[] columns = form.leadingVectors(values, count);
      double[] leading = new double[n * count];
      for (int j = 0; j < count; j++) {
        for (int i = 0; i < n; i++) {
          leading[i * count + j] = columns[j * n + i];
        }
      }
      return leading;
    }
  }

  @Override
  public RowProduct newRowProduct(Operand right) {
    return new NativeRowProduct(right);
  }

  /** Rows in native memory, which is used again from block to block. */
  private static final class RowBlock implements AutoCloseable {
    private static final int WINDOW = 1 << 13;
    private DoublePointer rows = new DoublePointer();

    DoublePointer reserve(long length) {
      if (rows.isNull() || rows.capacity() < length) {
        rows.close();
        rows = new DoublePointer(length);
      }
      return rows;
    }

    DoublePointer fill(RowWriter writer, int count, int width) {
      DoublePointer target = reserve(Math.max(1L, (long) count * width));
      DoubleBuffer buffer = target.asBuffer();
      int together = Math.max(1, WINDOW / width);
      // A few rows at a time: what is written is still in the cache when it is copied.
      Workers.split(
          count,
          JavaKernels.LEAST / width + 1,
          (from, to) -> {
            double[] window = new double[together * width];
            for (int first = from; first < to; first += together) {
              int taken = Math.min(together, to - first);
              for (int r = 0; r < taken; r++) {
                writer.write(first + r, window, r * width);
              }
              buffer.put(first * width, window, 0, taken * width);
            }
          });
      return target;
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  private static final class NativeRowProduct implements RowProduct {
    private final int height;
    private final int width;
    private final Operand right;
    private final DoublePointer factor;
    private final RowBlock left = new RowBlock();
    private final RowBlock result = new RowBlock();

    NativeRowProduct(Operand right) {
      this.height = right.height();
      this.width = right.width();
      this.right = right;
      this.factor = new DoublePointer(right.values());
    }

    @Override
    public void multiply(RowWriter rows, int count, double[] product) {
      if (count == 0 || width == 0) {
        return;
      }
      DoublePointer a = left.fill(rows, count, height);
      DoublePointer c = result.reserve((long) count * width);
      BlasThreads.withAll(
          () ->
              openblas.cblas_dgemm(
                  CblasRowMajor,
                  CblasNoTrans,
                  right.transposed() ? CblasTrans : CblasNoTrans,
                  count,
                  width,
                  height,
                  1.0,
                  a,
                  height,
                  factor,
                  right.columns(),
                  0.0,
                  c,
                  width));
      c.get(product, 0, count * width);
    }

    @Override
    public void close() {
      left.close();
      result.close();
      factor.close();
    }
  }

  private static final class NativeScatterMatrix implements ScatterMatrix {
    private final int dim;
    private final DoublePointer upper;
    private final RowBlock block = new RowBlock();

    NativeScatterMatrix(int dim) {
      this.dim = dim;
      this.upper = new DoublePointer((long) dim * dim);
      upper.fill(0);
    }

    @Override
    public void addOuterProducts(double[] rows, int count) {
      DoublePointer block = this.block.reserve(Math.max(1L, (long) count * dim));
      block.put(rows, 0, count * dim);
      addOuterProducts(block, count);
    }

    @Override
    public void addOuterProducts(RowWriter rows, int count) {
      addOuterProducts(block.fill(rows, count, dim), count);
    }

    private void addOuterProducts(DoublePointer rows, int count) {
      BlasThreads.withAll(
          () ->
              openblas.cblas_dsyrk(
                  CblasRowMajor,
                  CblasUpper,
                  CblasTrans,
                  dim,
                  count,
                  1.0,
                  rows,
                  dim,
                  1.0,
                  upper,
                  dim));
    }

    @Override
    public void add(double[] matrix) {
      for (int i = 0; i < matrix.length; i++) {
        upper.put(i, upper.get(i) + matrix[i]);
      }
    }

    @Override
    public double[] toArray() {
      double[] full = new double[dim * dim];
      upper.get(full);
      JavaKernels.mirrorUpper(full, dim);
      return full;
    }

    @Override
    public void close() {
      block.close();
      upper.close();
    }
  }
}
