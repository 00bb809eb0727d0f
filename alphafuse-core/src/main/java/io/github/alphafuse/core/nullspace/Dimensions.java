package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;

/**
 * The dimensions d and d_n that a spectrum allows.
 *
 * <p>If columns are divided by their standard deviation, each of them needs a direction with
 * variance. A given width must have them. A width that is not given is the largest that has them:
 * directions without variance are left out, and a threshold does not count them.
 *
 * @param embeddingDim d
 * @param nullDim d_n
 * @param leftOut the number of directions without variance that were left out
 */
record Dimensions(int embeddingDim, int nullDim, int leftOut) {

  /**
   * The requested dimensions.
   *
   * @param width the width
   * @param rule the rule of the null space
   * @param cover whether IDs replace directions
   * @param divides whether kept columns are divided by their standard deviation without a floor
   */
  record Request(Width width, NullSpaceRule rule, boolean cover, boolean divides) {}

  /**
   * A width that is given, or the bounds of one that is not.
   *
   * @param dim d, or the most it may be
   * @param isGiven whether d is given
   * @param step what d is a multiple of, if it is not given
   */
  record Width(int dim, boolean isGiven, int step) {}

  /**
   * The variances of the text.
   *
   * @param values the variances that were found, in descending order
   * @param total the sum of all
   * @param languageDim d_l
   * @param rank the number of found directions that have variance
   * @param rows N
   */
  record Spectrum(double[] values, double total, int languageDim, int rank, long rows) {
    /** Measures the rank of a spectrum. */
    static Spectrum of(double[] values, double total, double[] mean, long rows) {
      // The rounding errors of the decomposition, and of the mean of a block of equal rows.
      double centring = MomentAccumulator.BLOCK_ROWS * Math.ulp(1.0);
      double noise =
          Math.max(
              values[0] * mean.length * 4 * Math.ulp(1.0),
              Arrays.stream(mean).map(x -> x * x).sum() * centring * centring);
      int rank = 0;
      while (rank < values.length && values[rank] > noise && rank < rows - 1) {
        rank++;
      }
      return new Spectrum(values, total, mean.length, rank, rows);
    }

    /** The number of directions that a threshold puts into the null space, of the first ones. */
    int atMost(double threshold, int counted) {
      return (int) Arrays.stream(values, 0, counted).filter(s -> s <= threshold).count();
    }

    /**
     * The fewest leading directions with a share of the variance; one more than there are if all
     * have less.
     */
    int holding(double share) {
      double held = 0;
      int count = 0;
      while (count < values.length && held < share * total) {
        held += values[count++];
      }
      return held < share * total ? count + 1 : count;
    }
  }

  /**
   * The requested dimensions.
   *
   * @throws IllegalArgumentException if the rule leaves no row space or no null space, or a kept
   *     direction has no variance and the width is given, or no direction has any
   */
  static Dimensions of(Request request, Spectrum spectrum) {
    Width width = request.width;
    int most = width.isGiven ? width.dim : largest(request, spectrum);
    if (most == 0) {
      throw rankDeficient(request, spectrum, width.dim);
    }
    boolean isLess = most < width.dim;
    int counted = isLess ? spectrum.rank : spectrum.values.length;
    int dim = width.isGiven ? most : multiple(width.step, most);
    Dimensions found =
        new Dimensions(
            dim,
            request.rule.nullDim(spectrum, dim, counted),
            isLess ? spectrum.languageDim - spectrum.rank : 0);
    if (!request.rule.isInRange(dim, found.nullDim)) {
      throw new IllegalArgumentException(request.rule.outOfRange(spectrum, found, counted));
    }
    if (!hasVariance(request, spectrum, dim)) {
      throw rankDeficient(request, spectrum, kept(request, dim, found.nullDim));
    }
    return found;
  }

  /** The largest width whose columns can all be divided, 0 if there is none. */
  private static int largest(Request request, Spectrum spectrum) {
    int dim = request.width.dim;
    while (dim > 0 && !hasVariance(request, spectrum, dim)) {
      dim--;
    }
    return dim;
  }

  private static int multiple(int step, int most) {
    checkArgument(
        most >= step, "embeddingDim must be a multiple of %s, and can be at most %s", step, most);
    return most - most % step;
  }

  private static int kept(Request request, int dim, int nullDim) {
    return request.cover ? dim - nullDim : dim;
  }

  /** Whether the kept columns of a width can be divided, if they have to be. */
  private static boolean hasVariance(Request request, Spectrum spectrum, int dim) {
    int nullDim = request.rule.nullDim(spectrum, dim, spectrum.values.length);
    return !request.divides || kept(request, dim, nullDim) <= spectrum.rank;
  }

  private static IllegalArgumentException rankDeficient(
      Request request, Spectrum spectrum, int kept) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "embeddings are rank-deficient: kept direction %s of %s has variance %s and cannot be"
                + " standardised (%s rows of %s columns, largest variance %s). %s, set"
                + " varianceFloor, or switch standardize off.",
            spectrum.rank + 1,
            kept,
            spectrum.values[spectrum.rank],
            spectrum.rows,
            spectrum.languageDim,
            spectrum.values[0],
            advice(request, spectrum)));
  }

  private static String advice(Request request, Spectrum spectrum) {
    if (spectrum.rank == 0) {
      return "No direction has variance: use other embeddings";
    }
    for (int dim = request.width.dim - 1; dim >= 1; dim--) {
      int nullDim = request.rule.nullDim(spectrum, dim, spectrum.values.length);
      if (request.rule.isInRange(dim, nullDim) && hasVariance(request, spectrum, dim)) {
        return "The largest embeddingDim that works is "
            + dim
            + ", which is also the default: use it";
      }
    }
    return request.rule.advice(spectrum);
  }
}
