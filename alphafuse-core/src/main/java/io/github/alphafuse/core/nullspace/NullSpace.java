package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The rule that decides which directions of language embeddings carry little meaning. It determines
 * the number of columns of the ID embedding.
 *
 * <p>Directions are the eigenvectors of the covariance of the scaled rows, in descending order of
 * their eigenvalues S (variances; the authors call them singular values).
 *
 * <p>See: AlphaFuse (SIGIR 2025), section 3.2.
 */
public sealed interface NullSpace {

  /**
   * A null space of a given dimension.
   *
   * @param nullDim d_n, from 0 (language only) to the embedding dimension d
   * @return the rule
   * @throws IllegalArgumentException if negative
   */
  static NullSpace dimension(int nullDim) {
    return new Dimension(nullDim);
  }

  /**
   * The directions whose variance is at most a threshold. All d_l directions count, except those
   * without variance that are left out.
   *
   * @param threshold the largest variance of a null direction, in squared units of the scaled rows:
   *     a threshold of 0.25 at scale 40 is 0.25 / 1600 on the rows themselves; at least 0
   * @return the rule
   * @throws IllegalArgumentException if negative or not finite
   */
  static NullSpace threshold(double threshold) {
    return new Threshold(threshold);
  }

  /**
   * The kept directions that remain after the fewest leading ones that together hold a share of the
   * whole variance.
   *
   * @param share the share that the row space must hold, in (0, 1)
   * @return the rule
   * @throws IllegalArgumentException if outside (0, 1)
   */
  static NullSpace energy(double share) {
    return new Energy(share);
  }

  /**
   * A share of the d kept columns, rounded down.
   *
   * @param share the share, in [0, 1]
   * @return the rule
   * @throws IllegalArgumentException if outside [0, 1]
   */
  static NullSpace share(double share) {
    return new Share(share);
  }

  /**
   * A null space of a given dimension.
   *
   * @param nullDim d_n
   */
  record Dimension(int nullDim) implements NullSpace {
    /**
     * Checks the range.
     *
     * @param nullDim d_n
     * @throws IllegalArgumentException if one is out of range
     */
    public Dimension {
      checkArgument(nullDim >= 0, "nullDim must be at least 0, found %s", nullDim);
    }
  }

  /**
   * Directions with little variance.
   *
   * @param threshold the largest variance of a null direction
   */
  record Threshold(double threshold) implements NullSpace {
    /**
     * Checks the range.
     *
     * @param threshold the largest variance of a null direction
     * @throws IllegalArgumentException if one is out of range
     */
    public Threshold {
      checkArgument(
          threshold >= 0 && Double.isFinite(threshold),
          "nullThreshold must be finite and at least 0, found %s",
          threshold);
    }
  }

  /**
   * Directions beyond those that hold a share of the variance.
   *
   * @param share the share of the row space
   */
  record Energy(double share) implements NullSpace {
    /**
     * Checks the range.
     *
     * @param share the share of the row space
     * @throws IllegalArgumentException if one is out of range
     */
    public Energy {
      checkArgument(share > 0 && share < 1, "energy must lie in (0, 1), found %s", share);
    }
  }

  /**
   * A part of the kept columns.
   *
   * @param share the share of the columns
   */
  record Share(double share) implements NullSpace {
    /**
     * Checks the range.
     *
     * @param share the share of the columns
     * @throws IllegalArgumentException if one is out of range
     */
    public Share {
      checkArgument(share >= 0 && share <= 1, "nullShare must lie in [0, 1], found %s", share);
    }
  }
}
