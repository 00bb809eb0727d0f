package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.serve.SavedDescription;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.examples.compare.DescriptionFile;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.OutputOptions;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Describes a saved file. */
@Command(
    name = "describe",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Print what a saved model, checkpoint or projector was made of: settings, arrays, data,"
            + " training and result.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  alphafuse describe model.alphafuse",
      "  alphafuse describe model.alphafuse --json model.json"
    })
public final class DescribeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "Model, checkpoint or projector.")
  private Path file = Path.of("");

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the description to this file as JSON.")
  private @Nullable Path json;

  /** Creates the command with its default options. */
  public DescribeCommand() {}

  @Override
  public Integer call() {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailedException("FILE must be a saved file, found nothing at " + file);
    }
    OutputOptions.requireFolder("--json", json);
    SavedDescription description = SavedModel.describe(file);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    out.print(description);
    out.flush();
    if (json != null) {
      DescriptionFile.write(json, description);
    }
    return 0;
  }
}
