package io.github.alphafuse.backbones.train;

import io.github.alphafuse.backbones.evaluate.Evaluation;
import java.util.Optional;

/**
 * What one epoch of training came to.
 *
 * @param epoch the epoch, from 1
 * @param loss the mean loss over its targets
 * @param targets the targets that were trained on
 * @param trainingSeconds how long it took without its evaluation
 * @param evaluationSeconds how long its evaluation took; 0 where none was made
 * @param validation the evaluation after it, if one was made
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
   * How long the epoch took, evaluation included.
   *
   * @return seconds
   */
  public double seconds() {
    return trainingSeconds + evaluationSeconds;
  }
}
