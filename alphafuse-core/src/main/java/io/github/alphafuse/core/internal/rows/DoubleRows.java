package io.github.alphafuse.core.internal.rows;

import io.github.alphafuse.core.ElementType;
import java.util.Arrays;

/** Rows of float64 numbers. */
final class DoubleRows extends Rows {
  private final double[][] arrays;

  DoubleRows(double[][] arrays, Extent extent) {
    super(extent);
    this.arrays = arrays;
  }

  @Override
  Rows over(Extent other) {
    return new DoubleRows(arrays, other);
  }

  @Override
  public ElementType elementType() {
    return ElementType.FLOAT64;
  }

  /** The array that holds a row, from {@link #at} on. */
  double[] array(int row) {
    return arrays[place(row)];
  }

  @Override
  void addThrough(Rows own, int row, Rows source, int from) {
    double[] x = ((DoubleRows) source).array(from);
    double[] sum = ((DoubleRows) own).array(0);
    double[] values = array(row);
    int at = at(row);
    System.arraycopy(values, at, sum, 0, width());
    addScaled(1, x, sum, width());
    System.arraycopy(sum, 0, values, at, width());
  }

  @Override
  public double get(int row, int column) {
    return array(row)[at(row) + column];
  }

  @Override
  public void set(int row, int column, double value) {
    array(row)[at(row) + column] = value;
  }

  @Override
  public void copy(int row, Rows source, int from) {
    System.arraycopy(
        ((DoubleRows) source).array(from), source.at(from), array(row), at(row), width());
  }

  @Override
  public void clear(int row) {
    Arrays.fill(array(row), at(row), at(row) + width(), 0);
  }

  @Override
  public void scale(int row, double factor) {
    double[] values = array(row);
    int at = at(row);
    int end = at + width();
    for (int j = at; j < end; j++) {
      values[j] *= factor;
    }
  }

  @Override
  public void addScaled(int row, double factor, Rows source, int from) {
    double[] x = ((DoubleRows) source).array(from);
    int xAt = source.at(from);
    double[] y = array(row);
    int yAt = at(row);
    if ((xAt | yAt) == 0) {
      addScaled(factor, x, y, width());
      return;
    }
    int width = width();
    for (int j = 0; j < width; j++) {
      y[yAt + j] += factor * x[xAt + j];
    }
  }

  private static void addScaled(double factor, double[] x, double[] y, int width) {
    for (int j = 0; j < width; j++) {
      y[j] += factor * x[j];
    }
  }

  @Override
  public double dot(int row, Rows other, int otherRow) {
    double[] x = array(row);
    int xAt = at(row);
    double[] y = ((DoubleRows) other).array(otherRow);
    int yAt = other.at(otherRow);
    int width = width();
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += x[xAt + j] * y[yAt + j];
    }
    return sum;
  }

  @Override
  public void addTo(int row, double[] sum) {
    double[] values = array(row);
    int at = at(row);
    for (int j = 0; j < sum.length; j++) {
      sum[j] += values[at + j];
    }
  }

  @Override
  public void leaky(int row, double slope) {
    leakyBackward(row, slope, this);
  }

  @Override
  public void leakyBackward(int row, double slope, Rows activations) {
    double[] values = array(row);
    int at = at(row);
    double[] of = ((DoubleRows) activations).array(row);
    int ofAt = activations.at(row);
    int width = width();
    for (int j = 0; j < width; j++) {
      values[at + j] = of[ofAt + j] > 0 ? values[at + j] : slope * values[at + j];
    }
  }

  @Override
  public void addSum(int row, WeightedRows weighted, int start, int end) {
    double[][] sources = ((DoubleRows) weighted.source()).arrays;
    int[] ids = weighted.ids();
    double[] w = weighted.weights();
    for (int e = start; e < end; e++) {
      addScaled(w[weighted.byId() ? ids[e] : e], sources[ids[e]], arrays[row], width());
    }
  }
}
