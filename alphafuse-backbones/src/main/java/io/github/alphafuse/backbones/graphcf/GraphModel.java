package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.core.ElementType;

/**
 * A model over the graph of users and items that it is trained on.
 *
 * <p>Its {@link #userScorer()} knows the users of the graph. Its {@link #scorer()} takes any
 * history and attaches its user to the graph: the user gets the vector that propagation would give
 * it, while the items do not change.
 *
 * <p>Legend: U users, N items, d embedding dimension, K layers. Not thread-safe while it is
 * trained; its scorers are.
 */
public interface GraphModel extends RankingModel {

  /**
   * The graph of the training interactions.
   *
   * @return the graph
   */
  InteractionGraph graph();

  /**
   * The width of an embedding.
   *
   * @return d
   */
  int dim();

  /**
   * The number of propagation layers.
   *
   * @return K
   */
  int layers();

  /**
   * The type of the weights.
   *
   * @return float32 or float64
   */
  ElementType elementType();

  /**
   * The vectors of all nodes with the current weights.
   *
   * @return the vectors, copies
   */
  GraphEmbeddings embeddings();

  /**
   * The model under a loss, to be trained.
   *
   * @param loss {@link io.github.alphafuse.backbones.loss.Bpr} for a model that scores by inner
   *     product, {@link io.github.alphafuse.backbones.loss.InfoNce} for one that scores by cosine
   * @param egoDecay the regularisation factor; egoDecay / (2 B) times the squared lengths of the
   *     trained rows of a batch's nodes is added to the loss, where B is the batch size and
   *     repeated nodes count each time; 0 for none
   * @return the objective, to be closed by the caller
   * @throws IllegalArgumentException if the model does not take this kind of loss or decay
   */
  Objective<PairBatch> objective(Loss loss, double egoDecay);

  @Override
  GraphScorer scorer();

  /**
   * A scorer of the graph's users with the current weights. Later training does not change it.
   *
   * @return the scorer, to be closed by the caller
   */
  default UserScorer userScorer() {
    return new GraphUserScorer(embeddings());
  }
}
