package io.github.alphafuse.backbones.loss;

import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A ranking loss as a graph, for the SameDiff engine.
 *
 * <p>Compose it of elementary operations: those of ND4J's own loss namespace ignore the gradient
 * that comes from above. Implementations are thread-safe.
 *
 * <p>Legend: P targets, d embedding dimension, N items, K negatives, S shared items.
 */
@FunctionalInterface
public interface GraphLoss {

  /**
   * Adds the loss to a graph.
   *
   * @param graph the graph
   * @param inputs the variables it is computed from
   * @return the loss of each target [P, 1]
   */
  SDVariable define(SameDiff graph, Inputs inputs);

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
