package io.github.alphafuse.backbones.loss;

import io.github.alphafuse.backbones.model.Loss;

/**
 * Bayesian personalised ranking: -log sigmoid of the score of a user's item minus that of one
 * unseen item, over inner products. It is a loss for graph models.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>See: Rendle et al., "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI 2009.
 */
public record Bpr() implements Loss {
  /**
   * The loss.
   *
   * @return the loss, with one negative
   */
  public static Bpr create() {
    return new Bpr();
  }
}
