package io.github.alphafuse.backbones.loss;

import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Similarity;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A loss that compares user vectors with their target items and other items, as a graph.
 *
 * <p>Losses consist of elementary operations, because those of ND4J's own loss namespace ignore the
 * incoming gradient. Implementations are immutable, thread-safe, and equal if their settings are.
 *
 * <p>Legend: P targets, d embedding dimension, N items, K negatives, S shared items.
 */
public interface RankingLoss extends Loss {

  /** The items that a loss compares the target with. */
  enum Contrast {
    /** K sampled negatives per target. */
    NEGATIVES,
    /** S items that all targets of a batch share. */
    SHARED,
    /** All N items, including the target. */
    CATALOGUE
  }

  /**
   * The similarity of the loss. A model that was trained with it should rank by the same
   * similarity.
   *
   * @return inner products or cosines of user vectors and item rows
   */
  Similarity similarity();

  /**
   * The items that the loss compares the target with.
   *
   * @return sampled negatives, shared items or the whole catalogue
   */
  Contrast contrast();

  /**
   * The number of sampled negatives per target.
   *
   * @return K, 0 for a loss over shared items or the whole catalogue
   */
  int negatives();

  /**
   * How shared items are drawn.
   *
   * @return the settings, empty for a loss without shared items
   */
  default Optional<SharedNegatives> sharedNegatives() {
    return Optional.empty();
  }

  /**
   * Whether the items of a history, up to the position of the target's user vector, are excluded
   * from the negatives of that target. For losses over shared items or the whole catalogue.
   *
   * @return false unless it is overridden
   */
  default boolean excludesHistory() {
    return false;
  }

  /**
   * Adds the loss to a graph.
   *
   * @param graph the graph
   * @param inputs the input variables
   * @return the loss of each target [P, 1]
   */
  SDVariable define(SameDiff graph, Inputs inputs);

  /**
   * The loss in closed form, for the fused engine. A loss over sampled negatives without a closed
   * form is computed by its graph.
   *
   * @return the kernel, if there is one
   */
  default Optional<SampledKernel> sampledKernel() {
    return Optional.empty();
  }

  /**
   * The input variables of a loss.
   *
   * @param user user vectors [P, d]
   * @param target rows of the targets [P, d]
   * @param others the items that targets are compared with
   */
  record Inputs(SDVariable user, SDVariable target, Others others) {}

  /**
   * The items that targets are compared with.
   *
   * @param rows rows of the negatives [P, K, d], of the shared items [S, d], or of the whole
   *     catalogue [N, d]
   * @param offsets numbers that are added to the logits of targets and other items, [P, S] or [P,
   *     N]: the logarithm of the item's weight, and about -1e9 for items that are not negatives of
   *     the target; empty if nothing is added
   */
  record Others(SDVariable rows, Optional<SDVariable> offsets) {}
}
