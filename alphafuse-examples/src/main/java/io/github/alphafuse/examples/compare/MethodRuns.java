package io.github.alphafuse.examples.compare;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A method with its runs at the learning rate that was chosen for it on validation.
 *
 * @param method the method and its settings
 * @param learningRate the chosen learning rate
 * @param tried how many learning rates there were to choose from
 * @param runs a run for each seed, at least one
 */
record MethodRuns(Method method, double learningRate, int tried, List<Run> runs) {

  /**
   * A mean over seeds.
   *
   * @param mean the mean; NaN where a run has no such number
   * @param deviation the standard deviation of the seeds; NaN for a single one
   */
  record Summary(double mean, double deviation) {}

  /** What the method is called in the tables. */
  String name() {
    return method.name();
  }

  Summary summary(ToDoubleFunction<Run> value) {
    double[] values = runs.stream().mapToDouble(value).toArray();
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
    return new Summary(
        mean, values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1)));
  }

  Summary test(String metric) {
    return summary(run -> run.test().getOrDefault(metric, Double.NaN));
  }

  Summary validation(String metric) {
    return summary(run -> run.validation().getOrDefault(metric, Double.NaN));
  }

  Summary group(String group, String metric) {
    return summary(
        run -> {
          Report.Group found = run.groups().get(group);
          return found == null ? Double.NaN : found.metrics().getOrDefault(metric, Double.NaN);
        });
  }
}
