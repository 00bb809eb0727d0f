package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DenseKernels.Operand;

/**
 * The eigendecomposition A = V diag(S) V' of a symmetric matrix, with its own measured quality.
 *
 * <p>Eigenvalues are in descending order. Each eigenvector has its component of largest magnitude
 * positive, so that two solvers agree in sign as well. Immutable and thread-safe.
 */
public final class SymmetricEigen {
  private final String solver;
  private final double[] values;
  private final double[] vectors;
  private final double residual;
  private final double orthonormalityError;

  /**
   * Orders, orients and measures what a solver found.
   *
   * @param solver the solver's name, for reports
   * @param matrix A [n, n]
   * @param found its eigenvalues and eigenvectors
   */
  SymmetricEigen(String solver, double[] matrix, Columns found) {
    int n = found.values().length;
    this.solver = solver;
    this.values = new double[n];
    this.vectors = new double[n * n];
    for (int j = 0; j < n; j++) {
      int from = n - 1 - j;
      values[j] = found.values()[from];
      double largest = 0;
      for (int i = 0; i < n; i++) {
        double x = found.vectors()[i * n + from];
        if (Math.abs(x) > Math.abs(largest)) {
          largest = x;
        }
      }
      double sign = largest < 0 ? -1 : 1;
      for (int i = 0; i < n; i++) {
        vectors[i * n + j] = sign * found.vectors()[i * n + from];
      }
    }
    this.residual = measureResidual(matrix);
    this.orthonormalityError = measureOrthonormality();
  }

  /** What a solver returns: values [n] ascending, vectors [n, n] one a column. */
  record Columns(double[] values, double[] vectors) {}

  private double measureResidual(double[] matrix) {
    int n = values.length;
    double[] product = new double[n * n];
    DenseKernels.get().multiply(Operand.of(matrix, n, n), Operand.of(vectors, n, n), product);
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    double worst = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        worst = worse(worst, product[i * n + j] - vectors[i * n + j] * values[j]);
      }
    }
    return worst / Math.max(largest, Double.MIN_NORMAL);
  }

  private double measureOrthonormality() {
    int n = values.length;
    Operand v = Operand.of(vectors, n, n);
    double[] product = new double[n * n];
    DenseKernels.get().multiply(v.transpose(), v, product);
    double worst = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        worst = worse(worst, product[i * n + j] - (i == j ? 1 : 0));
      }
    }
    return worst;
  }

  /** NaN counts as the worst error there is. */
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
   * @return the number of eigenvalues
   */
  public int dim() {
    return values.length;
  }

  /**
   * The eigenvalues S.
   *
   * @return [n] in descending order, a copy
   */
  public double[] values() {
    return values.clone();
  }

  /**
   * The leading eigenvectors.
   *
   * @param count how many, from 0 to n
   * @return [n, count] row by row, one eigenvector a column, a copy
   * @throws IllegalArgumentException if count is outside [0, n]
   */
  public double[] leadingVectors(int count) {
    int n = values.length;
    checkArgument(count >= 0 && count <= n, "count must lie in [0, %s], found %s", n, count);
    double[] leading = new double[n * count];
    for (int i = 0; i < n; i++) {
      System.arraycopy(vectors, i * n, leading, i * count, count);
    }
    return leading;
  }

  /**
   * How far A V is from V diag(S).
   *
   * @return the largest absolute difference over the largest absolute eigenvalue
   */
  public double residual() {
    return residual;
  }

  /**
   * How far the eigenvectors are from orthonormal.
   *
   * @return the largest absolute entry of V'V - I
   */
  public double orthonormalityError() {
    return orthonormalityError;
  }
}
