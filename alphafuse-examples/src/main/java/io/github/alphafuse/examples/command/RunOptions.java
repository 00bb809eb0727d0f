package io.github.alphafuse.examples.command;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;

/** The options of a training run, as far as they are the same for every backbone. */
interface RunOptions {
  /**
   * Takes what the preset says for options that are not given, and checks what no single option
   * can.
   *
   * @param isGiven tells whether the option of a name was on the command line
   */
  void complete(Predicate<String> isGiven);

  /** Takes what must be the same for all methods of a comparison. */
  default void follow(RunOptions base) {}

  /** Sets what tells the runs of a method apart, and where their state is saved. */
  void forRun(double learningRate, long seed, Path checkpoint);

  /** How the model is trained, and when training ends. */
  TrainingOptions training();

  /** The validation metric by the name that says what is ranked where not all items are. */
  default String validationMetric() {
    return training().metric.toString();
  }

  /** Puts every option under the name of its flag. */
  void describe(Map<String, Object> settings);
}
