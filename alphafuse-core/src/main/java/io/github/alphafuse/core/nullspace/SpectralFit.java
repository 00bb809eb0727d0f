package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fit of a {@link NullSpaceProjector}: moments of the rows, the eigenvectors of their
 * covariance, and the dimensions that the rule of the null space takes.
 *
 * <p>Legend: N items, d_l language dimension, d embedding dimension, d_n null dimension, k columns
 * of Z (d - d_n with cover, else d). Not thread-safe.
 */
final class SpectralFit {
  // The name that users know; it is in their logging configuration.
  private static final Logger LOG = LoggerFactory.getLogger(NullSpaceProjector.class);

  private final NullSpaceProjector.Builder options;
  private final NullSpaceRule rule;

  /**
   * A fit by a builder's options.
   *
   * @throws IllegalStateException if no rule of the null space is set
   */
  SpectralFit(NullSpaceProjector.Builder options) {
    NullSpaceRule given = options.rule;
    checkState(
        given != null,
        "no rule of the null space: set one of nullDim, nullShare, nullThreshold and energy");
    this.options = options;
    this.rule = given;
  }

  /**
   * What is found, or read from a file.
   *
   * @param scaling how rows are normalised and scaled
   * @param mean [d_l] that of the scaled rows
   * @param singularValues [d_l], or [d] if only the leading ones were found
   * @param totalVariance the sum of all variances
   * @param dimensions d and d_n
   * @param directions [d_l, k] U
   * @param residual the error of the decomposition
   * @param orthonormalityError the deviation of U from orthonormality
   * @param solver the name of the solver
   */
  record Result(
      RowScaling scaling,
      double[] mean,
      double[] singularValues,
      double totalVariance,
      Dimensions dimensions,
      double[] directions,
      double residual,
      double orthonormalityError,
      String solver) {}

  /** Mean [d_l] and covariance [d_l, d_l] of scaled rows. */
  private record Moments(RowScaling scaling, double[] mean, double[] covariance, long count) {}

  /** Fits language embeddings [N, d_l], in one streamed pass. */
  Result of(LanguageEmbeddings embeddings) {
    checkDims(embeddings.dim());
    checkArgument(
        embeddings.itemCount() >= 2,
        "a null space needs at least 2 items, found %s",
        embeddings.itemCount());
    double[] weights = options.itemWeights;
    checkArgument(
        weights == null || weights.length == embeddings.itemCount(),
        "itemWeights must hold one number per item (%s), found %s",
        (Object) embeddings.itemCount(),
        weights == null ? 0 : weights.length);
    Moments found;
    try (MomentAccumulator moments = options.newAccumulator(embeddings.dim())) {
      embeddings.forEachBlock(
          MomentAccumulator.BLOCK_ROWS,
          (firstRow, block, count) -> {
            double[] ofRows =
                weights == null ? null : Arrays.copyOfRange(weights, firstRow, firstRow + count);
            moments.add(block, count, ofRows);
          });
      found = scaled(moments);
    }
    // The memory of the moments is free by now, since the decomposition takes as much.
    return decompose(found);
  }

  /** Fits moments that were accumulated elsewhere. */
  Result of(MomentAccumulator moments) {
    checkDims(moments.dim());
    return decompose(scaled(moments));
  }

  private void checkDims(int languageDim) {
    checkArgument(
        !options.isWidthGiven || options.width <= languageDim,
        "embeddingDim must lie in [1, %s], the width of the language embeddings, found %s",
        languageDim,
        options.width);
    rule.requireFit(mostDims(languageDim));
  }

  /** The given width, or the largest that d may have. */
  private int mostDims(int languageDim) {
    return options.isWidthGiven ? options.width : Math.min(options.width, languageDim);
  }

  private Moments scaled(MomentAccumulator moments) {
    checkArgument(
        moments.normalization() == options.normalization,
        "moments must be of rows normalised by %s, found %s",
        options.normalization,
        moments.normalization());
    checkState(
        moments.count() >= 2, "a covariance needs at least 2 rows, found %s", moments.count());
    RowScaling scaling =
        RowScaling.ofMeanNorm(options.normalization, options.scale, moments.meanNorm());
    double factor = scaling.rowFactor();
    double[] mean = moments.mean();
    for (int j = 0; j < mean.length; j++) {
      mean[j] *= factor;
    }
    double[] covariance = moments.covariance();
    for (int i = 0; i < covariance.length; i++) {
      covariance[i] *= factor * factor;
    }
    return new Moments(scaling, mean, covariance, moments.count());
  }

  private Result decompose(Moments moments) {
    double[] mean = moments.mean;
    double[] covariance = moments.covariance;
    int most = mostDims(mean.length);
    SymmetricEigen eigen = options.solver.decompose(covariance, most);
    // A covariance has no negative variance, so values below 0 are rounding errors.
    double[] values = Arrays.stream(eigen.values()).map(s -> Math.max(s, 0)).toArray();
    boolean isPart = values.length < mean.length;
    double total = Arrays.stream(values).sum();
    if (isPart) {
      total = 0;
      for (int i = 0; i < mean.length; i++) {
        total += covariance[i * mean.length + i];
      }
      rule.requirePartSuffices(eigen);
    }
    boolean divides = options.standardize && options.varianceFloor == 0;
    Dimensions found =
        Dimensions.of(
            new Dimensions.Request(
                new Dimensions.Width(most, options.isWidthGiven, options.step),
                rule,
                options.cover,
                divides),
            Dimensions.Spectrum.of(values, total, mean, moments.count));
    int kept = options.cover ? found.embeddingDim() - found.nullDim() : found.embeddingDim();
    if (divides) {
      requireAccuracy(eigen, kept);
    }
    if (found.leftOut() > 0) {
      LOG.info(
          "{} of the {} directions of the language embeddings have no variance to be standardised"
              + " by and are left out: embeddingDim is {}",
          found.leftOut(),
          mean.length,
          found.embeddingDim());
    }
    return new Result(
        moments.scaling,
        mean,
        isPart ? Arrays.copyOf(values, found.embeddingDim()) : values,
        total,
        found,
        eigen.leadingVectors(kept),
        eigen.residual(),
        eigen.orthonormalityError(),
        eigen.solver());
  }

  /** Directions that an iteration did not resolve must not be divided by their variance. */
  private static void requireAccuracy(SymmetricEigen eigen, int kept) {
    if (kept == 0 || eigen.valueCount() == eigen.dim()) {
      return;
    }
    double[] values = eigen.values();
    checkArgument(
        values[kept - 1] > 100 * eigen.residualNorm() * values[0],
        "kept direction %s has variance %s, too close to the error of the solver %s, %s, to be"
            + " standardised: use a smaller tolerance, or leave the solver to"
            + " SymmetricEigenSolver.verified()",
        kept,
        values[kept - 1],
        eigen.solver(),
        eigen.residualNorm() * values[0]);
  }
}
