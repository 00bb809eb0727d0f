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
   * Finds only the eigenvectors of the largest eigenvalues, which takes less time if they are few.
   * All eigenvalues are found too, except by a {@link RandomizedEigenSolver}, which finds those of
   * the eigenvectors. A solver that does not override this finds all.
   *
   * @param matrix A [n, n] row by row, symmetric, finite; not modified
   * @param count how many eigenvectors are wanted, from 0 to n
   * @return its eigendecomposition with at least that many leading eigenvectors; errors are
   *     measured over all eigenvectors that it has
   * @throws IllegalArgumentException if the array is empty, not square or not finite, or count is
   *     outside [0, n]
   * @throws ArithmeticException if no decomposition is found
   */
  default SymmetricEigen decompose(double[] matrix, int count) {
    KernelEigenSolver.requireCount(KernelEigenSolver.order(matrix), count);
    return decompose(matrix);
  }

  /**
   * The solver that the library uses by default: LAPACK with a check of its result if a BLAS is on
   * the classpath, and EJML if there is none or the check fails.
   *
   * @return the solver
   */
  static SymmetricEigenSolver verified() {
    return verified(lapack(), ejml());
  }

  /**
   * A solver whose result is checked. If eigenvectors violate orthonormality or A V = V diag(S), or
   * eigenvalues their sum or that of their squares, by more than 1e-10, a warning is logged and
   * another solver is used. If only leading eigenvectors were wanted, the first solver computes all
   * of them before that.
   *
   * <p>There are BLAS builds whose eigenvectors are wrong although eigenvalues and return code are
   * right. Only the check detects that.
   *
   * @param first the solver to use first
   * @param fallback the solver to use if the first fails
   * @return the solver; it throws ArithmeticException if both fail
   */
  static SymmetricEigenSolver verified(SymmetricEigenSolver first, SymmetricEigenSolver fallback) {
    return new VerifiedEigenSolver(first, fallback);
  }

  /**
   * The eigensolver of the BLAS on the classpath, or that of EJML if there is none. The BLAS uses
   * divide and conquer (dsyevd), or MRRR (dstemr) if up to half of the eigenvectors are wanted.
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
      // Different routines find a part and the whole. If one is wrong the other may be right.
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
            "the eigendecomposition with {} of {} vectors failed its check ({}): using {}",
            wanted,
            n,
            reason,
            wanted < n ? "that of all vectors" : "that of the fallback solver");
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
