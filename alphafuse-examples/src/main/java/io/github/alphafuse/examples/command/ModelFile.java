package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.sasrec.SasRec;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** A model that was saved. */
final class ModelFile {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "File that train --output saved.")
  Path file = Path.of("");

  SasRec load() {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailedException("--model names no file: expected a saved model at " + file);
    }
    return SasRec.load(file);
  }
}
