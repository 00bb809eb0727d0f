package io.github.alphafuse.backbones.loss;

/**
 * InfoNCE of one example: log sum exp(c / tau) - c_0 / tau, whose derivative with respect to the
 * cosine c_k is (softmax(c / tau)_k - [k = 0]) / tau.
 */
record InfoNceKernel(double temperature) implements SampledKernel {

  @Override
  public double apply(float[] scores, float[] gradient) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float score : scores) {
      largest = Math.max(largest, score / temperature);
    }
    double total = 0;
    for (int k = 0; k < scores.length; k++) {
      double weight = Math.exp(scores[k] / temperature - largest);
      gradient[k] = (float) weight;
      total += weight;
    }
    for (int k = 0; k < scores.length; k++) {
      gradient[k] = (float) ((gradient[k] / total - (k == 0 ? 1 : 0)) / temperature);
    }
    return Math.log(total) + largest - scores[0] / temperature;
  }
}
