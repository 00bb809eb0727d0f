package io.github.alphafuse.backbones.train;

import io.github.alphafuse.backbones.evaluate.Evaluation;
import java.util.Optional;

/**
 * The result of one epoch of training.
 *
 * @param epoch the epoch, from 1
 * @param loss the mean loss over its targets
 * @param targets the number of its targets
 * @param trainingSeconds its duration without the evaluation
 * @param evaluationSeconds the duration of its evaluation; 0 if there was none
 * @param validation the evaluation after it, if there was one
 * @param best whether this evaluation is the best so far
 */
public record EpochReport(
    int epoch,
    double loss,
    long targets,
    double trainingSeconds,
    double evaluationSeconds,
    Optional<Evaluation> validation,
    boolean best) {

  /**
   * The duration of the epoch, including its evaluation.
   *
   * @return seconds
   */
  public double seconds() {
    return trainingSeconds + evaluationSeconds;
  }
}
