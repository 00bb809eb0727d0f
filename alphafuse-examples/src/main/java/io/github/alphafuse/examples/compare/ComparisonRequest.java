package io.github.alphafuse.examples.compare;

import io.github.alphafuse.examples.option.CommandFailedException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * What compare or tune was asked for, whatever the backbone.
 *
 * @param line the command line
 * @param options the options that both take
 * @param methods the methods as they are written
 * @param newItems the share of items that are held out of training, 0 for none
 * @param isTested whether the test part of the data is looked at
 */
public record ComparisonRequest(
    CommandLine line,
    ComparisonOptions options,
    List<String> methods,
    double newItems,
    boolean isTested) {

  /** The methods, read by the names of a backbone. */
  List<Method> methods(Method.Names names) {
    try {
      return Method.parse(methods, names);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  /**
   * Tells whether an option was given.
   *
   * @param flag a name of the option
   * @return whether it was on the command line
   */
  public boolean isGiven(String flag) {
    return line.getParseResult().hasMatchedOption(flag);
  }

  /** The options of runs that were given, as they are written. */
  List<String> passed() {
    return options.passed().given(line.getParseResult());
  }

  /** Where results are printed. */
  PrintWriter results() {
    return line.getOut();
  }

  /** Where all else is printed. */
  PrintWriter details() {
    return options.print().details(results());
  }

  /** Checks that there is something to choose by, and something to test on where that is done. */
  void requireParts(String what, int validation, int test) {
    if (validation == 0 || (isTested && test == 0)) {
      throw new CommandFailedException(
          isTested
              ? "compare needs validation and test "
                  + what
                  + ", found "
                  + validation
                  + " and "
                  + test
              : "tune needs validation " + what + ", found none");
    }
  }

  /**
   * An error in the command line.
   *
   * @param message what is wrong
   * @return the error, to be thrown
   */
  public ParameterException usage(@Nullable String message) {
    return new ParameterException(line, String.valueOf(message));
  }
}
