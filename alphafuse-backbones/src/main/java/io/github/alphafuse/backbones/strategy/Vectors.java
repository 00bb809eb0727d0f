package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.backbones.internal.FusedProduct;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatVectors;

/**
 * Loops over pieces of tensors of one type, float32 or float64. They become SIMD code if all pieces
 * start at the beginning of their tensors. Thread-safe.
 */
final class Vectors {
  private Vectors() {}

  /**
   * A piece of a tensor.
   *
   * @param tensor the tensor
   * @param at the index at which it starts
   */
  record Piece(Tensor tensor, int at) {
    /** A row of a table. */
    static Piece row(Tensor table, int row) {
      return new Piece(table, row * table.shape(1));
    }

    private boolean isFloat() {
      return tensor.elementType() == ElementType.FLOAT32;
    }
  }

  /** The sum of x_i y_i. */
  static double dot(Piece x, Piece y, int length) {
    if (x.isFloat()) {
      return FloatVectors.dot(x.tensor.floats(), x.at, y.tensor.floats(), y.at, length);
    }
    double[] left = x.tensor.doubles();
    double[] right = y.tensor.doubles();
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += left[x.at + i] * right[y.at + i];
    }
    return sum;
  }

  /** y = y + a x. */
  static void addScaled(double a, Piece x, Piece y, int length) {
    if (x.isFloat() && x.at == 0 && y.at == 0) {
      FloatVectors.addScaled((float) a, x.tensor.floats(), y.tensor.floats(), length);
      return;
    }
    if (x.isFloat()) {
      FloatVectors.addScaled((float) a, x.tensor.floats(), x.at, y.tensor.floats(), y.at, length);
      return;
    }
    double[] source = x.tensor.doubles();
    double[] target = y.tensor.doubles();
    for (int i = 0; i < length; i++) {
      target[y.at + i] += a * source[x.at + i];
    }
  }

  /** y = a x. */
  static void scale(double a, Piece x, Piece y, int length) {
    if (x.isFloat()) {
      float[] source = x.tensor.floats();
      float[] target = y.tensor.floats();
      float factor = (float) a;
      if (x.at == 0 && y.at == 0) {
        for (int i = 0; i < length; i++) {
          target[i] = factor * source[i];
        }
        return;
      }
      for (int i = 0; i < length; i++) {
        target[y.at + i] = factor * source[x.at + i];
      }
      return;
    }
    double[] source = x.tensor.doubles();
    double[] target = y.tensor.doubles();
    for (int i = 0; i < length; i++) {
      target[y.at + i] = a * source[x.at + i];
    }
  }

  /** Adds a vector [d] to each of the first rows [., d]. */
  static void addToRows(Tensor vector, Tensor rows, int count) {
    if (rows.elementType() == ElementType.FLOAT32) {
      FusedProduct.addToRows(vector.floats(), rows.floats(), 0, count);
      return;
    }
    for (int r = 0; r < count; r++) {
      addScaled(1, new Piece(vector, 0), Piece.row(rows, r), vector.size());
    }
  }

  /** Adds each of the first rows [., d] to a vector [d]. */
  static void addRows(Tensor rows, int count, Tensor sum) {
    if (rows.elementType() == ElementType.FLOAT32) {
      FusedProduct.addRows(rows.floats(), count, sum.floats());
      return;
    }
    for (int r = 0; r < count; r++) {
      addScaled(1, Piece.row(rows, r), new Piece(sum, 0), sum.size());
    }
  }

  /** y = x. */
  static void copy(Piece x, Piece y, int length) {
    if (x.isFloat()) {
      System.arraycopy(x.tensor.floats(), x.at, y.tensor.floats(), y.at, length);
    } else {
      System.arraycopy(x.tensor.doubles(), x.at, y.tensor.doubles(), y.at, length);
    }
  }
}
