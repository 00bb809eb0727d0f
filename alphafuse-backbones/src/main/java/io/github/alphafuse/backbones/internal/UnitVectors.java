package io.github.alphafuse.backbones.internal;

import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;

/**
 * Vectors divided by their lengths, whose inner products are cosines.
 *
 * <p>A length is sqrt(x.x + 1e-24), as in the losses, so a vector of zeros does not change.
 *
 * <p>Legend: n vectors, d width.
 */
public final class UnitVectors {
  private static final double SQUARED_EPSILON = 1e-24;

  private UnitVectors() {}

  /**
   * Divides vectors by their lengths, in place.
   *
   * @param vectors [n, d]
   * @return the lengths [n]
   */
  public static double[] normalize(Tensor vectors) {
    int dim = vectors.shape(1);
    double[] lengths = new double[vectors.shape(0)];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] =
          vectors.elementType() == ElementType.FLOAT32
              ? normalize(vectors.floats(), i * dim, dim)
              : normalize(vectors.doubles(), i * dim, dim);
    }
    return lengths;
  }

  /**
   * Vectors as a similarity compares them.
   *
   * @param vectors [n, d], not changed
   * @param similarity the similarity
   * @return copies of length 1 for cosines, else the vectors themselves
   */
  public static Tensor compared(Tensor vectors, Similarity similarity) {
    if (similarity != Similarity.COSINE) {
      return vectors;
    }
    Tensor units = vectors.copy();
    normalize(units);
    return units;
  }

  private static double normalize(float[] numbers, int at, int dim) {
    double square = SQUARED_EPSILON;
    for (int j = at; j < at + dim; j++) {
      square += (double) numbers[j] * numbers[j];
    }
    double length = Math.sqrt(square);
    float factor = (float) (1 / length);
    for (int j = at; j < at + dim; j++) {
      numbers[j] *= factor;
    }
    return length;
  }

  private static double normalize(double[] numbers, int at, int dim) {
    double square = SQUARED_EPSILON;
    for (int j = at; j < at + dim; j++) {
      square += numbers[j] * numbers[j];
    }
    double length = Math.sqrt(square);
    for (int j = at; j < at + dim; j++) {
      numbers[j] /= length;
    }
    return length;
  }
}
