package io.github.alphafuse.core.internal;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Products and factorisations of dense row-major float64 matrices. They run on the BLAS of the CPU
 * backend if its jars are on the classpath, otherwise in Java.
 *
 * <p>Thread-safe.
 */
public interface DenseKernels {

  /**
   * The kernels of this process: native if the BLAS is on the classpath, otherwise in Java.
   *
   * @return the kernels
   * @throws IllegalStateException if the versions of the BLAS on the classpath do not match
   */
  static DenseKernels get() {
    if (Selected.PROBLEM != null) {
      throw new IllegalStateException(Selected.PROBLEM);
    }
    return Selected.KERNELS;
  }

  /**
   * The name of the implementation.
   *
   * @return for example {@code "openblas"} or {@code "java"}
   */
  String name();

  /**
   * C = op(A) op(B).
   *
   * @param a the left factor
   * @param b the right factor
   * @param c the product, overwritten
   */
  void multiply(DoubleOperand a, DoubleOperand b, double[] c);

  /**
   * A sum of outer products of rows, in the memory in which the kernels are fastest.
   *
   * @param dim the length of a row
   * @return a zero matrix
   */
  ScatterMatrix newScatterMatrix(int dim);

  /**
   * A matrix that many rows are multiplied by, in the memory in which the kernels are fastest.
   *
   * @param right the right factor
   * @return products by it, to be closed by the caller
   */
  RowProduct newRowProduct(DoubleOperand right);

  /**
   * Eigenvalues and eigenvectors of a symmetric matrix.
   *
   * @param matrix [n, n]; the upper triangle is read; overwritten by the eigenvectors, one per
   *     column
   * @param values [n], receives the eigenvalues in ascending order
   * @throws ArithmeticException if the iteration does not converge
   */
  void symmetricEigen(double[] matrix, double[] values);

  /**
   * All eigenvalues of a symmetric matrix, and the eigenvectors of the largest eigenvalues.
   *
   * @param matrix [n, n]; the upper triangle is read; not modified
   * @param values [n], receives the eigenvalues in ascending order
   * @param count how many eigenvectors, from 0 to n
   * @return [n, count], the eigenvectors of the last count values, one per column
   * @throws ArithmeticException if the iteration does not converge
   */
  default double[] leadingEigenvectors(double[] matrix, double[] values, int count) {
    int n = values.length;
    double[] vectors = matrix.clone();
    symmetricEigen(vectors, values);
    if (count == n) {
      return vectors;
    }
    double[] leading = new double[n * count];
    for (int i = 0; i < n; i++) {
      System.arraycopy(vectors, (i + 1) * n - count, leading, i * count, count);
    }
    return leading;
  }

  /** Writes the rows of a block one at a time. Several threads may request rows at once. */
  @FunctionalInterface
  interface RowWriter {
    /**
     * Writes one row.
     *
     * @param row its number in the block
     * @param target receives the row, from the start
     */
    void write(int row, double[] target);
  }

  /** Products of rows by one matrix. Thread-safe but for {@link #close}. */
  interface RowProduct extends AutoCloseable {

    /**
     * C = A B.
     *
     * @param rows writes the rows of A
     * @param count how many rows there are
     * @param product [count, width of B], overwritten
     */
    void multiply(RowWriter rows, int count, double[] product);

    @Override
    void close();
  }

  /** A symmetric matrix that grows by outer products of rows. Not thread-safe. */
  interface ScatterMatrix extends AutoCloseable {

    /**
     * Adds the sum of r r' over the rows.
     *
     * @param rows the rows, one after another
     * @param count how many rows there are
     */
    void addOuterProducts(double[] rows, int count);

    /**
     * Adds the sum of r r' over rows that a writer supplies.
     *
     * @param rows writes the rows
     * @param count how many rows there are
     */
    void addOuterProducts(RowWriter rows, int count);

    /**
     * Adds another matrix.
     *
     * @param matrix [dim, dim], symmetric
     */
    void add(double[] matrix);

    /**
     * The matrix.
     *
     * @return [dim, dim], both triangles, a copy
     */
    double[] toArray();

    @Override
    void close();
  }

  /** Holds the choice, made at first use. */
  final class Selected {
    private static final Logger LOG = LoggerFactory.getLogger(DenseKernels.class);
    // Kept rather than thrown here: every call after the first would get a NoClassDefFoundError.
    private static final @Nullable String PROBLEM = problem();
    private static final DenseKernels KERNELS = PROBLEM == null ? select() : new JavaKernels();

    private Selected() {}

    private static @Nullable String problem() {
      try {
        NativeVersions.check(DenseKernels.class.getClassLoader());
        return null;
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }

    private static DenseKernels select() {
      try {
        DenseKernels kernels = NativeKernels.load();
        LOG.debug("dense products run on {}", kernels.name());
        return kernels;
      } catch (LinkageError e) {
        LOG.info(
            "no BLAS on the classpath ({}): dense products run in Java. io.github.alphafuse:alphafuse-cpu"
                + " brings one.",
            e.toString());
        return new JavaKernels();
      }
    }
  }
}
