package io.github.alphafuse.backbones.loss;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.model.Similarity;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

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
  public SDVariable define(SameDiff graph, Inputs in) {
    SDVariable target = LossGraph.dots(in.user(), in.target()); // [P, 1]
    SDVariable others =
        LossGraph.candidateDots(graph, in.user(), in.others().rows(), negatives); // [P, K]
    return softplus(graph, target.neg()).add(meanOf(softplus(graph, others))); // [P, 1]
  }

  /** The mean over negatives; ND4J fails to reduce an axis of length 1. */
  private SDVariable meanOf(SDVariable losses) {
    return negatives == 1 ? losses : losses.mean(true, 1); // [P, K] -> [P, 1]
  }

  /**
   * log(1 + e^x) = x/2 + |x|/2 + log(1 + e^-|x|), which cannot overflow. With max(x, 0) for the
   * first two terms, the gradient at 0 would not be 1/2.
   */
  private static SDVariable softplus(SameDiff graph, SDVariable x) {
    SDVariable size = graph.math().abs(x);
    SDVariable decay = graph.math().exp(size.neg());
    return x.add(size).mul(0.5).add(graph.math().log(decay.add(1.0)));
  }
}
