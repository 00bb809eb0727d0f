package io.github.alphafuse.backbones.loss;

/**
 * A loss over sampled negatives in closed form, for the fused engine: value and gradient of one
 * example as functions of the scores of its candidates, which are inner products or cosines.
 *
 * <p>Legend: B examples, K negatives, C = 1 + K candidates, the target first. Implementations are
 * immutable and thread-safe.
 */
public interface SampledKernel {

  /**
   * Computes one example.
   *
   * @param scores [C] the scores
   * @param gradient [C] receives the derivatives of this example's loss with respect to the scores
   * @return the loss of the example
   */
  double apply(float[] scores, float[] gradient);
}
