package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;

/** Rows of float64 numbers. */
final class DoubleRows extends NodeRows {
  private final double[][] rows;

  DoubleRows(int count, int width) {
    super(count, width);
    this.rows = new double[count][width];
  }

  double[] row(int row) {
    return rows[row];
  }

  private static double[] row(NodeRows source, int row) {
    return ((DoubleRows) source).rows[row];
  }

  @Override
  ElementType elementType() {
    return ElementType.FLOAT64;
  }

  @Override
  void read(int row, Tensor table, int from) {
    System.arraycopy(table.doubles(), from * width(), rows[row], 0, width());
  }

  @Override
  void write(int row, Tensor table, int to) {
    System.arraycopy(rows[row], 0, table.doubles(), to * width(), width());
  }

  @Override
  void copy(int row, NodeRows source, int from) {
    System.arraycopy(row(source, from), 0, rows[row], 0, width());
  }

  @Override
  void clear(int row) {
    Arrays.fill(rows[row], 0);
  }

  @Override
  void scale(int row, double factor) {
    double[] values = rows[row];
    for (int j = 0; j < values.length; j++) {
      values[j] *= factor;
    }
  }

  @Override
  void add(int row, double factor, NodeRows source, int from) {
    addScaled(factor, row(source, from), rows[row]);
  }

  private static void addScaled(double factor, double[] x, double[] y) {
    for (int j = 0; j < y.length; j++) {
      y[j] += factor * x[j];
    }
  }

  @Override
  void addPart(int row, Product product, int start, int end) {
    int[] columns = product.matrix().columns();
    double[] w = product.weights().values();
    for (int e = start; e < end; e++) {
      double factor = w[product.weights().ofColumns() ? columns[e] : e];
      addScaled(factor, row(product.source(), columns[e]), rows[row]);
    }
  }

  @Override
  double dot(int row, NodeRows other, int otherRow) {
    double[] x = rows[row];
    double[] y = row(other, otherRow);
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      sum += x[j] * y[j];
    }
    return sum;
  }

  @Override
  void addTo(int row, double[] sum) {
    addScaled(1, rows[row], sum);
  }

  @Override
  void add(int row, Tensor vector) {
    addScaled(1, vector.doubles(), rows[row]);
  }

  @Override
  void leaky(int row, double slope) {
    leakyBackward(row, slope, this);
  }

  @Override
  void leakyBackward(int row, double slope, NodeRows activations) {
    double[] values = rows[row];
    double[] of = row(activations, row);
    for (int j = 0; j < values.length; j++) {
      values[j] = of[j] > 0 ? values[j] : slope * values[j];
    }
  }
}
