package io.github.alphafuse.examples.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * A method that is ready to be trained.
 *
 * @param variant the method
 * @param newOptions gives its options, new ones each time
 * @param rates the learning rates to choose from, at least one
 * @param seeds the seeds, at least one
 * @param <O> the options of a run
 */
record Contender<O extends RunOptions>(
    Variant variant, Supplier<O> newOptions, List<Double> rates, List<Long> seeds) {

  O options() {
    return newOptions.get();
  }

  O options(double learningRate, long seed, Path checkpoint) {
    O options = options();
    options.forRun(learningRate, seed, checkpoint);
    return options;
  }

  Map<String, String> settings() {
    Map<String, Object> settings = new TreeMap<>();
    options().describe(settings);
    // A run's own, and in the name of its file.
    settings.keySet().removeAll(Set.of("lr", "random_seed", "checkpoint"));
    return ComparisonFolder.texts(settings);
  }

  /** The runs that are made, a choice of learning rates included. */
  int runCount() {
    return rates.size() + seeds.size() - 1;
  }
}
