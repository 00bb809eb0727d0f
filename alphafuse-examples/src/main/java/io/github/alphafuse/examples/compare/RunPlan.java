package io.github.alphafuse.examples.compare;

import io.github.alphafuse.examples.option.RunOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The planned runs of a method.
 *
 * @param method the method
 * @param newOptions creates a new copy of its options on each call
 * @param rates the learning rates to choose from, at least one
 * @param seeds the seeds, at least one
 */
record RunPlan(
    Method method, Supplier<RunOptions> newOptions, List<Double> rates, List<Long> seeds) {

  RunOptions options() {
    return newOptions.get();
  }

  /** Returns the options of one run, which saves its state to a file. */
  RunOptions options(RunKey key, Path checkpoint) {
    RunOptions options = options();
    options.forRun(key.learningRate(), key.seed(), checkpoint);
    return options;
  }

  RunKey key(double learningRate, long seed) {
    return new RunKey(method.name(), learningRate, seed);
  }

  /** Returns the settings by the names of their flags, except those in which runs differ. */
  Map<String, Object> settings() {
    Map<String, Object> settings = new TreeMap<>();
    options().describe(settings);
    settings.keySet().removeAll(Set.of("lr", "random_seed", "checkpoint"));
    return settings;
  }

  /** Returns the number of runs, including those that choose the learning rate. */
  int runCount() {
    return rates.size() + seeds.size() - 1;
  }
}
