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
 * How a model and popularity rank the test examples, by one or more protocols.
 *
 * @param model the model's evaluations
 * @param popularity those of popularity by the same protocols
 */
public record TestReport(List<Evaluation> model, List<Evaluation> popularity) {
  /** Of nothing. */
  public static final TestReport NONE = new TestReport(List.of(), List.of());

  /**
   * Evaluates a model on the test part.
   *
   * @param model the model
   * @param split the data
   * @param evaluators a protocol each
   * @return what it comes to
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
   * @param out where to
   */
  public void print(PrintWriter out) {
    for (int i = 0; i < model.size(); i++) {
      Printout.printMetrics(out, model.get(i), popularity.get(i));
    }
  }

  /** {@return the model's metrics by name; the names say which protocol} */
  public Map<String, Double> metrics() {
    return metrics(Evaluation::toMap);
  }

  /** The same, with the metrics of an evaluation by name. */
  Map<String, Double> metrics(Function<Evaluation, Map<String, Double>> named) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    model.forEach(evaluation -> metrics.putAll(named.apply(evaluation)));
    return metrics;
  }

  /**
   * The rank of each example's target, by what was ranked and for each group, as {@link
   * PairedDifference} takes them; nothing where examples have several targets.
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
