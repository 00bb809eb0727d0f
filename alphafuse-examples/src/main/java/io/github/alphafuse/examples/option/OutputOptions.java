package io.github.alphafuse.examples.option;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.model.RankingModel;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options for the results of training. */
@Heading("Output")
public final class OutputOptions {
  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Save the trained model to this file.")
  private @Nullable Path model;

  @Option(
      names = "--timestamp",
      description =
          "Save with the model when it was made. Without it, the same training gives the same"
              + " file.")
  private boolean timestamp;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write settings, epochs and test metrics to this file, with all digits.")
  private @Nullable Path json;

  @Mixin private final PrintOptions print = new PrintOptions();

  /** Creates the options with their defaults. */
  public OutputOptions() {}

  /**
   * Saves a trained model if a file is given.
   *
   * @param trained the model
   * @param notes what to save about its data and results besides what the trainer recorded
   * @param out the writer to report it to
   */
  public void save(RankingModel trained, ImmutableMap<String, String> notes, PrintWriter out) {
    if (model != null) {
      trained
          .provenance()
          .map(provenance -> provenance.withNotes(notes))
          .map(provenance -> timestamp ? provenance.withTime(Instant.now()) : provenance)
          .ifPresent(trained::provenance);
      trained.save(model);
      out.println("\nModel saved to " + model);
    }
  }

  /** {@return the file to write settings and metrics to, if one is given} */
  public Optional<Path> json() {
    return Optional.ofNullable(json);
  }

  /** {@return the options for printing} */
  public PrintOptions print() {
    return print;
  }

  /** Checks, before training, that the results can be written. */
  public void check() {
    requireFolder("--output", model);
    requireFolder("--json", json);
  }

  /**
   * Checks that a file can be written.
   *
   * @param flag the option that names the file
   * @param file the file, or null if none is given
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
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new CommandFailedException(
          flag + " must name a file, found a device or pipe at " + file);
    }
  }
}
