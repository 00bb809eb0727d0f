package io.github.alphafuse.backbones.model;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import java.util.List;

/**
 * A recommender that learns from histories of items.
 *
 * <p>Legend: N items, M new items, L history length, d_l language dimension. Not thread-safe while
 * it is trained; a {@link #scorer()} is.
 *
 * @param <L> the kind of loss that trains it
 */
public interface SequenceModel<L extends Loss> extends RankingModel {

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

  @Override
  default TextOrigin textOrigin() {
    return items().origin();
  }

  /**
   * The engine that computes a loss of this model.
   *
   * @param loss the loss
   * @return {@link Engine#FUSED} or {@link Engine#SAMEDIFF}, which is several times slower
   */
  default Engine engineFor(L loss) {
    return Engine.SAMEDIFF;
  }

  /**
   * The model under a loss at the last position of each history, to be trained.
   *
   * @param loss the loss
   * @return the objective, to be closed by the caller
   * @throws IllegalArgumentException if the model's engine cannot compute the loss
   */
  default Objective<TrainingBatch> objective(L loss) {
    return objective(loss, Positions.LAST);
  }

  /**
   * The model under a loss, to be trained.
   *
   * @param loss the loss
   * @param positions the positions that have targets
   * @return the objective, to be closed by the caller
   * @throws IllegalArgumentException if the model's engine cannot compute the loss, or the model
   *     cannot be trained at these positions
   */
  Objective<TrainingBatch> objective(L loss, Positions positions);

  /**
   * A model that knows new items behind those of this one, each by its text alone. Nothing is
   * trained.
   *
   * @param ids the ids of the M new items, in the order of their text
   * @param text [M, d_l] their language rows, of the encoder that made the others'
   * @return a model of N + M items that shares the encoder's weights with this one
   * @throws IllegalArgumentException if an id is known already or occurs twice, there are more of
   *     one than of the other, or the width of the text does not fit
   * @throws IllegalStateException if the items cannot grow: those that are trained without text,
   *     and those whose text was projected elsewhere
   */
  @Override
  SequenceModel<L> withNewItems(List<String> ids, LanguageEmbeddings text);
}
