package io.github.alphafuse.core.internal;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * A symmetric matrix A = Q T Q' as LAPACK reduces it to tridiagonal form T, in native memory.
 *
 * <p>The eigenvalues of T and a few of its eigenvectors are cheap to compute. Only those
 * eigenvectors are transformed back by Q. Not thread-safe.
 */
final class TridiagonalForm implements AutoCloseable {
  /** Up to this number of vectors, the products by Q are too small to be shared by threads. */
  private static final int FEW = 256;

  /**
   * Vectors are improved if their error of orthonormality is above this and below {@link #CROOKED}.
   */
  private static final double STRAIGHT = 1e-13;

  private static final double CROOKED = 1e-5;

  private final int n;
  private final double unit;
  private final DoublePointer reflectors;
  private final DoublePointer factors;
  private final DoublePointer diagonal;
  private final DoublePointer beside;

  private TridiagonalForm(double[] matrix, int n) {
    this.n = n;
    this.unit = unitOf(matrix);
    this.reflectors = new DoublePointer(matrix);
    if (unit != 1) {
      for (long i = 0; i < matrix.length; i++) {
        reflectors.put(i, matrix[(int) i] / unit);
      }
    }
    this.factors = new DoublePointer(n);
    this.diagonal = new DoublePointer(n);
    this.beside = new DoublePointer(n);
  }

  /** Reduces A [n, n], of which the upper triangle is read; not modified. */
  static TridiagonalForm of(double[] matrix, int n) {
    TridiagonalForm form = new TridiagonalForm(matrix, n);
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
   * Writes all eigenvalues, ascending, and returns the eigenvectors of the last count values, one
   * after another. T is overwritten.
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
      // Vectors that are far from orthonormal are wrong. The caller's check finds them.
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

  /**
   * Multiplies by Q = H_1 ... H_{n-1}, whose reflectors are stored below the diagonal. Q does not
   * change the first number of a vector. This is what dormtr does, but dormtr requests too little
   * workspace for few vectors and then applies the reflectors one by one.
   */
  private void carryBack(DoublePointer vectors, int count) {
    if (n == 1) {
      return;
    }
    int[] info = new int[1];
    Runnable product =
        () ->
            info[0] =
                openblas.LAPACKE_dormqr(
                    openblas.LAPACK_COL_MAJOR,
                    (byte) 'L',
                    (byte) 'N',
                    n - 1,
                    count,
                    n - 1,
                    new DoublePointer(reflectors).position(1),
                    n,
                    factors,
                    new DoublePointer(vectors).position(1),
                    n);
    if (count <= FEW) {
      BlasThreads.withOne(product);
    } else {
      BlasThreads.withAll(product);
    }
    requireSuccess("dormqr", info[0]);
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
