package io.github.alphafuse.backbones.loss;

import io.github.alphafuse.core.internal.FloatVectors;
import java.util.Arrays;

/**
 * Binary cross-entropy of one example. With s_k = u.r_k:
 *
 * <pre>
 * loss = log(1 + exp(-s_0)) + sum_k log(1 + exp(s_k)) / K
 * g_0 = -sigmoid(-s_0) / B     g_k = sigmoid(s_k) / (B K)     dr_k = g_k u     du = sum g_k r_k
 * </pre>
 */
record BinaryCrossEntropyKernel() implements SampledKernel {

  @Override
  public double apply(Example in) {
    int d = in.dim;
    int negatives = in.candidates - 1;
    double loss = 0;
    Arrays.fill(in.userGradient, 0);
    Arrays.fill(in.ofRow, 0);
    for (int k = 0; k < in.candidates; k++) {
      float score = FloatVectors.dot(in.user, 0, in.rows, k * d, d);
      double against = k == 0 ? -score : score;
      double weight = k == 0 ? 1 : 1.0 / negatives;
      double decay = Math.exp(-Math.abs(against));
      loss += weight * (Math.max(against, 0) + Math.log1p(decay));
      double sigmoid = against >= 0 ? 1 / (1 + decay) : decay / (1 + decay);
      float g = (float) ((k == 0 ? -sigmoid : sigmoid) * weight / in.batch);
      in.ofUser[k] = g;
      FloatVectors.addScaled(g, in.rows, k * d, in.userGradient, 0, d);
    }
    return loss;
  }
}
