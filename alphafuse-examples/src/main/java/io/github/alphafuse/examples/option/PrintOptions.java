package io.github.alphafuse.examples.option;

import java.io.PrintWriter;
import java.io.Writer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for the amount of output. */
@Heading("Output")
public final class PrintOptions {
  @Option(
      names = {"-q", "--quiet"},
      description = "Print only the results.")
  private boolean quiet;

  /** Creates the options with their defaults. */
  public PrintOptions() {}

  /**
   * Returns the writer for everything that is not a result.
   *
   * @param results the writer of results
   * @return the same writer, or one that discards everything
   */
  public PrintWriter details(PrintWriter results) {
    return quiet ? new PrintWriter(Writer.nullWriter()) : results;
  }

  /**
   * Returns the writer that shows the progress of training.
   *
   * @param results the writer of results
   * @return the same writer, or null if progress is not shown
   */
  public @Nullable PrintWriter progress(PrintWriter results) {
    return quiet ? null : results;
  }
}
