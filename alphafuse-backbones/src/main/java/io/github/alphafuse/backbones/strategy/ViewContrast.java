package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;

/**
 * The soft contrastive loss between the two views of a batch's items, in closed form.
 *
 * <p>X and Y hold the ID and text rows of the batch's P positions. With G = X Y' and targets T, the
 * row softmax of A = (X X' + Y Y') / 2,
 *
 * <pre>
 * loss = (CE(G, T) + CE(G', T')) / 2      CE(L, T) = mean over rows of -sum T log softmax(L)
 *      = (sum_i r_i + sum_j c_j s_j - 2 sum_ij T_ij G_ij) / 2P
 * </pre>
 *
 * <p>Here r is the log-sum-exp of G's rows, s that of its columns, and c holds the column sums of
 * T. With R and S the softmax of G over rows and over columns, and D_ij = s_j - 2 G_ij,
 *
 * <pre>
 * 2P dG_ij = R_ij + c_j S_ij - 2 T_ij
 * 2P dA_ij = T_ij (D_ij - sum_k T_ik D_ik)
 * dX = dG Y + (dA + dA') X / 2            dY = dG' X + (dA + dA') Y / 2
 * </pre>
 *
 * <p>The gradient includes that of the targets. Positions of one item have the same rows in all of
 * these matrices. Each item is therefore used once and weighted with the number n of its positions,
 * which is exact and reduces P x P matrices to U x U.
 *
 * <p>Legend: P positions, U items at them, d width of a view. Not thread-safe.
 *
 * <p>See: Liu et al., "LLM-ESR", NeurIPS 2024. NOTE: soft targets, and a gradient through them,
 * follow the public AlphaFuse implementation.
 */
interface ViewContrast extends AutoCloseable {

  /**
   * The loss and its gradient, both times a weight.
   *
   * @param items the items and the number of positions of each
   * @param weight the factor of the loss
   * @param gradient [U, 2d], overwritten by the gradient with respect to the items' rows
   * @return the weighted loss
   */
  double apply(Items items, double weight, Tensor gradient);

  @Override
  default void close() {}

  /**
   * The items of a batch's positions.
   *
   * @param rows [U, 2d] rows [ID ; text], each item once
   * @param counts [U] the number n of an item's positions, at least 1
   */
  record Items(Tensor rows, int[] counts) {}

  /** The fastest implementation for a type on the backend at hand. */
  static ViewContrast of(ElementType type) {
    return type == ElementType.FLOAT32 && FloatMatrix.isAvailable()
        ? new FusedViewContrast()
        : new DenseViewContrast();
  }
}
