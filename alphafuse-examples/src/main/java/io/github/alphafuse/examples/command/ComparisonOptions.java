package io.github.alphafuse.examples.command;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What compare and tune both take: the data, the backbone, the options of runs, and a folder. */
final class ComparisonOptions {
  @Mixin private final DataOptions data = new DataOptions();

  @Option(
      names = "--backbone",
      paramLabel = "NAME",
      description = "sasrec, dreamrec, or graph for LightGCN and AlphaRec (default: sasrec).")
  private Backbone backbone = Backbone.SAS_REC;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The folder for results and finished runs.")
  private @Nullable Path output;

  @Mixin private final EvaluationOptions evaluation = new EvaluationOptions();

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the results only.")
  private boolean quiet;

  private final PassedOptions passed = new PassedOptions();

  DataOptions data() {
    return data;
  }

  Backbone backbone() {
    return backbone;
  }

  Path output() {
    return Objects.requireNonNull(output);
  }

  EvaluationOptions evaluation() {
    return evaluation;
  }

  /** The options that are passed on to each run. */
  PassedOptions passed() {
    return passed;
  }

  /** Where all is printed that is no result: to a writer, or nowhere. */
  PrintWriter details(PrintWriter results) {
    return quiet ? new PrintWriter(Writer.nullWriter()) : results;
  }

  /** Where the progress of a run is shown, if it is. */
  @Nullable PrintWriter progress(PrintWriter results) {
    return quiet ? null : results;
  }
}
