package io.github.alphafuse.backbones.loss;

/**
 * A loss over sampled negatives in closed form: value and gradient of one example as functions of
 * the scores of its candidates, inner products or cosines, for the fused engine.
 *
 * <p>Legend: B examples, K negatives, C = 1 + K candidates, the target first. Implementations are
 * immutable and thread-safe.
 */
public interface SampledKernel {

  /**
   * Computes one example.
   *
   * @param scores [C] the scores
   * @param gradient [C] receives the derivative of this example's loss by each score
   * @return the loss of the example
   */
  double apply(float[] scores, float[] gradient);
}
