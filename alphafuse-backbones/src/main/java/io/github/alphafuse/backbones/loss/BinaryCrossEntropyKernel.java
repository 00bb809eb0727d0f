package io.github.alphafuse.backbones.loss;

/**
 * Binary cross-entropy of one example: log(1 + exp(-s_0)) + sum_k log(1 + exp(s_k)) / K, whose
 * derivatives are -sigmoid(-s_0) and sigmoid(s_k) / K.
 */
record BinaryCrossEntropyKernel() implements SampledKernel {

  /** The number of factors up to 2 whose product is far from overflow. */
  private static final int AT_ONCE = 512;

  @Override
  public double apply(float[] scores, float[] gradient) {
    double weight = 1.0 / (scores.length - 1);
    double target = Math.exp(-Math.abs(scores[0]));
    double against = 0; // sum of max(s_k, 0)
    double logarithms = 0; // sum of log(1 + exp(-|s_k|))
    gradient[0] = (float) -sigmoid(-scores[0], target);
    for (int first = 1; first < scores.length; first += AT_ONCE) {
      // One logarithm of the product is faster than one per factor.
      double product = 1;
      int end = Math.min(scores.length, first + AT_ONCE);
      for (int k = first; k < end; k++) {
        double decay = Math.exp(-Math.abs(scores[k]));
        against += Math.max(scores[k], 0);
        product *= 1 + decay;
        gradient[k] = (float) (sigmoid(scores[k], decay) * weight);
      }
      logarithms += Math.log(product);
    }
    return Math.max(-scores[0], 0) + Math.log1p(target) + weight * (against + logarithms);
  }

  /**
   * 1 / (1 + exp(-s)) from exp(-|s|), without a branch, because the signs of scores cannot be
   * predicted.
   */
  private static double sigmoid(float s, double decay) {
    double half = Math.copySign(0.5, s);
    return ((0.5 + half) + (0.5 - half) * decay) / (1 + decay);
  }
}
