package io.github.alphafuse.backbones.loss;

/**
 * Binary cross-entropy of one example: log(1 + exp(-s_0)) + sum_k log(1 + exp(s_k)) / K, whose
 * derivatives are -sigmoid(-s_0) and sigmoid(s_k) / K.
 */
record BinaryCrossEntropyKernel() implements SampledKernel {

  @Override
  public boolean ofCosines() {
    return false;
  }

  @Override
  public double apply(float[] scores, float[] gradient) {
    double loss = 0;
    for (int k = 0; k < scores.length; k++) {
      double weight = k == 0 ? 1 : 1.0 / (scores.length - 1);
      double against = k == 0 ? -scores[k] : scores[k];
      double decay = Math.exp(-Math.abs(against));
      loss += weight * (Math.max(against, 0) + Math.log1p(decay));
      double sigmoid = against >= 0 ? 1 / (1 + decay) : decay / (1 + decay);
      gradient[k] = (float) ((k == 0 ? -sigmoid : sigmoid) * weight);
    }
    return loss;
  }
}
