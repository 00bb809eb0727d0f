package io.github.alphafuse.backbones.dreamrec;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.random.RandomGenerator;

/** Rows of numbers from N(0, 1). */
final class GaussianRow {
  private GaussianRow() {}

  /** Overwrites row b of a matrix. */
  static void fill(Tensor matrix, int b, RandomGenerator random) {
    int d = matrix.shape(1);
    if (matrix.elementType() == ElementType.FLOAT32) {
      float[] values = matrix.floats();
      for (int j = b * d; j < (b + 1) * d; j++) {
        values[j] = (float) random.nextGaussian();
      }
    } else {
      double[] values = matrix.doubles();
      for (int j = b * d; j < (b + 1) * d; j++) {
        values[j] = random.nextGaussian();
      }
    }
  }
}
