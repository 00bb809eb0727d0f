package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.data.Dropped;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A training run as machines read it; its components are the keys of the JSON object.
 *
 * @param settings every option by the name of its flag, defaults included
 * @param trainableParameters the number of trained numbers
 * @param epochs what each epoch came to
 * @param bestEpoch the epoch whose weights were evaluated, from 1; 0 for the start weights
 * @param test test metrics by name; those among sampled items say so in their names
 * @param groups what groups of the test examples came to, by name
 * @param dropped what was left out of the data, and why
 */
public record Report(
    Map<String, Object> settings,
    long trainableParameters,
    List<Epoch> epochs,
    int bestEpoch,
    Map<String, Double> test,
    Map<String, Group> groups,
    List<Dropped> dropped) {
  /**
   * What an epoch came to.
   *
   * @param epoch the epoch, from 1
   * @param loss the mean loss
   * @param seconds how long it took, evaluation included
   * @param evaluationSeconds how long its evaluation took; 0 where none was made
   * @param validation validation metrics by name; empty where none were computed
   */
  public record Epoch(
      int epoch,
      double loss,
      double seconds,
      double evaluationSeconds,
      Map<String, Double> validation) {}

  /**
   * What a group of the test examples came to.
   *
   * @param size how many examples it has, possibly none
   * @param metrics test metrics by name; empty for a group without examples
   */
  public record Group(int size, Map<String, Double> metrics) {}

  /**
   * A report of data of which nothing was left out, without groups.
   *
   * @param settings every option by the name of its flag, defaults included
   * @param trainableParameters the number of trained numbers
   * @param epochs what each epoch came to
   * @param bestEpoch the epoch whose weights were evaluated, from 1; 0 for the start weights
   * @param test test metrics by name
   */
  public Report(
      Map<String, Object> settings,
      long trainableParameters,
      List<Epoch> epochs,
      int bestEpoch,
      Map<String, Double> test) {
    this(settings, trainableParameters, epochs, bestEpoch, test, Map.of(), List.of());
  }

  /**
   * Tells what the epochs of a run came to.
   *
   * @param report what became of training
   * @return the epochs
   */
  public static List<Epoch> epochs(TrainingReport report) {
    return epochs(report, Evaluation::toMap);
  }

  /** The epochs of a run, with the metrics of an evaluation by name. */
  static List<Epoch> epochs(
      TrainingReport report, Function<Evaluation, Map<String, Double>> metrics) {
    return report.epochs().stream()
        .map(
            e ->
                new Epoch(
                    e.epoch(),
                    e.loss(),
                    e.seconds(),
                    e.evaluationSeconds(),
                    e.validation().map(metrics).orElse(Map.of())))
        .toList();
  }

  /**
   * Writes the report as JSON.
   *
   * @param file where to
   */
  public void write(Path file) {
    JsonFile.write(file, this);
  }
}
