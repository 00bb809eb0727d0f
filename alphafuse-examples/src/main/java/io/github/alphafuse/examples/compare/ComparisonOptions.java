package io.github.alphafuse.examples.compare;

import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.DataOptions;
import io.github.alphafuse.examples.option.EvaluationOptions;
import io.github.alphafuse.examples.option.PrintOptions;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options that compare and tune share: data, backbone, options of runs, and a folder. */
public final class ComparisonOptions {
  @Mixin private final DataOptions data = new DataOptions();

  @Option(
      names = "--backbone",
      paramLabel = "NAME",
      description =
          "Backbone: sasrec, dreamrec, or graph for LightGCN and AlphaRec (default: sasrec).")
  private Backbone backbone = Backbone.SAS_REC;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Folder for results and finished runs.")
  private @Nullable Path output;

  @Mixin private final EvaluationOptions evaluation = new EvaluationOptions();

  @Mixin private final PrintOptions print = new PrintOptions();

  private final PassedOptions passed = new PassedOptions();

  /** Creates the options with their defaults. */
  public ComparisonOptions() {}

  /**
   * Adds the options that are passed on to each run.
   *
   * @param command the command that takes these options
   */
  public void addPassedOptions(CommandSpec command) {
    passed.addTo(command);
  }

  DataOptions data() {
    return data;
  }

  /** {@return the backbone} */
  public Backbone backbone() {
    return backbone;
  }

  Path output() {
    return Objects.requireNonNull(output);
  }

  EvaluationOptions evaluation() {
    return evaluation;
  }

  PrintOptions print() {
    return print;
  }

  PassedOptions passed() {
    return passed;
  }
}
