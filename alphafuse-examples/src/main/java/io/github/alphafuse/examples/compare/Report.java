package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.data.Dropped;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A machine-readable report of a training run. Its components are the keys of the JSON object.
 *
 * @param settings the values of all options, including defaults, by the names of their flags
 * @param trainableParameters the number of trained numbers
 * @param epochs the results of each epoch
 * @param bestEpoch the epoch whose weights were evaluated, from 1; 0 for the initial weights
 * @param test test metrics by name; the names of metrics among sampled items say so
 * @param groups the results of groups of the test examples, by name
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
   * The results of an epoch.
   *
   * @param epoch the epoch, from 1
   * @param loss the mean loss
   * @param seconds its duration, including evaluation
   * @param evaluationSeconds the duration of its evaluation; 0 if there was none
   * @param validation validation metrics by name; empty if there was no evaluation
   */
  public record Epoch(
      int epoch,
      double loss,
      double seconds,
      double evaluationSeconds,
      Map<String, Double> validation) {}

  /**
   * The results of a group of the test examples.
   *
   * @param size the number of its examples, possibly 0
   * @param metrics test metrics by name; empty for a group without examples
   */
  public record Group(int size, Map<String, Double> metrics) {}

  /**
   * Creates a report without groups, on data of which nothing was left out.
   *
   * @param settings the values of all options, including defaults, by the names of their flags
   * @param trainableParameters the number of trained numbers
   * @param epochs the results of each epoch
   * @param bestEpoch the epoch whose weights were evaluated, from 1; 0 for the initial weights
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
   * Returns the results of the epochs of a run.
   *
   * @param report the report of the training
   * @return the epochs
   */
  public static List<Epoch> epochs(TrainingReport report) {
    return report.epochs().stream()
        .map(
            e -> new Epoch(e.epoch(), e.loss(), e.seconds(), e.evaluationSeconds(), e.validation()))
        .toList();
  }

  /**
   * Writes the report as JSON.
   *
   * @param file the file to write
   */
  public void write(Path file) {
    JsonFile.write(file, this);
  }
}
