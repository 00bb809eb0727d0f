package io.github.alphafuse.examples.compare;

import io.github.alphafuse.examples.option.RunOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The runs that are made of a method.
 *
 * @param method the method
 * @param newOptions gives its options, new ones each time
 * @param rates the learning rates to choose from, at least one
 * @param seeds the seeds, at least one
 */
record RunPlan(
    Method method, Supplier<RunOptions> newOptions, List<Double> rates, List<Long> seeds) {

  RunOptions options() {
    return newOptions.get();
  }

  /** The options of one of the runs, whose state is saved to a file. */
  RunOptions options(RunKey key, Path checkpoint) {
    RunOptions options = options();
    options.forRun(key.learningRate(), key.seed(), checkpoint);
    return options;
  }

  RunKey key(double learningRate, long seed) {
    return new RunKey(method.name(), learningRate, seed);
  }

  /** The settings by the names of the flags, but for those that tell runs apart. */
  Map<String, Object> settings() {
    Map<String, Object> settings = new TreeMap<>();
    options().describe(settings);
    settings.keySet().removeAll(Set.of("lr", "random_seed", "checkpoint"));
    return settings;
  }

  /** The number of runs, a choice of learning rates included. */
  int runCount() {
    return rates.size() + seeds.size() - 1;
  }
}
