package io.github.alphafuse.backbones.train;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import java.util.OptionalDouble;

/**
 * The result of one epoch of training.
 *
 * @param epoch the epoch, from 1
 * @param loss the mean loss over its targets
 * @param targets the number of its targets
 * @param trainingSeconds its duration without the evaluation
 * @param evaluationSeconds the duration of its evaluation; 0 if there was none
 * @param validation the metrics of the evaluation after it by name, as {@link Evaluation#toMap()}
 *     has them, with the one that chooses the best epoch; empty if there was none
 * @param best whether this evaluation is the best so far
 */
public record EpochReport(
    int epoch,
    double loss,
    long targets,
    double trainingSeconds,
    double evaluationSeconds,
    ImmutableMap<String, Double> validation,
    boolean best) {

  /** The metrics that are kept of an evaluation. Its ranks would fill the memory of long runs. */
  static ImmutableMap<String, Double> metrics(Evaluation evaluation, Metric chooser) {
    ImmutableMap.Builder<String, Double> metrics =
        ImmutableMap.<String, Double>builder().putAll(evaluation.toMap());
    for (int cutoff : evaluation.cutoffs()) {
      // A table of an evaluation leaves out recall where each example has one relevant item.
      Metric same = new Metric(chooser.kind(), cutoff);
      metrics.put(evaluation.prefix() + same, evaluation.value(same));
    }
    return metrics.put(evaluation.prefix() + chooser, evaluation.value(chooser)).buildKeepingLast();
  }

  /**
   * A metric of the evaluation after the epoch, whatever was ranked.
   *
   * @param metric a metric at one of the cut-offs, or the one that chooses the best epoch
   * @return its mean in [0, 1]; empty if there was no evaluation
   * @throws IllegalArgumentException if the evaluation did not keep this metric
   */
  public OptionalDouble value(Metric metric) {
    if (validation.isEmpty()) {
      return OptionalDouble.empty();
    }
    String name = metric.toString();
    for (var entry : validation.entrySet()) {
      if (entry.getKey().equals(name) || entry.getKey().endsWith(" " + name)) {
        return OptionalDouble.of(entry.getValue());
      }
    }
    throw new IllegalArgumentException(
        "metric must be one of " + validation.keySet() + ", found " + name);
  }

  /**
   * The duration of the epoch, including its evaluation.
   *
   * @return seconds
   */
  public double seconds() {
    return trainingSeconds + evaluationSeconds;
  }
}
