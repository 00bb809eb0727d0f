package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the leading eigenvalues and eigenvectors of a covariance alone, by randomized subspace
 * iteration. Up to an order of 3,072 the exact solver was measured faster.
 *
 * <p>A random block of count + oversampling vectors is multiplied by the matrix again and again,
 * orthonormalised, and rotated to the eigenvectors of the matrix within its span (Rayleigh and
 * Ritz), until each wanted column has a residual |A v - s v| of at most the tolerance times the
 * largest eigenvalue. Between two rotations the powers are taken as a Chebyshev polynomial of the
 * matrix, which parts the wanted eigenvalues from the rest in fewer products.
 *
 * <p>What it finds is measured once more. Where the tolerance is not reached within the limit of
 * products, orthonormality misses by more than 1e-10, or the matrix has negative eigenvalues, a
 * warning is logged and {@link SymmetricEigenSolver#verified()} is asked: it is never wrong, only
 * slower. That solver also answers, without a warning, where the whole is wanted or the block would
 * take more than half of the columns.
 *
 * <p>An eigenvector is off by about the tolerance over its relative gap to the next eigenvalue.
 * Equal seeds and numbers of threads give equal results. Immutable and thread-safe.
 *
 * <p>See: Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review 53 (2011),
 * algorithms 4.4 and 5.3; Zhou, Saad, Tiago and Chelikowsky, "Self-consistent-field calculations
 * using Chebyshev-filtered subspace iteration", J. Comput. Phys. 219 (2006), for the polynomial.
 */
public final class RandomizedEigenSolver implements SymmetricEigenSolver {
  private static final Logger LOG = LoggerFactory.getLogger(RandomizedEigenSolver.class);
  private static final int LEAST_OVERSAMPLING = 10;
  private static final double ORTHONORMALITY = 1e-10;

  private final int oversampling;
  private final int maxProducts;
  private final double tolerance;
  private final long seed;
  private final SymmetricEigenSolver exact;

  private RandomizedEigenSolver(Builder options, SymmetricEigenSolver exact) {
    this.oversampling = options.oversampling;
    this.maxProducts = options.maxProducts;
    this.tolerance = options.tolerance;
    this.seed = options.seed;
    this.exact = exact;
  }

  /**
   * A builder with the defaults: as many vectors beside the wanted ones, at least 10, a tolerance
   * of 1e-10, at most 100 products, seed 0.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Decomposes a matrix by the exact solver: nothing is to be left out.
   *
   * @param matrix A [n, n] row by row, symmetric, finite; not modified
   * @return its eigendecomposition, with measured errors
   * @throws IllegalArgumentException if the array is empty, not square or not finite
   * @throws ArithmeticException if no decomposition is found
   */
  @Override
  public SymmetricEigen decompose(double[] matrix) {
    return exact.decompose(matrix);
  }

  /**
   * Finds the leading eigenvalues and eigenvectors.
   *
   * @param matrix A [n, n] row by row, symmetric and positive semidefinite, finite; not modified
   * @param count how many are wanted, from 0 to n
   * @return the wanted eigenvalues and eigenvectors with measured errors, or all eigenvalues where
   *     the exact solver was asked
   * @throws IllegalArgumentException if the array is empty, not square or not finite, or count is
   *     outside [0, n]
   * @throws ArithmeticException if no decomposition is found
   */
  @Override
  public SymmetricEigen decompose(double[] matrix, int count) {
    int n = KernelEigenSolver.order(matrix);
    KernelEigenSolver.requireCount(n, count);
    KernelEigenSolver.requireFinite(matrix);
    int extra = oversampling > 0 ? oversampling : Math.max(LEAST_OVERSAMPLING, count);
    long width = (long) count + extra;
    if (count == 0 || width > n / 2) {
      return exact.decompose(matrix, count);
    }
    String reason;
    try (SubspaceIteration iteration = new SubspaceIteration(matrix, (int) width, seed)) {
      SymmetricEigen eigen =
          new SymmetricEigen(
              "randomized (" + iteration.kernels() + ")",
              matrix,
              iteration.leading(count, tolerance, maxProducts));
      if (eigen.residualNorm() <= tolerance && eigen.orthonormalityError() <= ORTHONORMALITY) {
        return eigen;
      }
      reason =
          "residual "
              + eigen.residualNorm()
              + ", orthonormality error "
              + eigen.orthonormalityError();
    } catch (ArithmeticException e) {
      reason = String.valueOf(e.getMessage());
    }
    LOG.warn(
        "the randomized decomposition with {} of {} vectors did not reach a residual of {} ({}):"
            + " asking the exact solver",
        count,
        n,
        tolerance,
        reason);
    return exact.decompose(matrix, count);
  }

  /**
   * A short description.
   *
   * @return the options
   */
  @Override
  public String toString() {
    return "RandomizedEigenSolver[oversampling="
        + (oversampling > 0 ? String.valueOf(oversampling) : "max(10, count)")
        + ", maxProducts="
        + maxProducts
        + ", tolerance="
        + tolerance
        + ", seed="
        + seed
        + "]";
  }

  /**
   * Options of a {@link RandomizedEigenSolver}; each is checked where it is set. Not thread-safe.
   */
  public static final class Builder {
    private int oversampling;
    private int maxProducts = 100;
    private double tolerance = 1e-10;
    private long seed;

    private Builder() {}

    /**
     * How many vectors are taken beside the wanted ones: more make each product dearer and fewer
     * products needed.
     *
     * @param vectors at least 1; as many as are wanted, but at least 10, where it is not set
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder oversampling(int vectors) {
      checkArgument(vectors >= 1, "oversampling must be at least 1, found %s", vectors);
      this.oversampling = vectors;
      return this;
    }

    /**
     * How many products of the matrix and the block are made before the exact solver is asked: the
     * power iterations.
     *
     * @param products at least 2; 100 where it is not set
     * @return this
     * @throws IllegalArgumentException if below 2
     */
    @CanIgnoreReturnValue
    public Builder maxProducts(int products) {
      checkArgument(products >= 2, "maxProducts must be at least 2, found %s", products);
      this.maxProducts = products;
      return this;
    }

    /**
     * The largest residual |A v - s v| of a wanted column over the largest eigenvalue: iteration
     * ends there, and nothing worse is given out.
     *
     * @param residual in (0, 1); 1e-10, the bound of {@link SymmetricEigenSolver#verified()}, where
     *     it is not set
     * @return this
     * @throws IllegalArgumentException if outside (0, 1)
     */
    @CanIgnoreReturnValue
    public Builder tolerance(double residual) {
      checkArgument(
          residual > 0 && residual < 1, "tolerance must lie in (0, 1), found %s", residual);
      this.tolerance = residual;
      return this;
    }

    /**
     * The seed of the random block.
     *
     * @param number any; 0 where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder seed(long number) {
      this.seed = number;
      return this;
    }

    /**
     * The solver with these options.
     *
     * @return a new solver
     */
    public RandomizedEigenSolver build() {
      return fallingBackOn(SymmetricEigenSolver.verified());
    }

    /** The solver with another one to ask where it fails. */
    RandomizedEigenSolver fallingBackOn(SymmetricEigenSolver exact) {
      return new RandomizedEigenSolver(this, exact);
    }
  }
}
