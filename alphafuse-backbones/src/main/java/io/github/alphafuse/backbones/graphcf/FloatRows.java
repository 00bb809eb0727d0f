package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatVectors;
import java.util.Arrays;

/** Rows of float32 numbers. */
final class FloatRows extends NodeRows {
  /** The number of rows that are read before they are summed. */
  private static final int AHEAD = 16;

  /** Numbers of a cache line. */
  private static final int LINE = 16;

  private final float[][] rows;

  FloatRows(int count, int width) {
    super(count, width);
    this.rows = new float[count][width];
  }

  float[] row(int row) {
    return rows[row];
  }

  private static float[] row(NodeRows source, int row) {
    return ((FloatRows) source).rows[row];
  }

  @Override
  ElementType elementType() {
    return ElementType.FLOAT32;
  }

  @Override
  void read(int row, Tensor table, int from) {
    System.arraycopy(table.floats(), from * width(), rows[row], 0, width());
  }

  @Override
  void write(int row, Tensor table, int to) {
    System.arraycopy(rows[row], 0, table.floats(), to * width(), width());
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
    FloatVectors.scale((float) factor, rows[row]);
  }

  @Override
  void add(int row, double factor, NodeRows source, int from) {
    FloatVectors.addScaled((float) factor, row(source, from), rows[row], width());
  }

  @Override
  void addPart(int row, Product product, int start, int end) {
    float[][] sources = ((FloatRows) product.source()).rows;
    int[] columns = product.matrix().columns();
    double[] w = product.weights().values();
    boolean ofColumns = product.weights().ofColumns();
    float[] sum = rows[row];
    float[] factors = new float[4];
    int e = start;
    float touched = 0;
    for (; e + 3 < end; e += 4) {
      if ((e - start) % AHEAD == 0) {
        touched += touch(sources, columns, e, Math.min(e + AHEAD, end));
      }
      for (int k = 0; k < 4; k++) {
        factors[k] = (float) w[ofColumns ? columns[e + k] : e + k];
      }
      FloatVectors.addFourScaled(
          factors,
          sources[columns[e]],
          sources[columns[e + 1]],
          sources[columns[e + 2]],
          sources[columns[e + 3]],
          sum);
    }
    if (Float.isNaN(touched)) {
      sum[0] = touched; // not finite either; using it keeps the reads from being dropped
    }
    for (; e < end; e++) {
      float factor = (float) w[ofColumns ? columns[e] : e];
      FloatVectors.addScaled(factor, sources[columns[e]], sum, sum.length);
    }
  }

  /**
   * Reads one number per cache line of some rows. Sums keep a core so busy that it looks only a few
   * rows ahead, while these reads wait for memory at the same time.
   */
  private static float touch(float[][] sources, int[] columns, int from, int to) {
    float first = 0;
    float second = 0;
    for (int e = from; e < to; e++) {
      float[] source = sources[columns[e]];
      for (int j = 0; j < source.length; j += 2 * LINE) {
        first += source[j];
      }
      for (int j = LINE; j < source.length; j += 2 * LINE) {
        second += source[j];
      }
    }
    return first + second;
  }

  @Override
  double dot(int row, NodeRows other, int otherRow) {
    return FloatVectors.dot(rows[row], 0, row(other, otherRow), 0, width());
  }

  @Override
  void addTo(int row, double[] sum) {
    float[] values = rows[row];
    for (int j = 0; j < sum.length; j++) {
      sum[j] += values[j];
    }
  }

  @Override
  void add(int row, Tensor vector) {
    FloatVectors.addScaled(1, vector.floats(), rows[row], width());
  }

  @Override
  void leaky(int row, double slope) {
    float[] values = rows[row];
    float below = (float) slope;
    for (int j = 0; j < values.length; j++) {
      values[j] *= FloatVectors.leakySlope(values[j], below);
    }
  }

  @Override
  void leakyBackward(int row, double slope, NodeRows activations) {
    float[] values = rows[row];
    float[] of = row(activations, row);
    float below = (float) slope;
    for (int j = 0; j < values.length; j++) {
      values[j] *= FloatVectors.leakySlope(of[j], below);
    }
  }
}
