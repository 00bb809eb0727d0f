package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What tables and pictures of a comparison show.
 *
 * @param ranking what is ranked, in words; empty where evaluations say it
 * @param examples what an example of the test part is, in the plural
 * @param columns the metrics of the tables
 * @param bars the metrics of the picture
 * @param listed metrics that are listed where a full ranking itself does not list them
 * @param pictures the pictures that are drawn
 */
record ReportLayout(
    String ranking,
    String examples,
    ImmutableList<Metric> columns,
    ImmutableList<Metric> bars,
    ImmutableSet<Metric> listed,
    ImmutableSet<ComparisonCharts.Picture> pictures) {

  /** The metrics of an evaluation by name. */
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
