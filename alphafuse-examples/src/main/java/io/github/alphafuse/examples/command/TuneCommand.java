package io.github.alphafuse.examples.command;

import io.github.alphafuse.examples.compare.ComparisonOptions;
import io.github.alphafuse.examples.compare.ComparisonRequest;
import io.github.alphafuse.examples.compare.Search;
import io.github.alphafuse.examples.compare.SearchSettings;
import io.github.alphafuse.examples.compare.SearchSpace;
import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.ModelType;
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

/**
 * Searches for settings on validation. It trains random settings and continues with the best of
 * them for more epochs.
 */
@Command(
    name = "tune",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Search for settings of train or train_diffusion on validation: random settings are"
          + " trained for a few epochs, the best of them for more, and so on (successive"
          + " halving). Prints a table and the command for the best settings. A search that"
          + " was stopped resumes from its folder.",
      "The options of train or train_diffusion apply to all trials. The test part is not used."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  alphafuse tune --data my-data --try lr=0.002..0.01 --try dropout_rate=0.1,0.2,0.3 --output search"
    })
public final class TuneCommand implements Callable<Integer> {
  private static final String PRESET = "--preset";

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--try",
      paramLabel = "KEY=VALUES",
      required = true,
      description =
          "A setting to search, named like a flag of train: values separated by commas, for"
              + " example dropout_rate=0.1,0.2,0.3, or a range, for example lr=0.001..0.01. A"
              + " range of whole numbers gives whole numbers. Other ranges are drawn on a"
              + " logarithmic scale if their ends differ by a factor of 10 or more. Repeat"
              + " the option for each setting.")
  private List<String> tries = new ArrayList<>();

  @Option(
      names = "--trials",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Number of settings to draw (default: ${DEFAULT-VALUE}).")
  private int trials = 9;

  @Option(
      names = {"--keep_one_of", "--keep-one-of"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "Factor N of each round: one of N trials continues, with N times as many epochs"
              + " (default: ${DEFAULT-VALUE}).")
  private int factor = 3;

  @Option(
      names = {"--search_seed", "--search-seed"},
      paramLabel = "N",
      description = "Seed for drawing the settings (default: ${DEFAULT-VALUE}).")
  private long searchSeed = 22;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Training seed of every trial (default: ${DEFAULT-VALUE}).")
  private long seed = 22;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description = "Method, one of the names of --model_type (default: alphafuse).")
  private String method = ModelType.ALPHA_FUSE.toString();

  @Mixin private final ComparisonOptions options = new ComparisonOptions();

  /** Creates the command with its default options. */
  public TuneCommand() {}

  @Override
  public Integer call() {
    ComparisonRequest request =
        new ComparisonRequest(
            Objects.requireNonNull(spec).commandLine(), options, List.of(method), 0, false);
    for (String flag : List.of("--groups", "--sampled_negatives", "--sampled_seed")) {
      if (request.isGiven(flag)) {
        throw request.usage(
            flag
                + " is for reports on the test part, which tune does not use: give it to the"
                + " command that trains the best settings");
      }
    }
    if (factor < 2) {
      throw request.usage("--keep_one_of must be at least 2, found " + factor);
    }
    SearchSpace space;
    try {
      space = SearchSpace.parse(tries);
    } catch (IllegalArgumentException e) {
      throw request.usage(e.getMessage());
    }
    boolean isRecommended = options.backbone() == Backbone.SAS_REC && !request.isGiven(PRESET);
    Search.run(
        request,
        new SearchSettings(space, trials, factor, searchSeed, seed),
        isRecommended ? List.of(PRESET + "=recommended") : List.of());
    return 0;
  }
}
