package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.JavaKernels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds eigenvalues and eigenvectors of a symmetric matrix.
 *
 * <p>Implementations are thread-safe.
 */
@FunctionalInterface
public interface SymmetricEigenSolver {

  /**
   * Decomposes a matrix.
   *
   * @param matrix A [n, n] row by row, symmetric, finite; not modified
   * @return its eigendecomposition, with measured errors
   * @throws IllegalArgumentException if the array is empty, not square or not finite
   * @throws ArithmeticException if no decomposition is found
   */
  SymmetricEigen decompose(double[] matrix);

  /**
   * The solver that the library uses by default: LAPACK's divide and conquer where a BLAS is on the
   * classpath, checked, and EJML where there is none or the check fails.
   *
   * @return the solver
   */
  static SymmetricEigenSolver verified() {
    return verified(lapack(), ejml());
  }

  /**
   * A solver whose result is checked: if eigenvectors miss orthonormality or A V = V diag(S) by
   * more than 1e-10, another solver is asked, and a warning is logged.
   *
   * <p>There are BLAS builds whose eigenvectors are wrong while eigenvalues and return code are
   * right; nothing but the check can tell.
   *
   * @param first the solver to ask first
   * @param fallback the solver to ask where the first fails
   * @return the solver; it throws ArithmeticException where both fail
   */
  static SymmetricEigenSolver verified(SymmetricEigenSolver first, SymmetricEigenSolver fallback) {
    return new VerifiedEigenSolver(first, fallback);
  }

  /**
   * The eigensolver of the BLAS on the classpath (dsyevd), or that of EJML where there is none.
   *
   * @return a solver whose result is measured but not checked
   */
  static SymmetricEigenSolver lapack() {
    return matrix -> solve(DenseKernels.get(), matrix);
  }

  /**
   * The eigensolver of EJML, in Java.
   *
   * @return a solver whose result is measured but not checked
   */
  static SymmetricEigenSolver ejml() {
    return matrix -> solve(new JavaKernels(), matrix);
  }

  private static SymmetricEigen solve(DenseKernels kernels, double[] matrix) {
    int n = (int) Math.round(Math.sqrt(matrix.length));
    checkArgument(
        n > 0 && n * n == matrix.length,
        "matrix must be square and not empty, found %s numbers",
        matrix.length);
    requireFinite(matrix);
    double[] vectors = matrix.clone();
    double[] values = new double[n];
    kernels.symmetricEigen(vectors, values);
    return new SymmetricEigen(kernels.name(), matrix, new SymmetricEigen.Columns(values, vectors));
  }

  private static void requireFinite(double[] matrix) {
    for (int i = 0; i < matrix.length; i++) {
      if (!Double.isFinite(matrix[i])) {
        throw new IllegalArgumentException(
            "matrix entry " + i + " must be finite, found " + matrix[i]);
      }
    }
  }

  /** Checks a first solver and falls back on a second. */
  final class VerifiedEigenSolver implements SymmetricEigenSolver {
    private static final Logger LOG = LoggerFactory.getLogger(SymmetricEigenSolver.class);
    private static final double TOLERANCE = 1e-10;
    private final SymmetricEigenSolver first;
    private final SymmetricEigenSolver fallback;

    private VerifiedEigenSolver(SymmetricEigenSolver first, SymmetricEigenSolver fallback) {
      this.first = first;
      this.fallback = fallback;
    }

    @Override
    public SymmetricEigen decompose(double[] matrix) {
      requireFinite(matrix);
      String reason;
      try {
        SymmetricEigen eigen = first.decompose(matrix);
        if (isRight(eigen)) {
          return eigen;
        }
        reason = describe(eigen);
      } catch (ArithmeticException e) {
        reason = e.toString();
      }
      LOG.warn("the eigendecomposition failed its check ({}): asking the fallback solver", reason);
      SymmetricEigen eigen = fallback.decompose(matrix);
      if (isRight(eigen)) {
        return eigen;
      }
      throw new ArithmeticException(
          "no solver gave right eigenvectors; expected errors of at most "
              + TOLERANCE
              + ", found "
              + reason
              + " and "
              + describe(eigen));
    }

    private static boolean isRight(SymmetricEigen eigen) {
      return eigen.residual() <= TOLERANCE && eigen.orthonormalityError() <= TOLERANCE;
    }

    private static String describe(SymmetricEigen eigen) {
      return eigen.solver()
          + ": residual "
          + eigen.residual()
          + ", orthonormality error "
          + eigen.orthonormalityError();
    }
  }
}
