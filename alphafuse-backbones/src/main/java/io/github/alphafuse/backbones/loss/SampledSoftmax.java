package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.model.Similarity;
import java.util.Optional;

/**
 * The softmax cross-entropy of the target among items that all targets of a batch share, over
 * cosines divided by a temperature.
 *
 * <p>A target is left out of the shared items at its own position and counts once there, with
 * weight 1. With weights it estimates the softmax over the whole catalogue at a fraction of the
 * cost. Immutable and thread-safe.
 *
 * <p>See: Yi et al., "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
 * Recommendations", RecSys 2019, for in-batch negatives and their correction.
 *
 * @param shared which items are shared, and their weights
 * @param temperature tau, what cosines are divided by
 * @param excludesHistory whether the items of a history, up to the target's position, are no
 *     negatives of that target: for models whose recommendations leave seen items out
 */
public record SampledSoftmax(SharedNegatives shared, double temperature, boolean excludesHistory)
    implements RankingLoss {
  /**
   * Checks the range.
   *
   * @param shared which items are shared, and their weights
   * @param temperature tau, what cosines are divided by
   * @param excludesHistory whether the items of a history are no negatives
   * @throws IllegalArgumentException if the temperature is not positive and finite
   */
  public SampledSoftmax {
    checkArgument(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be positive and finite, found %s",
        temperature);
  }

  /**
   * The loss over items drawn uniformly, unweighted, at temperature 0.1.
   *
   * @param count M, items drawn for a batch, at least 1
   * @return the loss
   * @throws IllegalArgumentException if M is below 1
   */
  public static SampledSoftmax withShared(int count) {
    return new SampledSoftmax(new SharedNegatives(count, false, false), 0.1, false);
  }

  /**
   * The loss over items drawn uniformly and the targets of the batch, each weighted by one over the
   * probability that it is among them, at temperature 0.1.
   *
   * @param count M, items drawn for a batch, at least 1
   * @return the loss
   * @throws IllegalArgumentException if M is below 1
   */
  public static SampledSoftmax withBatchTargets(int count) {
    return new SampledSoftmax(new SharedNegatives(count, true, true), 0.1, false);
  }

  /**
   * The same loss, of no more drawn items than a catalogue has.
   *
   * @param itemCount N, at least 1
   * @return the loss
   * @throws IllegalArgumentException if N is below 1
   */
  public SampledSoftmax limitedTo(int itemCount) {
    return new SampledSoftmax(
        new SharedNegatives(
            Math.min(shared.count(), itemCount), shared.batchTargets(), shared.weighted()),
        temperature,
        excludesHistory);
  }

  /**
   * The same loss with or without weights.
   *
   * @param weighted whether items are weighted by how they are drawn
   * @return the loss
   */
  public SampledSoftmax weighted(boolean weighted) {
    return new SampledSoftmax(
        new SharedNegatives(shared.count(), shared.batchTargets(), weighted),
        temperature,
        excludesHistory);
  }

  /**
   * The same loss at another temperature.
   *
   * @param temperature what cosines are divided by, above 0
   * @return the loss
   * @throws IllegalArgumentException if not positive and finite
   */
  public SampledSoftmax temperature(double temperature) {
    return new SampledSoftmax(shared, temperature, excludesHistory);
  }

  /**
   * The same loss with or without the items of a history as negatives.
   *
   * @param excludesHistory whether they are left out
   * @return the loss
   */
  public SampledSoftmax excludesHistory(boolean excludesHistory) {
    return new SampledSoftmax(shared, temperature, excludesHistory);
  }

  @Override
  public Similarity similarity() {
    return Similarity.COSINE;
  }

  @Override
  public Contrast contrast() {
    return Contrast.SHARED;
  }

  @Override
  public int negatives() {
    return 0;
  }

  @Override
  public Optional<SharedNegatives> sharedNegatives() {
    return Optional.of(shared);
  }

  @Override
  public Optional<GraphLoss> graph() {
    return Optional.of(LossGraph.sampledSoftmax(temperature));
  }
}
