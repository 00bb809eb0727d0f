package io.github.alphafuse.core.internal.rows;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.internal.FloatVectors;
import java.util.Arrays;

/** Rows of float32 numbers. */
final class FloatRows extends Rows {
  /** The number of rows that are read before they are summed. */
  private static final int AHEAD = 16;

  /** Numbers of a cache line. */
  private static final int LINE = 16;

  private final float[][] arrays;

  FloatRows(float[][] arrays, Extent extent) {
    super(extent);
    this.arrays = arrays;
  }

  @Override
  Rows over(Extent other) {
    return new FloatRows(arrays, other);
  }

  @Override
  public ElementType elementType() {
    return ElementType.FLOAT32;
  }

  /** The array that holds a row, from {@link #at} on. */
  float[] array(int row) {
    return arrays[place(row)];
  }

  @Override
  void addThrough(Rows own, int row, Rows source, int from) {
    float[] x = ((FloatRows) source).array(from);
    float[] sum = ((FloatRows) own).array(0);
    float[] values = array(row);
    int at = at(row);
    System.arraycopy(values, at, sum, 0, width());
    FloatVectors.addScaled(1, x, sum, width());
    System.arraycopy(sum, 0, values, at, width());
  }

  @Override
  public double get(int row, int column) {
    return array(row)[at(row) + column];
  }

  @Override
  public void set(int row, int column, double value) {
    array(row)[at(row) + column] = (float) value;
  }

  @Override
  public void copy(int row, Rows source, int from) {
    System.arraycopy(
        ((FloatRows) source).array(from), source.at(from), array(row), at(row), width());
  }

  @Override
  public void clear(int row) {
    Arrays.fill(array(row), at(row), at(row) + width(), 0);
  }

  @Override
  public void scale(int row, double factor) {
    FloatVectors.scale((float) factor, array(row), at(row), width());
  }

  @Override
  public void addScaled(int row, double factor, Rows source, int from) {
    float[] x = ((FloatRows) source).array(from);
    int xAt = source.at(from);
    float[] y = array(row);
    int yAt = at(row);
    if ((xAt | yAt) == 0) {
      FloatVectors.addScaled((float) factor, x, y, width());
    } else {
      FloatVectors.addScaled((float) factor, x, xAt, y, yAt, width());
    }
  }

  @Override
  public double dot(int row, Rows other, int otherRow) {
    return FloatVectors.dot(
        array(row), at(row), ((FloatRows) other).array(otherRow), other.at(otherRow), width());
  }

  @Override
  public void addTo(int row, double[] sum) {
    float[] values = array(row);
    int at = at(row);
    for (int j = 0; j < sum.length; j++) {
      sum[j] += values[at + j];
    }
  }

  @Override
  public void leaky(int row, double slope) {
    float[] values = array(row);
    int at = at(row);
    int width = width();
    float below = (float) slope;
    for (int j = 0; j < width; j++) {
      values[at + j] *= FloatVectors.leakySlope(values[at + j], below);
    }
  }

  @Override
  public void leakyBackward(int row, double slope, Rows activations) {
    float[] values = array(row);
    int at = at(row);
    float[] of = ((FloatRows) activations).array(row);
    int ofAt = activations.at(row);
    int width = width();
    float below = (float) slope;
    if ((at | ofAt) == 0) {
      for (int j = 0; j < width; j++) {
        values[j] *= FloatVectors.leakySlope(of[j], below);
      }
      return;
    }
    for (int j = 0; j < width; j++) {
      values[at + j] *= FloatVectors.leakySlope(of[ofAt + j], below);
    }
  }

  @Override
  public void addSum(int row, WeightedRows weighted, int start, int end) {
    float[][] sources = ((FloatRows) weighted.source()).arrays;
    int[] ids = weighted.ids();
    double[] w = weighted.weights();
    boolean byId = weighted.byId();
    float[] sum = arrays[row];
    float[] factors = new float[4];
    int e = start;
    float touched = 0;
    for (; e + 3 < end; e += 4) {
      if ((e - start) % AHEAD == 0) {
        touched += touch(sources, ids, e, Math.min(e + AHEAD, end));
      }
      for (int k = 0; k < 4; k++) {
        factors[k] = (float) w[byId ? ids[e + k] : e + k];
      }
      FloatVectors.addFourScaled(
          factors,
          sources[ids[e]],
          sources[ids[e + 1]],
          sources[ids[e + 2]],
          sources[ids[e + 3]],
          sum);
    }
    if (Float.isNaN(touched)) {
      sum[0] = touched; // not finite either; using it keeps the reads from being dropped
    }
    for (; e < end; e++) {
      float factor = (float) w[byId ? ids[e] : e];
      FloatVectors.addScaled(factor, sources[ids[e]], sum, sum.length);
    }
  }

  /**
   * Reads one number per cache line of some rows. Sums keep a core so busy that it looks only a few
   * rows ahead, while these reads wait for memory at the same time.
   */
  private static float touch(float[][] sources, int[] ids, int from, int to) {
    float first = 0;
    float second = 0;
    for (int e = from; e < to; e++) {
      float[] source = sources[ids[e]];
      for (int j = 0; j < source.length; j += 2 * LINE) {
        first += source[j];
      }
      for (int j = LINE; j < source.length; j += 2 * LINE) {
        second += source[j];
      }
    }
    return first + second;
  }
}
