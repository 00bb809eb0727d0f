package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The content of the tables and pictures of a comparison.
 *
 * @param ranking a description of what is ranked; empty to use that of each evaluation
 * @param examples the word for the examples of the test part, in the plural
 * @param columns the metrics of the tables
 * @param bars the metrics of the picture
 * @param listed metrics to list even if a full ranking does not list them
 * @param pictures the pictures to draw
 */
record ReportLayout(
    String ranking,
    String examples,
    ImmutableList<Metric> columns,
    ImmutableList<Metric> bars,
    ImmutableSet<Metric> listed,
    ImmutableSet<ComparisonCharts.Picture> pictures) {

  /** Returns the metrics of an evaluation by name. */
  Map<String, Double> values(Evaluation evaluation) {
    Map<String, Double> values = new LinkedHashMap<>(evaluation.toMap());
    if (!evaluation.isEmpty() && evaluation.negatives() == 0) {
      listed.forEach(
          metric ->
              values.computeIfAbsent(
                  evaluation.prefix() + metric, any -> evaluation.value(metric)));
    }
    return values;
  }
}
