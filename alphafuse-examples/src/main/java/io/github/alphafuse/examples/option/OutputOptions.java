package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.model.RankingModel;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the results of training go. */
public final class OutputOptions {
  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Save the trained model to this file.")
  private @Nullable Path model;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write settings, epochs and test metrics to this file, all digits.")
  private @Nullable Path json;

  @Mixin private final PrintOptions print = new PrintOptions();

  /** Options with their defaults. */
  public OutputOptions() {}

  /**
   * Saves a trained model where a file is named.
   *
   * @param trained the model
   * @param out where that is said
   */
  public void save(RankingModel trained, PrintWriter out) {
    if (model != null) {
      trained.save(model);
      out.println("\nModel saved to " + model);
    }
  }

  /** {@return the file of settings and metrics, if they are written} */
  public Optional<Path> json() {
    return Optional.ofNullable(json);
  }

  /** {@return how much is printed} */
  public PrintOptions print() {
    return print;
  }

  /** Finds out before training, not after it, that results cannot be written. */
  public void check() {
    requireFolder("--output", model);
    requireFolder("--json", json);
  }

  /**
   * Finds out that a file cannot be written.
   *
   * @param flag the option that names the file
   * @param file the file; null for none
   */
  public static void requireFolder(String flag, @Nullable Path file) {
    if (file == null) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new CommandFailedException(
          flag + " must name a file in a folder that exists, found no folder " + folder);
    }
    if (Files.isDirectory(file)) {
      throw new CommandFailedException(flag + " must name a file, found a folder at " + file);
    }
  }
}
