package io.github.alphafuse.core.internal;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * A symmetric matrix A = Q T Q' as LAPACK reduces it to tridiagonal form T, in native memory.
 *
 * <p>Eigenvalues of T cost little, and so do a few of its eigenvectors, which alone are carried
 * back by Q. Not thread-safe.
 */
final class TridiagonalForm implements AutoCloseable {
  /** The order from which on vectors are carried back by several threads. */
  private static final int LEAST_SHARED = 256;

  /** Vectors that are worth a thread of their own. */
  private static final int LEAST_VECTORS = 8;

  /** Errors of orthonormality from which on, and up to which, vectors are improved. */
  private static final double STRAIGHT = 1e-13;

  private static final double CROOKED = 1e-5;

  private final int n;
  private final double unit;
  private final DoublePointer reflectors;
  private final DoublePointer factors;
  private final DoublePointer diagonal;
  private final DoublePointer beside;

  private TridiagonalForm(double[] matrix, int n, double unit) {
    this.n = n;
    this.unit = unit;
    this.reflectors = new DoublePointer(matrix);
    this.factors = new DoublePointer(n);
    this.diagonal = new DoublePointer(n);
    this.beside = new DoublePointer(n);
  }

  /** Reduces A [n, n], of which the upper triangle is read and which may be overwritten. */
  static TridiagonalForm of(double[] matrix, int n) {
    double unit = unitOf(matrix);
    if (unit != 1) {
      for (int i = 0; i < matrix.length; i++) {
        matrix[i] /= unit;
      }
    }
    TridiagonalForm form = new TridiagonalForm(matrix, n, unit);
    int[] info = new int[1];
    // Column-major, lower: the same bytes as row-major, upper.
    BlasThreads.withAll(
        () ->
            info[0] =
                openblas.LAPACKE_dsytrd(
                    openblas.LAPACK_COL_MAJOR,
                    (byte) 'L',
                    n,
                    form.reflectors,
                    n,
                    form.diagonal,
                    form.beside,
                    form.factors));
    if (info[0] != 0) {
      form.close();
    }
    requireSuccess("dsytrd", info[0]);
    return form;
  }

  /** A power of two that takes numbers whose squares would overflow or vanish to about 1. */
  private static double unitOf(double[] matrix) {
    double largest = 0;
    for (double x : matrix) {
      largest = Math.max(largest, Math.abs(x));
    }
    return largest == 0 || (largest > 1e-100 && largest < 1e100)
        ? 1
        : Math.scalb(1.0, Math.max(Math.getExponent(largest), Double.MIN_EXPONENT));
  }

  /**
   * Writes all eigenvalues, ascending, and gives the eigenvectors of the last count, one after
   * another. T is used up by it.
   */
  double[] leadingVectors(double[] values, int count) {
    double[] columns = new double[n * count];
    try (DoublePointer vectors = new DoublePointer(Math.max(1, (long) n * count));
        DoublePointer found = new DoublePointer(n);
        DoublePointer scratch = new DoublePointer(n)) {
      DoublePointer.memcpy(found, diagonal, (long) n * Double.BYTES);
      DoublePointer.memcpy(scratch, beside, (long) n * Double.BYTES);
      // Neither has work for more than one thread.
      Workers.run(
          count == 0 ? 1 : 2,
          task -> {
            if (task == 0) {
              requireSuccess("dsterf", openblas.LAPACKE_dsterf(n, found, scratch));
            } else {
              tridiagonalVectors(vectors, count);
            }
          });
      found.get(values);
      for (int i = 0; i < n; i++) {
        values[i] *= unit;
      }
      if (count > 0) {
        straighten(vectors, count);
        carryBack(vectors, count);
        vectors.get(columns);
      }
    }
    return columns;
  }

  private void tridiagonalVectors(DoublePointer vectors, int count) {
    try (DoublePointer values = new DoublePointer(n);
        IntPointer found = new IntPointer(1);
        IntPointer supports = new IntPointer(2L * count);
        IntPointer accurate = new IntPointer(1)) {
      accurate.put(1);
      requireSuccess(
          "dstemr",
          openblas.LAPACKE_dstemr(
              openblas.LAPACK_COL_MAJOR,
              (byte) 'V',
              (byte) 'I',
              n,
              diagonal,
              beside,
              0,
              0,
              n - count + 1,
              n,
              found,
              values,
              vectors,
              n,
              count,
              supports,
              accurate));
      if (found.get() != count) {
        throw new ArithmeticException("dstemr found " + found.get() + " of " + count + " vectors");
      }
    }
  }

  /**
   * Makes nearly orthonormal vectors orthonormal to rounding, by a Newton step towards the nearest
   * such: dstemr loses digits where values lie so close together that any mixture of their vectors
   * is as good.
   */
  private void straighten(DoublePointer vectors, int count) {
    double[] gram = new double[count * count];
    try (DoublePointer product = new DoublePointer((long) count * count)) {
      BlasThreads.withAll(
          () ->
              openblas.cblas_dgemm(
                  openblas.CblasColMajor,
                  openblas.CblasTrans,
                  openblas.CblasNoTrans,
                  count,
                  count,
                  n,
                  1,
                  vectors,
                  n,
                  vectors,
                  n,
                  0,
                  product,
                  count));
      product.get(gram);
      double worst = 0;
      for (int i = 0; i < gram.length; i++) {
        boolean onDiagonal = i % (count + 1) == 0;
        worst = Math.max(worst, Math.abs(gram[i] - (onDiagonal ? 1 : 0)));
        gram[i] = (onDiagonal ? 1.5 : 0) - 0.5 * gram[i];
      }
      // What is far from orthonormal is wrong, and for the caller's check to find.
      if (!(worst > STRAIGHT && worst < CROOKED)) {
        return;
      }
      product.put(gram);
      try (DoublePointer before = new DoublePointer((long) n * count)) {
        DoublePointer.memcpy(before, vectors, (long) n * count * Double.BYTES);
        BlasThreads.withAll(
            () ->
                openblas.cblas_dgemm(
                    openblas.CblasColMajor,
                    openblas.CblasNoTrans,
                    openblas.CblasNoTrans,
                    n,
                    count,
                    count,
                    1,
                    before,
                    n,
                    product,
                    count,
                    0,
                    vectors,
                    n));
      }
    }
  }

  /** Each thread carries some of the vectors back, by one thread of the BLAS. */
  private void carryBack(DoublePointer vectors, int count) {
    // A small form is not taken in blocks, and its reflectors are changed for a moment.
    int least = n < LEAST_SHARED ? count : LEAST_VECTORS;
    Workers.split(
        count,
        least,
        (from, to) -> {
          BlasThreads.setOne();
          requireSuccess(
              "dormtr",
              openblas.LAPACKE_dormtr(
                  openblas.LAPACK_COL_MAJOR,
                  (byte) 'L',
                  (byte) 'L',
                  (byte) 'N',
                  n,
                  to - from,
                  reflectors,
                  n,
                  factors,
                  new DoublePointer(vectors).position((long) from * n),
                  n));
        });
  }

  private static void requireSuccess(String routine, int info) {
    if (info != 0) {
      throw new ArithmeticException(routine + " did not succeed: info = " + info);
    }
  }

  @Override
  public void close() {
    reflectors.close();
    factors.close();
    diagonal.close();
    beside.close();
  }
}
