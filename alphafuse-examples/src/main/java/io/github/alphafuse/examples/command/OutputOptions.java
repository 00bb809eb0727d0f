package io.github.alphafuse.examples.command;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where results go. */
final class OutputOptions {
  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Save the trained model to this file.")
  @Nullable Path model;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write settings, epochs and test metrics to this file, all digits.")
  @Nullable Path json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the test metrics only.")
  boolean quiet;

  /** Finds out before training, not after it, that results cannot be written. */
  void check() {
    requireFolder("--output", model);
    requireFolder("--json", json);
  }

  static void requireFolder(String option, @Nullable Path file) {
    if (file == null) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new CommandFailedException(
          option + " must name a file in a folder that exists, found no folder " + folder);
    }
    if (Files.isDirectory(file)) {
      throw new CommandFailedException(option + " must name a file, found a folder at " + file);
    }
  }
}
