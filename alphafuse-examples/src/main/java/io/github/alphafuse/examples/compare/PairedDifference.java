package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The difference between two methods on the same test examples.
 *
 * <p>The value of an example is the mean over the seeds of a method. Differences are taken example
 * by example, so effects that make an example easy or hard for both methods cancel out of the
 * standard error.
 *
 * @param value the mean of the method
 * @param error its standard error over examples
 * @param difference the mean difference from the other method
 * @param differenceError its standard error over examples
 */
record PairedDifference(double value, double error, double difference, double differenceError) {

  /**
   * Returns the name under which a run stores the ranks of an evaluation, or of one of its groups.
   */
  static String key(Evaluation evaluation, String group) {
    return evaluation.protocol() + (group.isEmpty() ? "" : ", " + group);
  }

  /** Compares two methods, if both have ranks of the same number of examples under a name. */
  static Optional<PairedDifference> of(
      MethodRuns method, MethodRuns other, String key, Metric metric) {
    double[] own = values(method, key, metric);
    double[] others = values(other, key, metric);
    if (own == null || others == null || own.length != others.length || own.length < 2) {
      return Optional.empty();
    }
    double[] differences = new double[own.length];
    for (int i = 0; i < own.length; i++) {
      differences[i] = own[i] - others[i];
    }
    return Optional.of(
        new PairedDifference(mean(own), error(own), mean(differences), error(differences)));
  }

  /** Returns the mean over seeds of each example, or null if a run has no such ranks. */
  private static double @Nullable [] values(MethodRuns method, String key, Metric metric) {
    double[] sums = null;
    for (Run run : method.runs()) {
      Map<String, int[]> all = run.ranks();
      int[] ranks = all == null ? null : all.get(key);
      if (ranks == null || (sums != null && sums.length != ranks.length)) {
        return null;
      }
      if (sums == null) {
        sums = new double[ranks.length];
      }
      for (int i = 0; i < ranks.length; i++) {
        sums[i] += metric.value(new int[] {ranks[i]}) / method.runs().size();
      }
    }
    return sums;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double error(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / (values.length - 1) / values.length);
  }

  /** Returns whether the difference is at most two standard errors. */
  boolean isTie() {
    return Math.abs(difference) <= 2 * differenceError;
  }
}
