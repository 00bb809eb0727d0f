package io.github.alphafuse.benchmarks;

import java.util.List;
import picocli.CommandLine.Option;

/** Sizes of models and batches; the defaults are those that all published figures use. */
final class SizeOptions {
  @Option(names = "--dim", hidden = true, defaultValue = "128", converter = Count.class)
  private int dim;

  @Option(names = "--null-dim", hidden = true, defaultValue = "64", converter = Count.class)
  private int nullDim;

  @Option(names = "--batch-size", hidden = true, defaultValue = "256", converter = Count.class)
  private int batchSize;

  @Option(names = "--negatives", hidden = true, defaultValue = "64", converter = Count.class)
  private int negatives;

  @Option(names = "--top", hidden = true, defaultValue = "100", converter = Count.class)
  private int top;

  @Option(
      names = "--items",
      paramLabel = "N",
      split = ",",
      description =
          "Catalogue sizes of serving and training at every position (the first) and growth, separated by"
              + " commas.",
      converter = Count.class)
  private List<Integer> items = List.of();

  @Option(
      names = "--dims",
      paramLabel = "D",
      split = ",",
      description = "Dimensions of growth (default: ${DEFAULT-VALUE}).",
      defaultValue = "128,768,1536,3072",
      converter = Count.class)
  private List<Integer> dims = List.of();

  @Option(
      names = "--lengths",
      paramLabel = "L",
      split = ",",
      description = "History lengths of growth (default: ${DEFAULT-VALUE}).",
      defaultValue = "10,50,200",
      converter = Count.class)
  private List<Integer> lengths = List.of();

  Sizes sizes() {
    return new Sizes(dim, nullDim, batchSize, negatives, top, new Sizes.Grid(items, dims, lengths));
  }
}
