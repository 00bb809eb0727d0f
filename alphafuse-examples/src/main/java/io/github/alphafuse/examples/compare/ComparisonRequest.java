package io.github.alphafuse.examples.compare;

import io.github.alphafuse.examples.option.CommandFailedException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A request to compare or to tune, for any backbone.
 *
 * @param line the command line
 * @param options the options that both commands share
 * @param methods the methods, as written on the command line
 * @param newItems the share of items that are held out of training, 0 for none
 * @param isTested whether the test part of the data is used
 */
public record ComparisonRequest(
    CommandLine line,
    ComparisonOptions options,
    List<String> methods,
    double newItems,
    boolean isTested) {

  /** Returns the methods, read with the names of a backbone. */
  List<Method> methods(Method.Names names) {
    try {
      return Method.parse(methods, names);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  /**
   * Returns whether an option was given.
   *
   * @param flag a name of the option
   * @return whether it was on the command line
   */
  public boolean isGiven(String flag) {
    return line.getParseResult().hasMatchedOption(flag);
  }

  /** Returns the given options of runs, as written on the command line. */
  List<String> passed() {
    return options.passed().given(line.getParseResult());
  }

  /** Returns the writer for results. */
  PrintWriter results() {
    return line.getOut();
  }

  /** Returns the writer for everything else. */
  PrintWriter details() {
    return options.print().details(results());
  }

  /** Prints a warning. */
  void warn(String message) {
    line.getErr().println("warning: " + message);
  }

  /** Checks that the data has a validation part, and a test part if it is used. */
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
   * Creates an error in the command line.
   *
   * @param message what is wrong
   * @return the exception, which the caller throws
   */
  public ParameterException usage(@Nullable String message) {
    return new ParameterException(line, String.valueOf(message));
  }
}
