package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.evaluate.UserEvaluator;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.UserScorer;

/**
 * The test of users' items, which ranks all items that a user has not seen in training.
 *
 * @param split the items of each user
 */
public record GraphTest(InteractionSplit split) {
  private static final UserEvaluator RANKING = UserEvaluator.unseenRanking();

  /**
   * Tests a model.
   *
   * @param model the model, with the same users and items
   * @return its evaluation
   */
  public Evaluation of(GraphModel model) {
    try (UserScorer scorer = model.userScorer()) {
      return RANKING.evaluate(scorer, split.train(), split.test());
    }
  }

  /**
   * Tests a scorer that knows users by their training items.
   *
   * @param scorer the scorer, with the same items
   * @return its evaluation
   */
  public Evaluation of(ItemScorer scorer) {
    return RANKING.evaluate(scorer, split.train(), split.test());
  }

  /** {@return the evaluation of the popularity baseline} */
  public Evaluation popularity() {
    return of(PopularityScorer.of(split.train()));
  }
}
