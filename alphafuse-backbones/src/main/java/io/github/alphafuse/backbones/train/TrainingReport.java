package io.github.alphafuse.backbones.train;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import java.util.Locale;
import java.util.Optional;

/**
 * The result of training.
 *
 * @param epochs a report of each epoch that was finished
 * @param bestEpoch the epoch whose weights the model now has, from 1; 0 for the start weights.
 *     Without validation data it is the last one
 * @param bestValidation the evaluation of the best epoch, if there was one
 * @param metric the metric by which the best epoch was chosen, if there was validation data
 * @param stop the reason why training ended
 * @param message a description of the reason
 */
public record TrainingReport(
    ImmutableList<EpochReport> epochs,
    int bestEpoch,
    Optional<Evaluation> bestValidation,
    Metric metric,
    Stop stop,
    String message) {

  /** Why training ended. */
  public enum Stop {
    /** All epochs were made. */
    EPOCHS,
    /** The metric did not improve for as many evaluations as the patience allows. */
    PATIENCE,
    /** The loss or a gradient was no longer a finite number. */
    DIVERGED,
    /** The training thread was interrupted. */
    INTERRUPTED
  }

  /**
   * Whether epochs were compared on validation data. If not, metric and patience had no effect, and
   * the model has the weights of the last epoch.
   *
   * @return whether there is an evaluation
   */
  public boolean isValidated() {
    return epochs.stream().anyMatch(epoch -> !epoch.validation().isEmpty());
  }

  /**
   * The time of all epochs, including evaluations.
   *
   * @return seconds
   */
  public double seconds() {
    return epochs.stream().mapToDouble(EpochReport::seconds).sum();
  }

  /**
   * The time of all evaluations.
   *
   * @return seconds
   */
  public double evaluationSeconds() {
    return epochs.stream().mapToDouble(EpochReport::evaluationSeconds).sum();
  }

  /**
   * A summary in one line.
   *
   * @return epochs, the best one and why training ended
   */
  @Override
  public String toString() {
    String best =
        bestValidation
            .map(e -> String.format(Locale.ROOT, " (%s %.4f)", metric, e.value(metric)))
            .orElse("");
    return String.format(
        Locale.ROOT,
        "%d epochs in %.1f s, %.1f s of it evaluation, %s, %s",
        epochs.size(),
        seconds(),
        evaluationSeconds(),
        bestEpoch == 0 || isValidated()
            ? "best epoch " + bestEpoch + best
            : "last epoch " + bestEpoch + " kept without validation",
        message);
  }
}
