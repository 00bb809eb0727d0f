package io.github.alphafuse.backbones.dreamrec;

import io.github.alphafuse.backbones.model.Loss;
import java.util.Locale;

/**
 * The distance between a target's row and its prediction from noise, averaged over all numbers of a
 * batch.
 */
public enum DiffusionLoss implements Loss {
  /** The squared error. */
  L2 {
    @Override
    double differentiate(float[] error) {
      double sum = 0;
      for (int j = 0; j < error.length; j++) {
        sum += error[j] * error[j];
        error[j] *= 2;
      }
      return sum;
    }
  },
  /** The absolute error. */
  L1 {
    @Override
    double differentiate(float[] error) {
      double sum = 0;
      for (int j = 0; j < error.length; j++) {
        sum += Math.abs(error[j]);
        error[j] = Math.signum(error[j]);
      }
      return sum;
    }
  },
  /**
   * Half the squared error up to 1, the absolute error less a half beyond (smooth L1 with beta 1).
   */
  HUBER {
    @Override
    double differentiate(float[] error) {
      double sum = 0;
      for (int j = 0; j < error.length; j++) {
        float size = Math.abs(error[j]);
        sum += size < 1 ? 0.5f * size * size : size - 0.5f;
        error[j] = Math.max(-1, Math.min(1, error[j]));
      }
      return sum;
    }
  };

  /** The summed loss of errors, which are replaced by its derivative. */
  abstract double differentiate(float[] error);

  /**
   * A loss by its name.
   *
   * @param name l2, l1 or huber, in any case
   * @return the loss
   * @throws IllegalArgumentException if there is none of that name
   */
  public static DiffusionLoss named(String name) {
    try {
      return valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "diffusion loss must be l2, l1 or huber, found '" + name + "'", e);
    }
  }
}
