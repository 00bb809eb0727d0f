package io.github.alphafuse.backbones.serve;

import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.VectorScorer;
import io.github.alphafuse.core.Tensor;
import java.util.List;

/**
 * A ranking of the items for one request.
 *
 * <p>Legend: N items, d width of a vector.
 */
sealed interface Ranking {
  /** The best items that a query lets through. */
  TopItems top(TopQuery query);

  /**
   * By the products of a vector with those of the items.
   *
   * @param vector [1, d]
   * @param history the items that may be left out
   */
  record ByVector(VectorScorer scorer, Tensor vector, int[] history) implements Ranking {
    @Override
    public TopItems top(TopQuery query) {
      return scorer.topOfVectors(vector, new int[][] {history}, List.of(query))[0];
    }
  }

  /** By a scorer that has no vectors. */
  record ByScorer(ItemScorer scorer, int[] history) implements Ranking {
    @Override
    public TopItems top(TopQuery query) {
      return scorer.top(new int[][] {history}, query)[0];
    }
  }

  /**
   * By known scores.
   *
   * @param scores [N]
   * @param history the items that may be left out
   */
  record ByScore(float[] scores, int[] history) implements Ranking {
    @Override
    public TopItems top(TopQuery query) {
      return TopItems.best(Tensor.of(scores, 1, scores.length), new int[][] {history}, query)[0];
    }
  }
}
