package io.github.alphafuse.core.internal;

import static com.google.common.base.Preconditions.checkArgument;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasUpper;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/** Dense products and the divide-and-conquer eigensolver of OpenBLAS. */
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

  private static final class NativeScatterMatrix implements ScatterMatrix {
    private final int dim;
    private final DoublePointer upper;
    private DoublePointer block = new DoublePointer();

    NativeScatterMatrix(int dim) {
      this.dim = dim;
      this.upper = new DoublePointer((long) dim * dim);
      upper.fill(0);
    }

    @Override
    public void addOuterProducts(double[] rows, int count) {
      long length = (long) count * dim;
      if (block.isNull() || block.capacity() < length) {
        block.close();
        block = new DoublePointer(length);
      }
      block.position(0).put(rows, 0, (int) length);
      DoublePointer rowsOfBlock = block;
      BlasThreads.withAll(
          () ->
              openblas.cblas_dsyrk(
                  CblasRowMajor,
                  CblasUpper,
                  CblasTrans,
                  dim,
                  count,
                  1.0,
                  rowsOfBlock,
                  dim,
                  1.0,
                  upper,
                  dim));
    }

    @Override
    public void add(double[] matrix) {
      for (long i = 0; i < matrix.length; i++) {
        upper.put(i, upper.get(i) + matrix[(int) i]);
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
