package io.github.alphafuse.backbones.loss;

import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Similarity;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A loss of user vectors, each against its target item and other items, as a graph.
 *
 * <p>Losses are composed of elementary operations: those of ND4J's own loss namespace ignore the
 * gradient that comes from above. Implementations are immutable, thread-safe, and equal when their
 * settings are.
 *
 * <p>Legend: P targets, d embedding dimension, N items, K negatives, S shared items.
 */
public interface RankingLoss extends Loss {

  /** What a loss sets the target against. */
  enum Contrast {
    /** K sampled negatives for each target. */
    NEGATIVES,
    /** S items that all targets of a batch share. */
    SHARED,
    /** All N items, the target among them. */
    CATALOGUE
  }

  /**
   * What the scores of the loss are: a model that it trained should rank by the same.
   *
   * @return inner products or cosines of user vectors and item rows
   */
  Similarity similarity();

  /**
   * What the loss sets the target against.
   *
   * @return sampled negatives, shared items or the whole catalogue
   */
  Contrast contrast();

  /**
   * The number of sampled negatives for each target.
   *
   * @return K, 0 for a loss over shared items or the whole catalogue
   */
  int negatives();

  /**
   * How shared items are drawn.
   *
   * @return how, empty for a loss without shared items
   */
  default Optional<SharedNegatives> sharedNegatives() {
    return Optional.empty();
  }

  /**
   * Whether the items of a history, up to the position of the target's user vector, are no
   * negatives of that target. For losses over shared items or the whole catalogue.
   *
   * @return false where it is not overridden
   */
  default boolean excludesHistory() {
    return false;
  }

  /**
   * Adds the loss to a graph.
   *
   * @param graph the graph
   * @param inputs the variables it is computed from
   * @return the loss of each target [P, 1]
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
   * @param user user vectors [P, d]
   * @param target rows of the targets [P, d]
   * @param others what targets are set against
   */
  record Inputs(SDVariable user, SDVariable target, Others others) {}

  /**
   * What targets are set against.
   *
   * @param rows rows of the negatives [P, K, d], of the shared items [S, d], or of the whole
   *     catalogue [N, d]
   * @param offsets what is added to the logit of a target and another item, [P, S] or [P, N]: the
   *     logarithm of the item's weight, and about -1e9 for items that are no negatives of the
   *     target; empty where nothing is
   */
  record Others(SDVariable rows, Optional<SDVariable> offsets) {}
}
