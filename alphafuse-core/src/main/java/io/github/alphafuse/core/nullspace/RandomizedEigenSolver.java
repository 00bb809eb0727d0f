package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds only the leading eigenvalues and eigenvectors of a covariance, by randomized subspace
 * iteration. It is meant for wide embeddings; for the usual widths the exact solver is faster.
 *
 * <p>A random block of count + oversampling vectors is repeatedly multiplied by the matrix,
 * orthonormalised, and rotated to the eigenvectors of the matrix within its span (Rayleigh and
 * Ritz), until each wanted column has a residual |A v - s v| of at most the tolerance times the
 * largest eigenvalue. Between two rotations a Chebyshev polynomial of the matrix takes the place of
 * its powers, since it separates the wanted eigenvalues from the rest in fewer products.
 *
 * <p>The result is checked. If the tolerance is not reached within the limit of products,
 * orthonormality is violated by more than 1e-10, or the matrix has negative eigenvalues, a warning
 * is logged and {@link SymmetricEigenSolver#verified()} is used instead. The result is then
 * correct, but takes longer. That solver is also used, without a warning, if all eigenvectors are
 * wanted or the block would take more than half of the columns.
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
   * A builder with the default options.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Decomposes a matrix with the exact solver, since all eigenvectors are wanted.
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
   * @return the wanted eigenvalues and eigenvectors with measured errors, or all eigenvalues if the
   *     exact solver was used
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
            + " using the exact solver",
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
     * Sets the number of vectors that are taken in addition to the wanted ones. With more of them
     * each product takes longer, but fewer products are needed. The default is the number of wanted
     * vectors, but at least 10.
     *
     * @param oversampling a number of at least 1
     * @return this builder
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder oversampling(int oversampling) {
      checkArgument(oversampling >= 1, "oversampling must be at least 1, found %s", oversampling);
      this.oversampling = oversampling;
      return this;
    }

    /**
     * Sets the largest number of products of the matrix and the block (the power iterations) before
     * the exact solver is used. The default is 100.
     *
     * @param maxProducts a number of at least 2
     * @return this builder
     * @throws IllegalArgumentException if below 2
     */
    @CanIgnoreReturnValue
    public Builder maxProducts(int maxProducts) {
      checkArgument(maxProducts >= 2, "maxProducts must be at least 2, found %s", maxProducts);
      this.maxProducts = maxProducts;
      return this;
    }

    /**
     * Sets the largest residual |A v - s v| of a wanted column over the largest eigenvalue. The
     * iteration ends when it is reached, and no worse result is returned. The default is 1e-10, the
     * bound of {@link SymmetricEigenSolver#verified()}.
     *
     * @param tolerance a number in (0, 1)
     * @return this builder
     * @throws IllegalArgumentException if outside (0, 1)
     */
    @CanIgnoreReturnValue
    public Builder tolerance(double tolerance) {
      checkArgument(
          tolerance > 0 && tolerance < 1, "tolerance must lie in (0, 1), found %s", tolerance);
      this.tolerance = tolerance;
      return this;
    }

    /**
     * Sets the seed of the random block. The default is 0.
     *
     * @param seed any number
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder seed(long seed) {
      this.seed = seed;
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

    /** The solver with another one that is used if it fails. */
    RandomizedEigenSolver fallingBackOn(SymmetricEigenSolver exact) {
      return new RandomizedEigenSolver(this, exact);
    }
  }
}
