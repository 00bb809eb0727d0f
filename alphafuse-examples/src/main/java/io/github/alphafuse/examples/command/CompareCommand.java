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

/** Trains methods under one protocol and writes what they come to side by side. */
@Command(
    name = "compare",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Compare ways to use language embeddings: methods x learning rates x seeds on the same data."
          + " Writes tables and pictures into a folder; a comparison that was stopped goes on there.",
      "The options of train, train_diffusion or train_graph hold for all methods. Options may also stand in a"
          + " file, named @FILE."
    })
public final class CompareCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--methods",
      paramLabel = "METHODS",
      required = true,
      description =
          "What is compared, between commas: the names of --model_type (id for SASRec), all,"
              + " ablations (AlphaFuse without each of its parts), or NAME=METHOD:key=value,key=value"
              + " for a method with options of its own by the names of train's flags, as in"
              + " wide=alphafuse:null_dim=128,lr=0.001,loss_type=cosineCE. With --backbone graph:"
              + " lightgcn, lightgcn-infonce, alpharec, alpharec-linear, or all.")
  private List<String> methods = new ArrayList<>();

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description =
          "Seeds, between commas (default: 22,23,24). A method's own seeds=1 takes the first alone.")
  private List<Long> seeds = new ArrayList<>(List.of(22L, 23L, 24L));

  @Option(
      names = {"--learning_rates", "--learning-rates"},
      split = ",",
      paramLabel = "RATE",
      converter = Numbers.Positive.class,
      description =
          "Learning rates, between commas, from which each method's is chosen on validation with the"
              + " first seed (default: --lr, or its default). A method's own lr leaves no choice.")
  private List<Double> learningRates = new ArrayList<>();

  @Option(
      names = {"--new_items", "--new-items"},
      paramLabel = "SHARE",
      converter = Numbers.Share.class,
      description =
          "Hold this share of the items out of training altogether, and test on examples whose target"
              + " is one of them, which a method knows by its text alone. For the backbone sasrec;"
              + " methods that take no new items have no numbers.")
  private double newItems;

  @Mixin private final ComparisonOptions options = new ComparisonOptions();

  /** A command with its defaults. */
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
