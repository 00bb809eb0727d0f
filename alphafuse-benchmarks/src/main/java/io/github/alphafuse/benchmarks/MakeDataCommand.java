package io.github.alphafuse.benchmarks;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a folder of data to measure on. */
@Command(
    name = "make-data",
    description = "Writes emb.npy, seq.npy and next.npy, drawn from a seed.")
final class MakeDataCommand implements Runnable {
  @Parameters(paramLabel = "DIR", description = "The folder, made where it is not there.")
  private @Nullable Path folder;

  @Option(
      names = "--items",
      paramLabel = "N",
      description = "Items (default: ${DEFAULT-VALUE}).",
      defaultValue = "20000",
      converter = Count.class)
  private int items;

  @Option(
      names = "--language-dim",
      paramLabel = "D",
      description = "Columns of the embeddings (default: ${DEFAULT-VALUE}).",
      defaultValue = "1536",
      converter = Count.class)
  private int languageDim;

  @Option(
      names = "--examples",
      paramLabel = "M",
      description = "Histories and targets (default: ${DEFAULT-VALUE}).",
      defaultValue = "25600",
      converter = Count.class)
  private int examples;

  @Mixin HelpOption help = new HelpOption();

  @Override
  public void run() {
    new SyntheticData(items, languageDim, examples).write(java.util.Objects.requireNonNull(folder));
  }
}
