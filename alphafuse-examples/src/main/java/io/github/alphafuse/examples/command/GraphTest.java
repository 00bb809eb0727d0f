package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.evaluate.UserRanking;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.UserScorer;

/**
 * How users' items are tested: all that they have not seen in training are ranked.
 *
 * @param split the items of each user
 */
record GraphTest(InteractionSplit split) {
  private static final UserRanking RANKING = UserRanking.ofUnseen();

  Evaluation of(GraphModel model) {
    try (UserScorer scorer = model.userScorer()) {
      return RANKING.evaluate(scorer, split.train(), split.test());
    }
  }

  /** How a scorer ranks that knows users by their training items. */
  Evaluation of(ItemScorer scorer) {
    return RANKING.evaluate(scorer, split.train(), split.test());
  }

  Evaluation popularity() {
    return of(PopularityScorer.of(split.train()));
  }
}
