package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DoubleOperand;

/**
 * The eigendecomposition A = V diag(S) V' of a symmetric matrix with its measured errors. It may
 * hold only the leading columns of V, and only a leading part of S.
 *
 * <p>Eigenvalues are in descending order. Each eigenvector has its component of largest magnitude
 * positive, so that two solvers agree in sign as well. Immutable and thread-safe.
 */
public final class SymmetricEigen {
  private final String solver;
  private final int dim;
  private final double[] values;
  private final double[] vectors;
  private final double residual;
  private final double residualNorm;
  private final double orthonormalityError;
  private final double valuesError;

  /**
   * Orders, orients and measures the results of a solver.
   *
   * @param solver the solver's name, for reports
   * @param matrix A [n, n]
   * @param found all or the leading eigenvalues, and the wanted leading eigenvectors
   */
  SymmetricEigen(String solver, double[] matrix, Columns found) {
    int n = KernelEigenSolver.order(matrix);
    this.solver = solver;
    this.dim = n;
    int valueCount = found.values().length;
    this.values = new double[valueCount];
    for (int j = 0; j < valueCount; j++) {
      values[j] = found.values()[valueCount - 1 - j];
    }
    int count = found.vectors().length / n;
    this.vectors = new double[n * count];
    for (int j = 0; j < count; j++) {
      int from = count - 1 - j;
      double largest = 0;
      for (int i = 0; i < n; i++) {
        double x = found.vectors()[i * count + from];
        if (Math.abs(x) > Math.abs(largest)) {
          largest = x;
        }
      }
      double sign = largest < 0 ? -1 : 1;
      for (int i = 0; i < n; i++) {
        vectors[i * count + j] = sign * found.vectors()[i * count + from];
      }
    }
    double[] differences = differences(matrix);
    this.residual = measureResidual(differences);
    this.residualNorm = measureResidualNorm(differences);
    this.orthonormalityError = measureOrthonormality();
    this.valuesError = measureValues(matrix);
  }

  /**
   * The results of a solver: values [n] ascending, or only the last of them, and vectors [n, k] of
   * the last k, one per column.
   */
  record Columns(double[] values, double[] vectors) {}

  /** A V - V diag(S), [n, k]. */
  private double[] differences(double[] matrix) {
    int n = dim;
    int count = vectorCount();
    double[] product = new double[n * count];
    DenseKernels.get()
        .multiply(DoubleOperand.of(matrix, n, n), DoubleOperand.of(vectors, n, count), product);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < count; j++) {
        product[i * count + j] -= vectors[i * count + j] * values[j];
      }
    }
    return product;
  }

  private double measureResidual(double[] differences) {
    double worst = 0;
    for (double difference : differences) {
      worst = worse(worst, difference);
    }
    return worst / largestValue();
  }

  private double measureResidualNorm(double[] differences) {
    int count = vectorCount();
    double unit = largestValue();
    double[] squares = new double[count];
    for (int i = 0; i < dim; i++) {
      for (int j = 0; j < count; j++) {
        double x = differences[i * count + j] / unit;
        squares[j] += x * x;
      }
    }
    double worst = 0;
    for (double sum : squares) {
      worst = worse(worst, sum);
    }
    return Math.sqrt(worst);
  }

  private double measureOrthonormality() {
    int count = vectorCount();
    DoubleOperand v = DoubleOperand.of(vectors, dim, count);
    double[] product = new double[count * count];
    DenseKernels.get().multiply(v.transpose(), v, product);
    double worst = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        worst = worse(worst, product[i * count + j] - (i == j ? 1 : 0));
      }
    }
    return worst;
  }

  /**
   * The deviation of the sum and squared sum of the values from those of the matrix; 0 if there are
   * only leading values.
   */
  private double measureValues(double[] matrix) {
    int n = dim;
    if (values.length < n) {
      return 0;
    }
    double unit = largestValue();
    double trace = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      trace += matrix[i * n + i] / unit - values[i] / unit;
      double line = 0;
      for (int j = 0; j < n; j++) {
        double x = matrix[i * n + j] / unit;
        line += x * x;
      }
      squares += line - (values[i] / unit) * (values[i] / unit);
    }
    return worse(worse(0, trace), squares);
  }

  private double largestValue() {
    return Math.max(
        Double.MIN_NORMAL, Math.max(Math.abs(values[0]), Math.abs(values[values.length - 1])));
  }

  /** NaN counts as the largest error. */
  private static double worse(double worst, double error) {
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(worst, Math.abs(error));
  }

  /**
   * The solver that found it.
   *
   * @return its name
   */
  public String solver() {
    return solver;
  }

  /**
   * n, the matrix' order.
   *
   * @return the length of an eigenvector
   */
  public int dim() {
    return dim;
  }

  /**
   * The number of leading eigenvalues that were found.
   *
   * @return n, or less from a {@link RandomizedEigenSolver}
   */
  public int valueCount() {
    return values.length;
  }

  /**
   * The number of leading eigenvectors that were found.
   *
   * @return from 0 to n
   */
  public int vectorCount() {
    return vectors.length / dim;
  }

  /**
   * The eigenvalues S, or those that were found.
   *
   * @return [{@link #valueCount}] in descending order, a copy
   */
  public double[] values() {
    return values.clone();
  }

  /**
   * The leading eigenvectors.
   *
   * @param count how many, from 0 to the number that was found
   * @return [n, count] row by row, one eigenvector per column; a copy
   * @throws IllegalArgumentException if count is negative or above {@link #vectorCount}
   */
  public double[] leadingVectors(int count) {
    int n = dim;
    int stored = vectorCount();
    checkArgument(
        count >= 0 && count <= stored, "count must lie in [0, %s], found %s", stored, count);
    double[] leading = new double[n * count];
    for (int i = 0; i < n; i++) {
      System.arraycopy(vectors, i * stored, leading, i * count, count);
    }
    return leading;
  }

  /**
   * The deviation of A V from V diag(S), over the eigenvectors that were found.
   *
   * @return the largest absolute difference over the largest absolute eigenvalue
   */
  public double residual() {
    return residual;
  }

  /**
   * The error of the worst eigenvector v with its value s: |A v - s v|.
   *
   * @return the largest Euclidean length over the largest absolute eigenvalue; at least {@link
   *     #residual}
   */
  public double residualNorm() {
    return residualNorm;
  }

  /**
   * The deviation of the eigenvectors from orthonormality.
   *
   * @return the largest absolute entry of V'V - I
   */
  public double orthonormalityError() {
    return orthonormalityError;
  }

  /**
   * The deviation of all eigenvalues from those of the matrix. This is the only check that covers
   * eigenvalues without an eigenvector.
   */
  double valuesError() {
    return valuesError;
  }
}
