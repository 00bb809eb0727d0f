package io.github.alphafuse.backbones.loss;

import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Similarity;
import java.util.Optional;

/**
 * A loss of user vectors, each against its target item and other items.
 *
 * <p>It offers a {@link #graph()}, a closed form ({@link #sampledKernel()}), or both.
 * Implementations are immutable, thread-safe, and equal when their settings are.
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
   * The loss as a graph, for {@link io.github.alphafuse.backbones.model.Engine#SAMEDIFF} and for
   * what the fused engine cannot compute.
   *
   * @return the graph, empty unless overridden
   */
  default Optional<GraphLoss> graph() {
    return Optional.empty();
  }

  /**
   * The loss over sampled negatives in closed form, for {@link
   * io.github.alphafuse.backbones.model.Engine#FUSED}.
   *
   * @return the kernel, empty unless overridden
   */
  default Optional<SampledKernel> sampledKernel() {
    return Optional.empty();
  }
}
