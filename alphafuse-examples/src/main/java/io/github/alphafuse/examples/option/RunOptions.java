package io.github.alphafuse.examples.option;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;

/** The options of a training run, as far as they are the same for every backbone. */
public interface RunOptions {
  /**
   * Takes what the preset says for options that are not given, and checks what no single option
   * can.
   *
   * @param isGiven tells whether the option of a name was on the command line
   */
  void complete(Predicate<String> isGiven);

  /**
   * Takes what must be the same for all methods of a comparison.
   *
   * @param base the options for all methods
   */
  default void follow(RunOptions base) {}

  /**
   * Sets what tells the runs of a method apart.
   *
   * @param learningRate the learning rate
   * @param seed the seed
   * @param checkpoint where the state of training is saved
   */
  void forRun(double learningRate, long seed, Path checkpoint);

  /** {@return how the model is trained, and when training ends} */
  TrainingOptions training();

  /**
   * {@return the validation metric by the name that says what is ranked where not all items are}
   */
  default String validationMetric() {
    return training().metric().toString();
  }

  /**
   * Puts every option under the name of its flag.
   *
   * @param settings where to
   */
  void describe(Map<String, Object> settings);
}
