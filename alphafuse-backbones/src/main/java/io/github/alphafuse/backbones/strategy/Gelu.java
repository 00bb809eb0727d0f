package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.backbones.internal.FusedGelu;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The exact GELU, x Phi(x), of the numbers of a tensor, and its derivative. It uses {@link
 * FusedGelu} in float32, and is accurate to the last digits in float64.
 *
 * <p>Calls for parts that do not overlap are thread-safe.
 */
final class Gelu {
  private static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);

  /** From this number on the continued fraction is exact with few terms. */
  private static final double FAR = 3;

  private static final int TERMS = 60;

  private final @Nullable FusedGelu floats;
  private final double[] derivative;

  /** The function of up to so many numbers. */
  Gelu(ElementType type, int length) {
    this.floats = type == ElementType.FLOAT32 ? new FusedGelu(length) : null;
    this.derivative = new double[type == ElementType.FLOAT32 ? 0 : length];
  }

  /** Replaces the numbers of a range by their GELU. */
  void forward(Tensor x, int from, int to) {
    if (floats != null) {
      floats.forward(x.floats(), from, to);
      return;
    }
    double[] values = x.doubles();
    for (int i = from; i < to; i++) {
      double value = values[i];
      double phi = phi(value);
      values[i] = value * phi;
      derivative[i] = phi + value * DENSITY * Math.exp(-0.5 * value * value);
    }
  }

  /** Multiplies the gradient of the results by the derivative. */
  void backward(Tensor gradient, int from, int to) {
    if (floats != null) {
      floats.backward(gradient.floats(), from, to);
      return;
    }
    double[] values = gradient.doubles();
    for (int i = from; i < to; i++) {
      values[i] *= derivative[i];
    }
  }

  /** The distribution function of the standard normal distribution. */
  static double phi(double x) {
    double z = Math.abs(x) * Math.sqrt(0.5);
    double below; // Phi(-|x|)
    if (z < FAR) {
      // erf(z) = 2 / sqrt(pi) exp(-z^2) (z + 2 z^3 / 3 + 4 z^5 / 15 + ..): no term is negative.
      double term = z;
      double sum = z;
      for (int n = 1; n < TERMS; n++) {
        term *= 2 * z * z / (2 * n + 1);
        sum += term;
      }
      below = 0.5 - sum * Math.exp(-z * z) / Math.sqrt(Math.PI);
    } else {
      // erfc(z) = exp(-z^2) / sqrt(pi) / (z + (1/2) / (z + 1 / (z + (3/2) / (z + ..))))
      double tail = z;
      for (int n = TERMS; n >= 1; n--) {
        tail = z + 0.5 * n / tail;
      }
      below = 0.5 * Math.exp(-z * z) / Math.sqrt(Math.PI) / tail;
    }
    return x < 0 ? below : 1 - below;
  }
}
