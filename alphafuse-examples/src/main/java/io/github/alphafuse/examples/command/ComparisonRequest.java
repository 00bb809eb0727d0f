package io.github.alphafuse.examples.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * What was asked of compare, whatever the backbone.
 *
 * @param line the command line
 * @param data which data
 * @param evaluation what is reported besides the full ranking
 * @param methods the methods as they are written
 * @param newItems the share of items that are held out of training, 0 for none
 */
record ComparisonRequest(
    CommandLine line,
    DataOptions data,
    EvaluationOptions evaluation,
    List<String> methods,
    double newItems) {

  /** The methods, read by the names of a backbone. */
  List<Variant> variants(Variant.Roster roster) {
    try {
      return Variant.parse(methods, roster);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  boolean isGiven(String flag) {
    return line.getParseResult().hasMatchedOption(flag);
  }

  ParameterException usage(@org.jspecify.annotations.Nullable String message) {
    return new ParameterException(line, String.valueOf(message));
  }
}
