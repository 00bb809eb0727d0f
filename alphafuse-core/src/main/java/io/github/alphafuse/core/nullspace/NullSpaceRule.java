package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.nullspace.Dimensions.Spectrum;
import java.util.Locale;

/**
 * What a {@link NullSpace} decides: the null dimension of a spectrum, and the range in which it has
 * to be. The public rules are data alone, since a method of theirs would be public too.
 */
sealed interface NullSpaceRule {

  /** The behaviour of a rule. */
  static NullSpaceRule of(NullSpace given) {
    if (given instanceof NullSpace.Threshold threshold) {
      return new LittleVariance(threshold.threshold());
    }
    if (given instanceof NullSpace.Energy energy) {
      return new BeyondEnergy(energy.share());
    }
    return given instanceof NullSpace.Share share
        ? new PartOfColumns(share.share())
        : new FixedDimension(((NullSpace.Dimension) given).nullDim());
  }

  /**
   * The null dimension, even if it is out of range.
   *
   * @param spectrum the variances
   * @param dim d
   * @param counted how many of the variances count
   */
  int nullDim(Spectrum spectrum, int dim, int counted);

  /** The fewest dimensions of the null space, and of the row space. */
  default int least() {
    return 0;
  }

  /** Whether a null dimension is in range. */
  default boolean isInRange(int dim, int nullDim) {
    return nullDim >= least() && nullDim <= dim - least();
  }

  /** The message about a null dimension that is out of range. */
  default String outOfRange(Spectrum spectrum, Dimensions found, int counted) {
    return String.format(
        Locale.ROOT,
        "nullDim must lie in [0, %s], the embedding dimension%s, found %s",
        found.embeddingDim(),
        found.leftOut() > 0
            ? " without " + found.leftOut() + " directions that have no variance"
            : "",
        found.nullDim());
  }

  /**
   * Checks the rule against the largest width.
   *
   * @throws IllegalArgumentException if no spectrum could satisfy it
   */
  default void requireFit(int mostDims) {}

  /**
   * Checks that the rule needs only the leading variances.
   *
   * @throws IllegalArgumentException if it needs all
   */
  default void requirePartSuffices(SymmetricEigen eigen) {}

  /** Whether the rule is a share, which contradicts every other rule. */
  default boolean isShare() {
    return false;
  }

  /** Whether the rule holds although a dimension is given later. */
  default boolean outranksDimension() {
    return false;
  }

  /** The way out if no width works with the rule that did not leave out directions. */
  default String advice(Spectrum spectrum) {
    int rank = spectrum.rank();
    return "No embeddingDim works with this null space: "
        + (isInRange(rank, nullDim(spectrum, rank, rank))
            ? "leave it out, and directions without variance are left out too"
            : "choose another");
  }

  /** A null space of a given dimension. */
  record FixedDimension(int nullDim) implements NullSpaceRule {
    @Override
    public int nullDim(Spectrum spectrum, int dim, int counted) {
      return nullDim;
    }

    @Override
    public void requireFit(int mostDims) {
      checkArgument(
          nullDim <= mostDims,
          "nullDim must lie in [0, %s], the embedding dimension, found %s",
          mostDims,
          nullDim);
    }

    @Override
    public String advice(Spectrum spectrum) {
      return "The largest embeddingDim that works is "
          + spectrum.rank()
          + ", with a nullDim of at most that: use them";
    }
  }

  /** The directions whose variance is at most a threshold. */
  record LittleVariance(double threshold) implements NullSpaceRule {
    @Override
    public int nullDim(Spectrum spectrum, int dim, int counted) {
      return spectrum.atMost(threshold, counted);
    }

    @Override
    public int least() {
      return 1;
    }

    @Override
    public boolean outranksDimension() {
      return true;
    }

    @Override
    public String outOfRange(Spectrum spectrum, Dimensions found, int counted) {
      double[] values = spectrum.values();
      String range =
          String.format(
              Locale.ROOT, "variances run from %.6g to %.6g", values[0], values[counted - 1]);
      return found.nullDim() < 1
          ? String.format(
              Locale.ROOT,
              "nullThreshold %s leaves no null space: no direction has a variance at or below it;"
                  + " %s",
              threshold,
              range)
          : String.format(
              Locale.ROOT,
              "nullThreshold %s leaves no row space: %s of %s directions have a variance at or"
                  + " below it, expected at most embeddingDim - 1 = %s; %s",
              threshold,
              found.nullDim(),
              counted,
              found.embeddingDim() - 1,
              range);
    }

    @Override
    public void requirePartSuffices(SymmetricEigen eigen) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "nullThreshold counts over all %s directions, and the solver %s found the variances"
                  + " of the leading %s alone: use nullDim or energy, or leave the solver to"
                  + " SymmetricEigenSolver.verified()",
              eigen.dim(),
              eigen.solver(),
              eigen.valueCount()));
    }
  }

  /** The kept directions beyond those that hold a share of the variance. */
  record BeyondEnergy(double share) implements NullSpaceRule {
    @Override
    public int nullDim(Spectrum spectrum, int dim, int counted) {
      return dim - spectrum.holding(share);
    }

    @Override
    public int least() {
      return 1;
    }

    @Override
    public boolean isShare() {
      return true;
    }

    @Override
    public String outOfRange(Spectrum spectrum, Dimensions found, int counted) {
      int rowDim = found.embeddingDim() - found.nullDim();
      boolean isMore = rowDim > spectrum.values().length;
      return String.format(
          Locale.ROOT,
          "energy %s takes %s%s directions for the row space, expected between 1 and"
              + " embeddingDim - 1 = %s, so that a null space is left",
          share,
          isMore ? "more than " : "",
          isMore ? rowDim - 1 : rowDim,
          found.embeddingDim() - 1);
    }
  }

  /** A share of the kept columns. */
  record PartOfColumns(double share) implements NullSpaceRule {
    @Override
    public int nullDim(Spectrum spectrum, int dim, int counted) {
      return (int) (share * dim);
    }

    @Override
    public boolean isShare() {
      return true;
    }
  }
}
