package io.github.alphafuse.examples.compare;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A method and its runs at the learning rate chosen for it on validation.
 *
 * @param method the method and its settings
 * @param learningRate the chosen learning rate
 * @param tried the number of learning rates to choose from
 * @param runs one run per seed, at least one
 */
record MethodRuns(Method method, double learningRate, int tried, List<Run> runs) {

  /**
   * A mean over seeds.
   *
   * @param mean the mean; NaN if a run lacks the number
   * @param deviation the standard deviation over seeds; NaN for a single seed
   */
  record Summary(double mean, double deviation) {}

  /** Returns the name of the method in the tables. */
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
