package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DenseKernels.ScatterMatrix;
import io.github.alphafuse.core.internal.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Mean and covariance of rows that arrive in blocks, in one pass, in float64, and in memory that
 * depends only on d_l.
 *
 * <p>Blocks are centred on their own mean before they are summed, so precision is not lost if the
 * mean is large compared to the spread. Accumulators over different rows can be {@linkplain #merge
 * merged}, so that several workers can each process a part of a catalogue.
 *
 * <p>Legend: n rows, d_l language dimension. Not thread-safe. Close it, since it holds native
 * memory if a BLAS is on the classpath.
 *
 * <p>See: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 * variances" (1979).
 */
public final class MomentAccumulator implements AutoCloseable {
  /**
   * Rows that are summed at once. A thread takes half of them, which the BLAS multiplies in one
   * pass over the matrix.
   */
  static final int BLOCK_ROWS = 704;

  /** Rows that one thread sums. A block is a multiple of this. */
  private static final int CHUNK_ROWS = 64;

  /** The fewest numbers per thread. */
  private static final int LEAST = 1 << 15;

  private final int dim;
  private final RowNormalization normalization;
  private final ScatterMatrix scatter;
  private final double[] mean;
  // With weights, the sums of sqrt(w) x and of sqrt(w), with which the weighted covariance of the
  // method centres once more.
  private final double[] rootWeightedSum;
  private double rootWeight;
  private double weight;
  private double normSum;
  private long count;
  private boolean weighted;
  private boolean closed;

  private MomentAccumulator(int dim, RowNormalization normalization) {
    checkArgument(dim >= 1, "dim must be at least 1, found %s", dim);
    this.dim = dim;
    this.normalization = normalization;
    this.scatter = DenseKernels.get().newScatterMatrix(dim);
    this.mean = new double[dim];
    this.rootWeightedSum = new double[dim];
  }

  /**
   * An empty accumulator.
   *
   * @param dim d_l, at least 1
   * @param normalization how rows are normalised; only {@link RowNormalization#ROWS} changes them
   *     here, the mean norm is applied when a projector is fitted
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
   * @return this accumulator
   * @throws IllegalArgumentException if the array is not a whole number of rows, a number is not
   *     finite, or a row is all zeros under {@link RowNormalization#ROWS}; nothing is added then
   * @throws IllegalStateException if weighted rows were added before
   */
  public MomentAccumulator add(double[] rows) {
    return add(rows, wholeRows(rows), null);
  }

  /**
   * Adds weighted rows.
   *
   * @param rows [n, d_l] row by row; not modified
   * @param weights [n] weights, at least 0, in any unit
   * @return this accumulator
   * @throws IllegalArgumentException if the sizes do not fit, a number is not finite, a weight is
   *     negative, or a row is all zeros under {@link RowNormalization#ROWS}; nothing is added then
   * @throws IllegalStateException if rows without weights were added before
   */
  public MomentAccumulator addWeighted(double[] rows, double[] weights) {
    return add(rows, wholeRows(rows), weights);
  }

  private int wholeRows(double[] rows) {
    checkArgument(
        rows.length % dim == 0,
        "rows must hold a whole number of rows of %s columns, found %s numbers",
        dim,
        rows.length);
    return rows.length / dim;
  }

  /** Adds the first n rows of a buffer, all or none. */
  @CanIgnoreReturnValue
  MomentAccumulator add(double[] rows, int n, double @Nullable [] weights) {
    checkState(!closed, "this accumulator is closed");
    checkState(
        count == 0 || weighted == (weights != null),
        "rows with and without weights cannot be mixed in one accumulator");
    if (weights != null) {
      checkArgument(
          weights.length == n,
          "weights must hold one number per row (%s), found %s",
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
    Sums sums = new Sums(rows, weights, n);
    requireUsable(rows, sums.norms);
    for (int from = 0; from < n; from += BLOCK_ROWS) {
      addBlock(sums, from, Math.min(BLOCK_ROWS, n - from));
    }
    weighted = weights != null;
    return this;
  }

  /**
   * A block of incoming rows with their norms. Sums are taken per chunk, so that they do not depend
   * on the number of threads.
   */
  private final class Sums {
    private final double[] rows;
    private final double @Nullable [] weights;
    private final double[] norms;
    private final double[] weightedSums;
    private final double[] rootWeightedSums;

    Sums(double[] rows, double @Nullable [] weights, int n) {
      this.rows = rows;
      this.weights = weights;
      this.norms = new double[n];
      int chunks = (n + CHUNK_ROWS - 1) / CHUNK_ROWS;
      this.weightedSums = new double[chunks * dim];
      this.rootWeightedSums = new double[weights == null ? 0 : chunks * dim];
      Workers.split(
          chunks,
          LEAST / dim / CHUNK_ROWS + 1,
          (from, to) -> {
            for (int chunk = from; chunk < to; chunk++) {
              add(chunk, Math.min(n, (chunk + 1) * CHUNK_ROWS));
            }
          });
    }

    /** Rows and sums are held in arrays of their own, since only loops from 0 become SIMD code. */
    private void add(int chunk, int end) {
      double[] row = new double[dim];
      double[] sum = new double[dim];
      double[] rootSum = new double[weights == null ? 0 : dim];
      for (int i = chunk * CHUNK_ROWS; i < end; i++) {
        norms[i] = norm(i * dim);
        System.arraycopy(rows, i * dim, row, 0, dim);
        double factor = factor(i);
        addScaled(weight(i) * factor, row, sum);
        if (weights != null) {
          addScaled(Math.sqrt(weights[i]) * factor, row, rootSum);
        }
      }
      System.arraycopy(sum, 0, weightedSums, chunk * dim, dim);
      System.arraycopy(rootSum, 0, rootWeightedSums, chunk * rootSum.length, rootSum.length);
    }

    private static void addScaled(double factor, double[] row, double[] sum) {
      for (int j = 0; j < sum.length; j++) {
        sum[j] += factor * row[j];
      }
    }

    /** With four sums, an addition does not wait for the one before. */
    private double norm(int row) {
      double a = 0;
      double b = 0;
      double c = 0;
      double d = 0;
      int j = row;
      for (int end = row + dim - 3; j < end; j += 4) {
        a += rows[j] * rows[j];
        b += rows[j + 1] * rows[j + 1];
        c += rows[j + 2] * rows[j + 2];
        d += rows[j + 3] * rows[j + 3];
      }
      for (; j < row + dim; j++) {
        a += rows[j] * rows[j];
      }
      return Math.sqrt((a + b) + (c + d));
    }

    double weight(int i) {
      return weights == null ? 1 : weights[i];
    }

    /** The factor by which a row is multiplied before it is summed. */
    double factor(int i) {
      return normalization == RowNormalization.ROWS ? 1 / norms[i] : 1;
    }

    void centre(int i, double[] blockMean, double[] target) {
      double root = weights == null ? 1 : Math.sqrt(weights[i]);
      double factor = root * factor(i);
      System.arraycopy(rows, i * dim, target, 0, dim);
      for (int j = 0; j < dim; j++) {
        target[j] = factor * target[j] - root * blockMean[j];
      }
    }
  }

  private void requireUsable(double[] rows, double[] norms) {
    for (int i = 0; i < norms.length; i++) {
      if (!(norms[i] < Double.POSITIVE_INFINITY)) {
        requireFinite(rows, i);
      }
      checkArgument(
          normalization != RowNormalization.ROWS || norms[i] > 0,
          "row %s must not be all zeros to be normalised to norm 1",
          count + i);
    }
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

  private void addBlock(Sums sums, int from, int n) {
    double[] blockMean = new double[dim];
    int lastChunk = (from + n - 1) / CHUNK_ROWS;
    for (int chunk = from / CHUNK_ROWS; chunk <= lastChunk; chunk++) {
      addLine(sums.weightedSums, chunk, blockMean);
      if (sums.weights != null) {
        addLine(sums.rootWeightedSums, chunk, rootWeightedSum);
      }
    }
    double blockWeight = 0;
    for (int i = from; i < from + n; i++) {
      blockWeight += sums.weight(i);
      rootWeight += Math.sqrt(sums.weight(i));
      normSum += sums.norms[i];
    }
    count += n;
    if (blockWeight == 0) {
      return;
    }
    for (int j = 0; j < dim; j++) {
      blockMean[j] /= blockWeight;
    }
    double[] shift = shiftTo(blockMean, blockWeight);
    scatter.addOuterProducts(
        (row, target) -> {
          if (row < n) {
            sums.centre(from + row, blockMean, target);
          } else {
            System.arraycopy(shift, 0, target, 0, dim);
          }
        },
        n + 1);
  }

  private void addLine(double[] lines, int line, double[] sum) {
    for (int j = 0; j < dim; j++) {
      sum[j] += lines[line * dim + j];
    }
  }

  /** Moves the mean and returns the row that has to be added to the scatter. */
  private double[] shiftTo(double[] otherMean, double otherWeight) {
    double total = weight + otherWeight;
    double root = Math.sqrt(weight * otherWeight / total);
    double[] shift = new double[dim];
    for (int j = 0; j < dim; j++) {
      double delta = otherMean[j] - mean[j];
      shift[j] = root * delta;
      mean[j] += delta * (otherWeight / total);
    }
    weight = total;
    return shift;
  }

  /**
   * Adds the rows of another accumulator.
   *
   * @param other an accumulator of the same width and normalisation; not modified
   * @return this accumulator
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
      scatter.addOuterProducts(shiftTo(other.mean, other.weight), 1);
    }
    return this;
  }

  /**
   * The number of rows that were added.
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
   * How rows are normalised before they are summed.
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
   * sqrt(p). This centres once more and divides by n - 1, so it is about n times smaller than the
   * weighted covariance.
   *
   * @return [d_l, d_l] row by row, symmetric, a copy
   * @throws IllegalStateException if there were fewer than two rows or all weights are 0
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
   * @return the number of rows and the width
   */
  @Override
  public String toString() {
    return "MomentAccumulator[rows=" + count + ", columns=" + dim + ", " + normalization + "]";
  }
}
