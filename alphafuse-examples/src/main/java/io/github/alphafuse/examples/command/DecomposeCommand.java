package io.github.alphafuse.examples.command;

import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.examples.compare.Printout;
import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.DataOptions;
import io.github.alphafuse.examples.option.OutputOptions;
import io.github.alphafuse.examples.option.ProjectionOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Decomposes language embeddings and prints their spectrum. */
@Command(
    name = "decompose",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Print the spectrum of language embeddings and the size of their null space.",
    footerHeading = "%nExamples:%n",
    footer = {"  alphafuse decompose --data my-data --output projector.alphafuse"})
public final class DecomposeCommand implements Callable<Integer> {
  private static final double[] THRESHOLDS = {0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10};

  @Spec private @Nullable CommandSpec spec;
  @Mixin private final DataOptions data = new DataOptions();
  @Mixin private final ProjectionOptions projection = new ProjectionOptions(Backbone.SAS_REC);

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Save the fitted projector to this file.")
  private @Nullable Path output;

  /** Creates the command with its default options. */
  public DecomposeCommand() {}

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    PrintWriter out = command.commandLine().getOut();
    try {
      projection.check();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    if (!projection.weighsItems()) {
      data.requireTextOnly("--item_frequency_flag");
    }
    OutputOptions.requireFolder("--output", output);
    LanguageEmbeddings embeddings = data.loadEmbeddings();
    long[] frequencies =
        projection.weighsItems()
            ? data.loadSplit(embeddings.itemCount()).train().itemFrequencies()
            : new long[0];
    NullSpaceProjector projector = projection.fit(embeddings, frequencies);
    out.printf(
        Locale.ROOT,
        "Embeddings: %,d items x %d, rows times %.6g%n",
        embeddings.itemCount(),
        embeddings.dim(),
        projector.rowFactor());
    ProjectionOptions.leftOut(projector).ifPresent(out::println);
    Printout.printDecomposition(out, projector);
    printSpectrum(out, projector);
    if (output != null) {
      projector.save(output);
      out.println("\nProjector saved to " + output);
    }
    out.flush();
    return 0;
  }

  private static void printSpectrum(PrintWriter out, NullSpaceProjector projector) {
    double[] values = projector.singularValues();
    double[] shares = projector.explainedVariance();
    out.printf(Locale.ROOT, "%n%10s %14s %12s%n", "direction", "variance", "cumulative");
    for (int i = 1;
        i <= values.length;
        i = i == values.length ? i + 1 : Math.min(2 * i, values.length)) {
      out.printf(
          Locale.ROOT,
          "%10d %14.6g %10.2f %%%n",
          i,
          values[i - 1],
          100 * Arrays.stream(shares, 0, i).sum());
    }
    out.printf(Locale.ROOT, "%n%10s %14s%n", "threshold", "nullity");
    int directions = projector.languageDim();
    for (double threshold : THRESHOLDS) {
      // Variances that a solver of leading directions did not find are at most the last one found.
      long above = Arrays.stream(values).filter(s -> s > threshold).count();
      boolean unknown = above == values.length && values.length < directions;
      out.printf(
          Locale.ROOT,
          "%10s %8s of %d%n",
          threshold,
          unknown ? "<= " + (directions - above) : String.valueOf(directions - above),
          directions);
    }
  }
}
