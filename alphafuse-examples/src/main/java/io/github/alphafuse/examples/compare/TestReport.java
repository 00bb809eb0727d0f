package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The evaluations of a model and of popularity on the test examples, under one or more protocols.
 *
 * @param model the model's evaluations
 * @param popularity the evaluations of popularity under the same protocols
 */
public record TestReport(List<Evaluation> model, List<Evaluation> popularity) {
  /** A report without evaluations. */
  public static final TestReport NONE = new TestReport(List.of(), List.of());

  /**
   * Evaluates a model on the test part.
   *
   * @param model the model
   * @param split the data
   * @param evaluators one evaluator per protocol
   * @return the report
   */
  public static TestReport of(RankingModel model, DatasetSplit split, List<Evaluator> evaluators) {
    PopularityScorer popularity = PopularityScorer.of(split.train());
    List<Evaluation> ours = new ArrayList<>();
    List<Evaluation> baseline = new ArrayList<>();
    try (ItemScorer scorer = model.scorer()) {
      for (Evaluator evaluator : evaluators) {
        ours.add(evaluator.evaluate(scorer, split.test()));
        baseline.add(evaluator.evaluate(popularity, split.test()));
      }
    }
    return new TestReport(ours, baseline);
  }

  /**
   * Prints the metrics of all protocols.
   *
   * @param out the writer to print to
   */
  public void print(PrintWriter out) {
    for (int i = 0; i < model.size(); i++) {
      Printout.printMetrics(out, model.get(i), popularity.get(i));
    }
  }

  /** {@return the metrics of the model by name; the names contain the protocol} */
  public Map<String, Double> metrics() {
    return metrics(Evaluation::toMap);
  }

  /** Returns the same metrics, where {@code named} gives those of an evaluation by name. */
  Map<String, Double> metrics(Function<Evaluation, Map<String, Double>> named) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    model.forEach(evaluation -> metrics.putAll(named.apply(evaluation)));
    return metrics;
  }

  /**
   * Returns the rank of the target of each example, by ranking and group, in the form that {@link
   * PairedDifference} reads. It is empty if examples have several targets.
   */
  Map<String, int[]> ranks() {
    Map<String, int[]> ranks = new LinkedHashMap<>();
    for (Evaluation evaluation : model) {
      if (evaluation.negatives() == 0 && evaluation.ranks().length == evaluation.size()) {
        ranks.put(PairedDifference.key(evaluation, ""), evaluation.ranks());
        evaluation
            .groups()
            .forEach(
                (name, group) -> ranks.put(PairedDifference.key(evaluation, name), group.ranks()));
      }
    }
    return ranks;
  }

  /** {@return the model's metrics of every group} */
  public Map<String, Report.Group> groups() {
    Map<String, Report.Group> groups = new LinkedHashMap<>();
    for (Evaluation evaluation : model) {
      evaluation
          .groups()
          .forEach(
              (name, group) ->
                  groups
                      .computeIfAbsent(
                          name, any -> new Report.Group(group.size(), new LinkedHashMap<>()))
                      .metrics()
                      .putAll(group.toMap()));
    }
    return groups;
  }
}
