package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.model.Similarity;
import java.util.Optional;

/**
 * The softmax cross-entropy of the target among all items, over raw inner products or over cosines
 * divided by a temperature.
 *
 * <p>Over inner products it is the cross-entropy of the papers; over cosines it is InfoNCE with the
 * whole catalogue as negatives, an option of this library. Immutable and thread-safe.
 *
 * @param temperature the divisor of cosines; 0 for raw inner products
 * @param excludesHistory whether the items of a history, up to the target's position, are excluded
 *     from the negatives of that target, for models whose recommendations leave out seen items
 */
public record FullSoftmax(double temperature, boolean excludesHistory) implements RankingLoss {
  /**
   * Checks the range.
   *
   * @param temperature the divisor of cosines; 0 for raw inner products
   * @param excludesHistory whether the items of a history are excluded from the negatives
   * @throws IllegalArgumentException if the temperature is negative or not finite
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
    return new FullSoftmax(0, false);
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
    return new FullSoftmax(temperature, false);
  }

  /**
   * The same loss with or without the items of a history as negatives.
   *
   * @param excludesHistory whether they are left out; a target that was seen before stays
   * @return the loss
   */
  public FullSoftmax excludesHistory(boolean excludesHistory) {
    return new FullSoftmax(temperature, excludesHistory);
  }

  @Override
  public Similarity similarity() {
    return temperature > 0 ? Similarity.COSINE : Similarity.INNER_PRODUCT;
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
  public Optional<GraphLoss> graph() {
    return Optional.of(LossGraph.fullSoftmax(temperature));
  }

  /**
   * The settings.
   *
   * @return the temperature, and what is excluded if anything is
   */
  @Override
  public String toString() {
    return "FullSoftmax[temperature="
        + temperature
        + (excludesHistory ? ", excludesHistory" : "")
        + "]";
  }
}
