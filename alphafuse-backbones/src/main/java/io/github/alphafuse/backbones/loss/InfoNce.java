package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.model.Similarity;
import java.util.Optional;

/**
 * InfoNCE: the softmax cross-entropy of the target among sampled negatives, over cosines divided by
 * a temperature.
 *
 * <p>All vectors are divided by their Euclidean length (at least 1e-12). Immutable and thread-safe.
 *
 * <p>See: van den Oord et al., "Representation Learning with Contrastive Predictive Coding" (2018).
 *
 * @param negatives K, sampled negatives for each target
 * @param temperature tau, what cosines are divided by
 */
public record InfoNce(int negatives, double temperature) implements RankingLoss {
  /**
   * Checks the ranges.
   *
   * @param negatives K, sampled negatives for each target
   * @param temperature tau, what cosines are divided by
   * @throws IllegalArgumentException if one is out of range
   */
  public InfoNce {
    checkArgument(negatives >= 1, "negatives must be at least 1, found %s", negatives);
    checkArgument(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be positive and finite, found %s",
        temperature);
  }

  /**
   * The loss with K negatives, at the published temperature of 0.07.
   *
   * @param negatives K, at least 1
   * @return the loss
   * @throws IllegalArgumentException if K is below 1
   */
  public static InfoNce withNegatives(int negatives) {
    return new InfoNce(negatives, 0.07);
  }

  /**
   * The same loss at another temperature.
   *
   * @param temperature tau, the divisor of cosines, above 0
   * @return the loss
   * @throws IllegalArgumentException if not positive and finite
   */
  public InfoNce temperature(double temperature) {
    return new InfoNce(negatives, temperature);
  }

  @Override
  public Similarity similarity() {
    return Similarity.COSINE;
  }

  @Override
  public Contrast contrast() {
    return Contrast.NEGATIVES;
  }

  @Override
  public Optional<SampledKernel> sampledKernel() {
    return Optional.of(new InfoNceKernel(temperature));
  }

  @Override
  public Optional<GraphLoss> graph() {
    return Optional.of(LossGraph.infoNce(temperature, negatives));
  }
}
