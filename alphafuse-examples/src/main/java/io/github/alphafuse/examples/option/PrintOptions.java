package io.github.alphafuse.examples.option;

import java.io.PrintWriter;
import java.io.Writer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much a command prints. */
public final class PrintOptions {
  @Option(
      names = {"-q", "--quiet"},
      description = "Print the results only.")
  private boolean quiet;

  /** Options with their defaults. */
  public PrintOptions() {}

  /**
   * Where all is printed that is no result.
   *
   * @param results where results are printed
   * @return the same, or nowhere
   */
  public PrintWriter details(PrintWriter results) {
    return quiet ? new PrintWriter(Writer.nullWriter()) : results;
  }

  /**
   * Where the progress of training is shown.
   *
   * @param results where results are printed
   * @return the same, or null for nowhere
   */
  public @Nullable PrintWriter progress(PrintWriter results) {
    return quiet ? null : results;
  }
}
