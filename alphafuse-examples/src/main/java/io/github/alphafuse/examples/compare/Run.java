package io.github.alphafuse.examples.compare;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A finished training run. Its components are the keys of its JSON file.
 *
 * @param method the name of the method
 * @param learningRate the learning rate
 * @param seed the seed
 * @param stop why training ended
 * @param trainedParameters the number of trained numbers
 * @param epochs the results of each epoch
 * @param bestEpoch the epoch that was chosen on validation, from 1; 0 for none
 * @param validation validation metrics of that epoch by name
 * @param test test metrics of that epoch by name; they are not used for any choice
 * @param groups the results of groups of the test examples, by name
 * @param inferenceMilliseconds the time to rank all items for 1,000 users
 * @param ranks the rank of each test example's target, by ranking and group; null in a file of an
 *     earlier version
 */
record Run(
    String method,
    double learningRate,
    long seed,
    String stop,
    long trainedParameters,
    List<Report.Epoch> epochs,
    int bestEpoch,
    Map<String, Double> validation,
    Map<String, Double> test,
    Map<String, Report.Group> groups,
    double inferenceMilliseconds,
    @Nullable Map<String, int[]> ranks) {

  RunKey key() {
    return new RunKey(method, learningRate, seed);
  }

  /** Returns the validation metric used for choices. A run without it ranks below all others. */
  double validation(String metric) {
    return validation.getOrDefault(metric, Double.NEGATIVE_INFINITY);
  }

  /** Returns the mean seconds per epoch of training, without evaluation. */
  double secondsPerEpoch() {
    return epochs.stream()
        .mapToDouble(epoch -> epoch.seconds() - epoch.evaluationSeconds())
        .average()
        .orElse(Double.NaN);
  }
}
