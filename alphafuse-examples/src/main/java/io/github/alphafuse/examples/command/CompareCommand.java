package io.github.alphafuse.examples.command;

import io.github.alphafuse.examples.compare.Comparison;
import io.github.alphafuse.examples.compare.ComparisonOptions;
import io.github.alphafuse.examples.compare.ComparisonRequest;
import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains methods under one protocol and writes their results side by side. */
@Command(
    name = "compare",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Compare ways to use language embeddings: methods x learning rates x seeds on the same"
          + " data. Writes tables and pictures into a folder. A comparison that was stopped"
          + " resumes from this folder.",
      "The options of train, train_diffusion or train_graph apply to all methods. Options can"
          + " also be read from a file, given as @FILE."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  alphafuse compare --data my-data --methods all --learning_rates 1e-4,1e-3 --seeds 22,23,24 --output comparison"
    })
public final class CompareCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--methods",
      paramLabel = "METHODS",
      required = true,
      description =
          "Methods to compare, separated by commas: the names of --model_type (id for"
              + " SASRec), all, ablations (AlphaFuse without each of its parts), or"
              + " NAME=METHOD:key=value,key=value for a method with its own options, named"
              + " like the flags of train, for example"
              + " wide=alphafuse:null_dim=128,lr=0.001,loss_type=cosineCE. With --backbone"
              + " graph: lightgcn, lightgcn-infonce, alpharec, alpharec-linear, or all.")
  private List<String> methods = new ArrayList<>();

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description =
          "Seeds, separated by commas (default: 22,23,24). A method with its own seeds=1 uses"
              + " only the first.")
  private List<Long> seeds = new ArrayList<>(List.of(22L, 23L, 24L));

  @Option(
      names = {"--learning_rates", "--learning-rates"},
      split = ",",
      paramLabel = "RATE",
      converter = Numbers.Positive.class,
      description =
          "Learning rates, separated by commas. The best for each method is chosen on"
              + " validation with the first seed (default: --lr, or its default). A method"
              + " with its own lr uses that one.")
  private List<Double> learningRates = new ArrayList<>();

  @Option(
      names = {"--new_items", "--new-items"},
      paramLabel = "SHARE",
      converter = Numbers.Share.class,
      description =
          "Hold this share of the items out of training completely, and test on examples"
              + " whose target is one of them, of which a method knows only the text. For the"
              + " backbone sasrec; methods that do not support new items have no results.")
  private double newItems;

  @Mixin private final ComparisonOptions options = new ComparisonOptions();

  /** Creates the command with its default options. */
  public CompareCommand() {}

  @Override
  public Integer call() {
    ComparisonRequest request =
        new ComparisonRequest(
            Objects.requireNonNull(spec).commandLine(), options, methods, newItems, true);
    if (newItems > 0 && options.backbone() != Backbone.SAS_REC) {
      throw request.usage(
          "--new_items is for the backbone sasrec, found --backbone " + options.backbone());
    }
    Comparison.run(request, learningRates, seeds);
    return 0;
  }
}
