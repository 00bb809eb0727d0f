package io.github.alphafuse.backbones.loss;

import io.github.alphafuse.core.internal.FloatVectors;
import java.util.Arrays;

/**
 * InfoNCE of one example. With n = u / |u|, c_k = n.r_k / |r_k| and p = softmax(c / tau):
 *
 * <pre>
 * loss = log sum exp(c / tau) - c_0 / tau        g_k = (p_k - [k = 0]) / (tau B)
 * dr_k = g_k (n - c_k r_k / |r_k|) / |r_k|       du  = (s - (n.s) n) / |u|,  s = sum g_k r_k / |r_k|
 * </pre>
 */
record InfoNceKernel(double temperature) implements SampledKernel {
  /** Squared, so that a length is at least 1e-12. */
  private static final double SQUARED_EPSILON = 1e-24;

  @Override
  public double apply(Example in) {
    int d = in.dim;
    float userInverse = inverseLength(in.user, 0, d);
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < in.candidates; k++) {
      float inverse = inverseLength(in.rows, k * d, d);
      float cosine = FloatVectors.dot(in.user, 0, in.rows, k * d, d) * userInverse * inverse;
      in.inverse[k] = inverse;
      in.logits[k] = cosine;
      largest = Math.max(largest, cosine / temperature);
    }
    double total = 0;
    for (int k = 0; k < in.candidates; k++) {
      double weight = Math.exp(in.logits[k] / temperature - largest);
      in.ofUser[k] = (float) weight;
      total += weight;
    }
    double loss = Math.log(total) + largest - in.logits[0] / temperature;
    float[] s = in.userGradient;
    Arrays.fill(s, 0);
    for (int k = 0; k < in.candidates; k++) {
      double share = in.ofUser[k] / total;
      float g = (float) ((share - (k == 0 ? 1 : 0)) / (temperature * in.batch));
      float inverse = in.inverse[k];
      FloatVectors.addScaled(g * inverse, in.rows, k * d, s, 0, d);
      in.ofUser[k] = g * inverse * userInverse;
      in.ofRow[k] = -g * in.logits[k] * inverse * inverse;
    }
    float along = FloatVectors.dot(s, 0, in.user, 0, d) * userInverse * userInverse;
    for (int j = 0; j < d; j++) {
      s[j] = (s[j] - along * in.user[j]) * userInverse;
    }
    return loss;
  }

  private static float inverseLength(float[] x, int at, int d) {
    return (float) (1 / Math.sqrt(FloatVectors.dot(x, at, x, at, d) + SQUARED_EPSILON));
  }
}
