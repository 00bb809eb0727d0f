package io.github.alphafuse.core.nullspace;

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
   * Finds the eigenvectors of the largest eigenvalues alone, which takes less time where they are
   * few, and all eigenvalues, or in a {@link RandomizedEigenSolver} those of the eigenvectors. A
   * solver that does not override this finds all.
   *
   * @param matrix A [n, n] row by row, symmetric, finite; not modified
   * @param count how many eigenvectors are wanted, from 0 to n
   * @return its eigendecomposition with at least that many leading eigenvectors; errors are
   *     measured over those that it has
   * @throws IllegalArgumentException if the array is empty, not square or not finite, or count is
   *     outside [0, n]
   * @throws ArithmeticException if no decomposition is found
   */
  default SymmetricEigen decompose(double[] matrix, int count) {
    KernelEigenSolver.requireCount(KernelEigenSolver.order(matrix), count);
    return decompose(matrix);
  }

  /**
   * The solver that the library uses by default: LAPACK where a BLAS is on the classpath, checked,
   * and EJML where there is none or the check fails.
   *
   * @return the solver
   */
  static SymmetricEigenSolver verified() {
    return verified(lapack(), ejml());
  }

  /**
   * A solver whose result is checked: if eigenvectors miss orthonormality or A V = V diag(S), or
   * eigenvalues miss their sum or that of their squares, by more than 1e-10, another solver is
   * asked, and a warning is logged. Where leading eigenvectors alone were wanted, the first solver
   * is asked for all before.
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
   * The eigensolver of the BLAS on the classpath, or that of EJML where there is none: divide and
   * conquer (dsyevd), or MRRR (dstemr) where at most half of the eigenvectors are wanted.
   *
   * @return a solver whose result is measured but not checked
   */
  static SymmetricEigenSolver lapack() {
    return new KernelEigenSolver(DenseKernels::get);
  }

  /**
   * The eigensolver of EJML, in Java.
   *
   * @return a solver whose result is measured but not checked
   */
  static SymmetricEigenSolver ejml() {
    return new KernelEigenSolver(JavaKernels::new);
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
      return decompose(matrix, KernelEigenSolver.order(matrix));
    }

    @Override
    public SymmetricEigen decompose(double[] matrix, int count) {
      int n = KernelEigenSolver.order(matrix);
      KernelEigenSolver.requireCount(n, count);
      KernelEigenSolver.requireFinite(matrix);
      String reason = "";
      // Part and whole are found by different routines: where one is wrong the other may be right.
      for (int wanted : count < n ? new int[] {count, n} : new int[] {n}) {
        try {
          SymmetricEigen eigen =
              wanted < n ? first.decompose(matrix, wanted) : first.decompose(matrix);
          if (isRight(eigen)) {
            return eigen;
          }
          reason = describe(eigen);
        } catch (ArithmeticException e) {
          reason = e.toString();
        }
        LOG.warn(
            "the eigendecomposition with {} of {} vectors failed its check ({}): asking for {}",
            wanted,
            n,
            reason,
            wanted < n ? "all vectors" : "that of the fallback solver");
      }
      SymmetricEigen eigen = fallback.decompose(matrix, count);
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
      return eigen.residual() <= TOLERANCE
          && eigen.orthonormalityError() <= TOLERANCE
          && eigen.valuesError() <= TOLERANCE;
    }

    private static String describe(SymmetricEigen eigen) {
      return eigen.solver()
          + ": residual "
          + eigen.residual()
          + ", orthonormality error "
          + eigen.orthonormalityError()
          + ", error of the values "
          + eigen.valuesError();
    }
  }
}
