package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.model.Similarity;
import java.util.Optional;

/**
 * Binary cross-entropy: the log-loss of the target's inner product as a positive, averaged over the
 * targets, plus that of the negatives' inner products as negatives, averaged over targets and
 * negatives.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>See: Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018, section III-E.
 *
 * @param negatives K, the number of sampled negatives per target
 */
public record BinaryCrossEntropy(int negatives) implements RankingLoss {
  /**
   * Checks the range.
   *
   * @param negatives K, the number of sampled negatives per target
   * @throws IllegalArgumentException if one is out of range
   */
  public BinaryCrossEntropy {
    checkArgument(negatives >= 1, "negatives must be at least 1, found %s", negatives);
  }

  /**
   * The loss with K negatives.
   *
   * @param negatives K, at least 1
   * @return the loss
   * @throws IllegalArgumentException if K is below 1
   */
  public static BinaryCrossEntropy withNegatives(int negatives) {
    return new BinaryCrossEntropy(negatives);
  }

  @Override
  public Similarity similarity() {
    return Similarity.INNER_PRODUCT;
  }

  @Override
  public Contrast contrast() {
    return Contrast.NEGATIVES;
  }

  @Override
  public Optional<SampledKernel> sampledKernel() {
    return Optional.of(new BinaryCrossEntropyKernel());
  }

  @Override
  public Optional<GraphLoss> graph() {
    return Optional.of(LossGraph.binaryCrossEntropy(negatives));
  }
}
