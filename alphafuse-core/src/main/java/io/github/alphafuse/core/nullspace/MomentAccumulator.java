package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DenseKernels.ScatterMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Mean and covariance of rows that arrive in blocks: one pass, in float64, in memory that depends
 * on d_l only.
 *
 * <p>Blocks are centred on their own mean before they are summed, so nothing is lost where the mean
 * is large beside the spread. Accumulators over different rows can be {@linkplain #merge merged}:
 * workers of any engine can each see a part of a catalogue.
 *
 * <p>Legend: n rows, d_l language dimension. Not thread-safe. Holds native memory where a BLAS is
 * on the classpath: close it.
 *
 * <p>See: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 * variances" (1979).
 */
public final class MomentAccumulator implements AutoCloseable {
  private static final int BLOCK_ROWS = 2048;

  private final int dim;
  private final RowNormalization normalization;
  private final ScatterMatrix scatter;
  private final double[] mean;
  // The sum of sqrt(w) x and of sqrt(w): the weighted covariance of the method centres once more.
  private final double[] rootWeightedSum;
  private double rootWeight;
  private double weight;
  private double normSum;
  private long count;
  private boolean weighted;
  private boolean closed;
  private double[] centred = new double[0];

  private MomentAccumulator(int dim, RowNormalization normalization) {
    checkArgument(dim >= 1, "dim must be at least 1, found %s", dim);
    this.dim = dim;
    this.normalization = normalization;
    this.scatter = DenseKernels.get().newScatterMatrix(dim);
    this.mean = new double[dim];
    this.rootWeightedSum = new double[dim];
  }

  /**
   * An accumulator that has seen nothing.
   *
   * @param dim d_l, at least 1
   * @param normalization what is done to rows before they are summed; only {@link
   *     RowNormalization#ROWS} changes them here, the mean norm is applied when a projector is
   *     fitted
   * @return the accumulator
   * @throws IllegalArgumentException if dim is below 1
   */
  public static MomentAccumulator create(int dim, RowNormalization normalization) {
    return new MomentAccumulator(dim, normalization);
  }

  /**
   * Adds rows of equal weight.
   *
   * @param rows [n, d_l] row by row; not modified
   * @return this
   * @throws IllegalArgumentException if the array is not a whole number of rows, a number is not
   *     finite, or a row of zeros meets {@link RowNormalization#ROWS}; nothing is added then
   * @throws IllegalStateException if weighted rows were added before
   */
  public MomentAccumulator add(double[] rows) {
    return add(rows, null);
  }

  /**
   * Adds weighted rows.
   *
   * @param rows [n, d_l] row by row; not modified
   * @param weights [n] weights, at least 0, in any unit
   * @return this
   * @throws IllegalArgumentException if the sizes do not fit, a number is not finite, a weight is
   *     negative, or a row of zeros meets {@link RowNormalization#ROWS}; nothing is added then
   * @throws IllegalStateException if rows without weights were added before
   */
  public MomentAccumulator addWeighted(double[] rows, double[] weights) {
    return add(rows, weights);
  }

  private MomentAccumulator add(double[] rows, double @Nullable [] weights) {
    checkState(!closed, "this accumulator is closed");
    checkArgument(
        rows.length % dim == 0,
        "rows must hold a whole number of rows of %s columns, found %s numbers",
        dim,
        rows.length);
    int n = rows.length / dim;
    checkState(
        count == 0 || weighted == (weights != null),
        "rows with and without weights cannot be mixed in one accumulator");
    if (weights != null) {
      checkArgument(
          weights.length == n,
          "weights must hold one number a row (%s), found %s",
          n,
          weights.length);
      for (int i = 0; i < n; i++) {
        checkArgument(
            weights[i] >= 0 && Double.isFinite(weights[i]),
            "weight of row %s must be finite and at least 0, found %s",
            (Object) (count + i),
            weights[i]);
      }
    }
    double[] norms = norms(rows, n);
    for (int from = 0; from < n; from += BLOCK_ROWS) {
      addBlock(rows, weights, norms, from, Math.min(BLOCK_ROWS, n - from));
    }
    weighted = weights != null;
    return this;
  }

  private double[] norms(double[] rows, int n) {
    double[] norms = new double[n];
    for (int i = 0; i < n; i++) {
      double squares = 0;
      for (int j = 0; j < dim; j++) {
        double x = rows[i * dim + j];
        squares += x * x;
      }
      if (!(squares < Double.POSITIVE_INFINITY)) {
        requireFinite(rows, i);
      }
      norms[i] = Math.sqrt(squares);
      checkArgument(
          normalization != RowNormalization.ROWS || norms[i] > 0,
          "row %s must not be all zeros to be normalised to norm 1",
          count + i);
    }
    return norms;
  }

  private void requireFinite(double[] rows, int i) {
    for (int j = 0; j < dim; j++) {
      double x = rows[i * dim + j];
      checkArgument(
          Double.isFinite(x), "row %s, column %s must be finite, found %s", count + i, j, x);
    }
    throw new IllegalArgumentException(
        "row " + (count + i) + " is too large: its squared norm overflows");
  }

  private void addBlock(
      double[] rows, double @Nullable [] weights, double[] norms, int from, int n) {
    boolean toUnit = normalization == RowNormalization.ROWS;
    double[] blockMean = new double[dim];
    double blockWeight = 0;
    for (int i = 0; i < n; i++) {
      int row = (from + i) * dim;
      double w = weights != null ? weights[from + i] : 1;
      double factor = toUnit ? 1 / norms[from + i] : 1;
      double root = Math.sqrt(w) * factor;
      double both = w * factor;
      for (int j = 0; j < dim; j++) {
        double x = rows[row + j];
        blockMean[j] += both * x;
        rootWeightedSum[j] += root * x;
      }
      blockWeight += w;
      rootWeight += Math.sqrt(w);
      normSum += norms[from + i];
    }
    count += n;
    if (blockWeight == 0) {
      return;
    }
    for (int j = 0; j < dim; j++) {
      blockMean[j] /= blockWeight;
    }
    if (centred.length < (n + 1) * dim) {
      centred = new double[(n + 1) * dim];
    }
    for (int i = 0; i < n; i++) {
      int row = (from + i) * dim;
      double root = weights != null ? Math.sqrt(weights[from + i]) : 1;
      double factor = toUnit ? root / norms[from + i] : root;
      for (int j = 0; j < dim; j++) {
        centred[i * dim + j] = factor * rows[row + j] - root * blockMean[j];
      }
    }
    shiftTo(blockMean, blockWeight, n);
    scatter.addOuterProducts(centred, n + 1);
  }

  /** Moves the mean and writes, as row {@code at} of the buffer, what the scatter gains by it. */
  private void shiftTo(double[] otherMean, double otherWeight, int at) {
    double total = weight + otherWeight;
    double root = Math.sqrt(weight * otherWeight / total);
    for (int j = 0; j < dim; j++) {
      double delta = otherMean[j] - mean[j];
      centred[at * dim + j] = root * delta;
      mean[j] += delta * (otherWeight / total);
    }
    weight = total;
  }

  /**
   * Adds all that another accumulator has seen.
   *
   * @param other an accumulator of the same width and normalisation; not modified
   * @return this
   * @throws IllegalArgumentException if the widths or normalisations differ, or only one has
   *     weights
   */
  public MomentAccumulator merge(MomentAccumulator other) {
    checkState(!closed && !other.closed, "a closed accumulator cannot be merged");
    checkArgument(other != this, "an accumulator cannot be merged with itself");
    checkArgument(dim == other.dim, "cannot merge %s columns into %s columns", other.dim, dim);
    checkArgument(
        normalization == other.normalization,
        "cannot merge rows normalised by %s into rows normalised by %s",
        other.normalization,
        normalization);
    if (other.count == 0) {
      return this;
    }
    checkArgument(
        count == 0 || weighted == other.weighted,
        "rows with and without weights cannot be mixed in one accumulator");
    weighted = other.weighted;
    for (int j = 0; j < dim; j++) {
      rootWeightedSum[j] += other.rootWeightedSum[j];
    }
    rootWeight += other.rootWeight;
    normSum += other.normSum;
    count += other.count;
    if (other.weight > 0) {
      scatter.add(other.scatter.toArray());
      if (centred.length < dim) {
        centred = new double[dim];
      }
      shiftTo(other.mean, other.weight, 0);
      scatter.addOuterProducts(centred, 1);
    }
    return this;
  }

  /**
   * The number of rows seen.
   *
   * @return n
   */
  public long count() {
    return count;
  }

  /**
   * The width of a row.
   *
   * @return d_l
   */
  public int dim() {
    return dim;
  }

  /**
   * What is done to rows before they are summed.
   *
   * @return the normalisation
   */
  public RowNormalization normalization() {
    return normalization;
  }

  /**
   * The mean of the rows' Euclidean norms, before any normalisation, without weights.
   *
   * @return the mean norm; 0 before the first row
   */
  public double meanNorm() {
    return count == 0 ? 0 : normSum / count;
  }

  /**
   * The mean row, weighted if weights were given.
   *
   * @return [d_l], a copy
   */
  public double[] mean() {
    return mean.clone();
  }

  /**
   * The covariance of the rows with divisor n - 1.
   *
   * <p>With weights w and p = w / sum(w) it is the sample covariance of the rows (x - mean)
   * sqrt(p), which centres once more and divides by n - 1: about n times smaller than the weighted
   * covariance.
   *
   * @return [d_l, d_l] row by row, symmetric, a copy
   * @throws IllegalStateException if fewer than two rows were seen or all weights are 0
   */
  public double[] covariance() {
    checkState(!closed, "this accumulator is closed");
    checkState(count >= 2, "a covariance needs at least 2 rows, found %s", count);
    checkState(weight > 0, "all weights are 0: a weighted mean needs at least one above 0");
    double[] covariance = scatter.toArray();
    double divisor = (double) (count - 1);
    if (!weighted) {
      for (int i = 0; i < covariance.length; i++) {
        covariance[i] /= divisor;
      }
      return covariance;
    }
    double[] centre = new double[dim];
    for (int j = 0; j < dim; j++) {
      centre[j] = (rootWeightedSum[j] - mean[j] * rootWeight) / Math.sqrt(weight) / count;
    }
    for (int i = 0; i < dim; i++) {
      for (int j = 0; j < dim; j++) {
        int at = i * dim + j;
        covariance[at] = (covariance[at] / weight - count * centre[i] * centre[j]) / divisor;
      }
    }
    return covariance;
  }

  /** Frees native memory; the accumulator cannot be used afterwards. */
  @Override
  public void close() {
    closed = true;
    scatter.close();
  }

  /**
   * A short description.
   *
   * @return rows seen and width
   */
  @Override
  public String toString() {
    return "MomentAccumulator[rows=" + count + ", columns=" + dim + ", " + normalization + "]";
  }
}
