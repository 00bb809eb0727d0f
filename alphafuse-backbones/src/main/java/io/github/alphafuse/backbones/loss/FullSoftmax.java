package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The softmax cross-entropy of the target among all items, over raw inner products or over cosines
 * divided by a temperature.
 *
 * <p>Over inner products it is the cross-entropy of the papers; over cosines it is InfoNCE with the
 * whole catalogue as negatives, an option of this library. Immutable and thread-safe.
 *
 * @param temperature what cosines are divided by; 0 for raw inner products
 */
public record FullSoftmax(double temperature) implements RankingLoss {
  /**
   * Checks the range.
   *
   * @param temperature what cosines are divided by; 0 for raw inner products
   * @throws IllegalArgumentException if one is out of range
   */
  public FullSoftmax {
    checkArgument(
        temperature >= 0 && Double.isFinite(temperature),
        "temperature must be positive and finite, or 0 for raw inner products, found %s",
        temperature);
  }

  /**
   * The softmax over raw inner products.
   *
   * @return the loss
   */
  public static FullSoftmax ofInnerProducts() {
    return new FullSoftmax(0);
  }

  /**
   * The softmax over cosines divided by a temperature.
   *
   * @param temperature tau, above 0; 0.07 is a good start
   * @return the loss
   * @throws IllegalArgumentException if not positive and finite
   */
  public static FullSoftmax ofCosines(double temperature) {
    checkArgument(
        temperature > 0, "temperature must be positive and finite, found %s", temperature);
    return new FullSoftmax(temperature);
  }

  @Override
  public Contrast contrast() {
    return Contrast.CATALOGUE;
  }

  @Override
  public int negatives() {
    return 0;
  }

  @Override
  public SDVariable define(SameDiff graph, Inputs in) {
    SDVariable user = in.user(); // [B, d]
    SDVariable target = in.target(); // [B, d]
    SDVariable items = in.others(); // [N, d]
    if (temperature > 0) {
      user = user.mul(LossGraph.inverseLength(graph, user).mul(1 / temperature));
      target = target.mul(LossGraph.inverseLength(graph, target));
      items = items.mul(LossGraph.inverseLength(graph, items));
    }
    SDVariable logits = graph.mmul(user, items, false, true, false); // [B, N]
    return LossGraph.logSumExp(graph, logits).sub(LossGraph.dots(user, target)).mean(); // []
  }
}
