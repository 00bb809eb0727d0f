package io.github.alphafuse.backbones.model;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ItemEmbedding;

/**
 * A recommender that learns from histories of items.
 *
 * <p>Legend: N items, L history length. Not thread-safe while it is trained; a {@link #scorer()}
 * is.
 */
public interface SequenceModel extends RankingModel {

  /**
   * The item embeddings.
   *
   * @return the embedding that the model was built on
   */
  ItemEmbedding items();

  /**
   * The number of last items of a history that the model uses.
   *
   * @return L
   */
  int maxLength();

  /**
   * Every trained weight by name, including those of the item embedding.
   *
   * @return the live parameters
   */
  @Override
  ImmutableMap<String, Tensor> parameters();

  /**
   * The model under a loss at the last position of each history, to be trained.
   *
   * @param loss a loss of a kind that the model takes
   * @return the objective, to be closed by the caller
   * @throws IllegalArgumentException if the model does not take this kind of loss
   */
  default Objective objective(Loss loss) {
    return objective(loss, Positions.LAST);
  }

  /**
   * The model under a loss, to be trained.
   *
   * @param loss a loss of a kind that the model takes
   * @param positions the positions that have targets
   * @return the objective, to be closed by the caller
   * @throws IllegalArgumentException if the model does not take this kind of loss, or cannot be
   *     trained at these positions
   */
  Objective objective(Loss loss, Positions positions);
}
