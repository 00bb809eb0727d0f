package io.github.alphafuse.backbones.loss;

import io.github.alphafuse.backbones.model.Loss;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A loss of a user vector against the target item and other items, as a graph.
 *
 * <p>Losses are composed of elementary operations: those of ND4J's own loss namespace ignore the
 * gradient that comes from above. Implementations are immutable, thread-safe, and equal when their
 * settings are.
 *
 * <p>Legend: B batch, d embedding dimension, N items, K negatives.
 */
public interface RankingLoss extends Loss {

  /** What a loss sets the target against. */
  enum Contrast {
    /** K sampled negatives an example. */
    NEGATIVES,
    /** All N items, the target among them. */
    CATALOGUE
  }

  /**
   * What the loss sets the target against.
   *
   * @return sampled negatives or the whole catalogue
   */
  Contrast contrast();

  /**
   * The number of sampled negatives.
   *
   * @return K, 0 for a loss over the whole catalogue
   */
  int negatives();

  /**
   * Adds the loss to a graph.
   *
   * @param graph the graph
   * @param inputs the variables it is computed from
   * @return a scalar: the mean over the batch
   */
  SDVariable define(SameDiff graph, Inputs inputs);

  /**
   * The loss in closed form, for the fused engine; a loss over sampled negatives that has none is
   * computed by its graph.
   *
   * @return the kernel, if there is one
   */
  default Optional<SampledKernel> sampledKernel() {
    return Optional.empty();
  }

  /**
   * The variables a loss is computed from.
   *
   * @param user user vectors [B, d]
   * @param target rows of the targets [B, d]
   * @param others rows of the negatives [B, K, d], or of the whole catalogue [N, d]
   */
  record Inputs(SDVariable user, SDVariable target, SDVariable others) {}
}
