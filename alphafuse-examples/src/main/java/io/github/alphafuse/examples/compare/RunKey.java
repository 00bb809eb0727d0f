package io.github.alphafuse.examples.compare;

import io.github.alphafuse.examples.option.Numbers;
import java.util.Locale;

/**
 * The values that identify a run in its folder.
 *
 * @param method the name of the method
 * @param learningRate the learning rate
 * @param seed the seed
 */
record RunKey(String method, double learningRate, long seed) {

  /** Returns the start of the names of its files. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s-lr%s-seed%d", method, Numbers.plain(learningRate), seed);
  }
}
