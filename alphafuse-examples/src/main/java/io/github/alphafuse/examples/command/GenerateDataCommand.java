package io.github.alphafuse.examples.command;

import io.github.alphafuse.examples.data.GeneratedCatalogue;
import io.github.alphafuse.examples.data.GeneratedShop;
import io.github.alphafuse.examples.option.OutputFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes a data folder with a generated catalogue. */
@Command(
    name = "generate-data",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Write a data folder with a randomly generated catalogue.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  alphafuse generate-data --output generated-data",
      "  alphafuse generate-data --shop --items 500 --users 2000 --output shop"
    })
public final class GenerateDataCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "New or empty folder to write the data to.")
  private Path output = Path.of("");

  @Option(
      names = "--items",
      paramLabel = "N",
      description = "Number of items (default: ${DEFAULT-VALUE}).")
  private int items = 1500;

  @Option(
      names = "--users",
      paramLabel = "N",
      description = "Number of users (default: ${DEFAULT-VALUE}).")
  private int users = 10_000;

  @Option(
      names = "--dim",
      paramLabel = "N",
      description = "Width of the language embeddings (default: ${DEFAULT-VALUE}).")
  private int dim = 64;

  @Option(
      names = "--shop",
      description =
          "Write a shop's tables, products.csv and clicks.csv, instead of a data folder: prepare"
              + " makes one of them.")
  private boolean shop;

  @Option(
      names = {"--seed", "--random_seed", "--random-seed"},
      paramLabel = "N",
      description = "Seed of all random draws (default: ${DEFAULT-VALUE}).")
  private long seed = 22;

  /** Creates the command with its default options. */
  public GenerateDataCommand() {}

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    if (shop && command.commandLine().getParseResult().hasMatchedOption("--dim")) {
      throw new ParameterException(
          command.commandLine(), "--dim has no effect with --shop, which has texts to be encoded");
    }
    GeneratedCatalogue.Builder builder;
    try {
      builder = GeneratedCatalogue.builder().items(items).users(users).dim(dim).seed(seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
    }
    OutputFolder.requireNew(output, "a new or empty folder", name -> false);
    GeneratedCatalogue catalogue = builder.build();
    if (shop) {
      GeneratedShop.write(catalogue, seed, output);
      PrintWriter out = command.commandLine().getOut();
      out.println(catalogue.sequences() + ", written to " + output + " as tables of a shop");
      out.println(
          "Next: alphafuse prepare --products "
              + output.resolve(GeneratedShop.PRODUCTS)
              + " --clicks "
              + output.resolve(GeneratedShop.CLICKS)
              + " --user customer --item sku --time ordered_at --output my-data");
      return 0;
    }
    catalogue.write(output);
    command.commandLine().getOut().println(catalogue.sequences() + ", written to " + output);
    return 0;
  }
}
