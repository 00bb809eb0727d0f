package io.github.alphafuse.examples.option;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The options of a training run that all backbones share. */
public interface RunOptions {
  /**
   * Applies the preset to options that are not given, and checks the combination of options.
   *
   * @param isGiven whether the option with a given name was on the command line
   */
  void complete(Predicate<String> isGiven);

  /**
   * Describes the given options that have no effect with the others.
   *
   * @param isGiven whether the option with a given name was on the command line
   * @return a clause for each, such as "--neg_ratio has no effect with --loss_type CE"
   */
  List<String> withoutEffect(Predicate<String> isGiven);

  /**
   * Copies the settings that must be the same for all methods of a comparison.
   *
   * @param base the options for all methods
   */
  default void follow(RunOptions base) {}

  /**
   * Sets the values in which the runs of a method differ.
   *
   * @param learningRate the learning rate
   * @param seed the seed
   * @param checkpoint the file for the state of training
   */
  void forRun(double learningRate, long seed, Path checkpoint);

  /** {@return the options of training} */
  TrainingOptions training();

  /**
   * {@return the name of the validation metric; if only unseen items are ranked, the name says so}
   */
  default String validationMetric() {
    return training().metric().toString();
  }

  /**
   * Adds the value of every option, under the name of its flag.
   *
   * @param settings the map to add to
   */
  void describe(Map<String, Object> settings);
}
