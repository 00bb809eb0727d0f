package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Searches for settings on validation: random ones, of which the better share is trained longer.
 */
@Command(
    name = "tune",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Search for settings of train or train_diffusion on validation: random settings are trained for"
          + " a few epochs, the best of them for more, and so on (successive halving). Prints a"
          + " table and the command of the best; a search that was stopped goes on in its folder.",
      "The options of train or train_diffusion hold for all trials. Nothing looks at the test part."
    })
public final class TuneCommand implements Callable<Integer> {
  private static final String RECOMMENDED = "--preset=recommended";

  /** What rounds, protocols and seeds are made of. */
  private static final ImmutableList<String> NOT_SEARCHED =
      ImmutableList.of(
          "epoch", "epochs", "metric", "mask_seen", "preset", "seed", "seeds", "patience");

  /** What is the search's own and not of the training that it searches for. */
  private static final ImmutableList<String> OWN =
      ImmutableList.of(
          "--try",
          "--trials",
          "--keep_one_of",
          "--search_seed",
          "--seed",
          "--method",
          "--backbone",
          "--output",
          "--quiet");

  @Spec private @Nullable CommandSpec spec;
  @Mixin private final DataOptions data = new DataOptions();

  @Option(
      names = "--try",
      paramLabel = "KEY=VALUES",
      required = true,
      description =
          "A setting to search, by the name of a flag of train: values between commas, as in"
              + " dropout_rate=0.1,0.2,0.3, or a range, as in lr=0.001..0.01. A range of whole"
              + " numbers gives whole numbers; one whose ends are a factor of 10 apart is drawn from"
              + " on a logarithmic scale. Once for each setting.")
  private List<String> tries = new ArrayList<>();

  @Option(
      names = "--trials",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Settings that are drawn (default: ${DEFAULT-VALUE}).")
  private int trials = 9;

  @Option(
      names = {"--keep_one_of", "--keep-one-of"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "Of so many trials one goes on, to so many times as many epochs (default:"
              + " ${DEFAULT-VALUE}).")
  private int factor = 3;

  @Option(
      names = {"--search_seed", "--search-seed"},
      paramLabel = "N",
      description = "Seed of the settings that are drawn (default: ${DEFAULT-VALUE}).")
  private long searchSeed = 22;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of every trial (default: ${DEFAULT-VALUE}).")
  private long seed = 22;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description = "The method, by the names of --model_type (default: alphafuse).")
  private String method = Method.ALPHA_FUSE.toString();

  @Option(
      names = "--backbone",
      paramLabel = "NAME",
      converter = Backbone.Converter.class,
      description = "sasrec, dreamrec, or graph for LightGCN and AlphaRec (default: sasrec).")
  private Backbone<?> backbone = Backbone.SAS_REC;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The folder of the search.")
  private @Nullable Path output;

  @Mixin private final EvaluationOptions evaluation = new EvaluationOptions();

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the table and the command only.")
  private boolean quiet;

  private final PassedOptions passed = new PassedOptions();

  /** A command with its defaults. */
  public TuneCommand() {}

  /** The options that are passed on to each trial. */
  PassedOptions passed() {
    return passed;
  }

  @Override
  public Integer call() {
    tune(backbone);
    return 0;
  }

  /** Settings, and what each round that they were in came to on validation. */
  private record Trial(String name, ImmutableMap<String, String> settings, List<Double> values) {
    double last() {
      return values.get(values.size() - 1);
    }
  }

  private <O extends RunOptions> void tune(Backbone<O> chosen) {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    if (factor < 2) {
      throw new ParameterException(line, "--keep_one_of must be at least 2, found " + factor);
    }
    SearchSpace space;
    try {
      space = SearchSpace.parse(tries);
      for (String key : space.choices().keySet()) {
        if (NOT_SEARCHED.contains(key.replace('-', '_'))) {
          throw new IllegalArgumentException(
              "--try " + key + " is the same for all trials: give --" + key + " itself");
        }
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line, e.getMessage(), e);
    }
    ComparisonRequest request = new ComparisonRequest(line, data, evaluation, List.of(method), 0);
    List<String> common = new ArrayList<>(passed.given(line.getParseResult()));
    if (chosen == Backbone.SAS_REC && !line.getParseResult().hasMatchedOption("--preset")) {
      common.add(RECOMMENDED);
    }
    ContenderReader<O> reader = new ContenderReader<>(chosen, request, common);
    O base = reader.base();
    List<Trial> all = new ArrayList<>();
    for (ImmutableMap<String, String> settings : space.draw(trials, searchSeed)) {
      String name = String.format(Locale.ROOT, "trial-%02d", all.size() + 1);
      all.add(new Trial(name, settings, new ArrayList<>()));
    }
    List<Integer> budgets = budgets(base.epochs(), all.size());
    PrintWriter out = quiet ? new PrintWriter(Writer.nullWriter()) : line.getOut();
    Machine machine = Machine.start();
    TestBed<O> bed = chosen.open(request, base);
    if (bed.variants().size() != 1) {
      throw new ParameterException(line, "--method must name one method, found " + method);
    }
    Variant variant = bed.variants().get(0);
    out.println("AlphaFuse on " + machine);
    out.println("Data:       " + bed.data());
    Map<String, Object> protocol = new TreeMap<>();
    bed.describe(protocol);
    protocol.put("search", tries + ", " + trials + " of seed " + searchSeed + ", 1 of " + factor);
    List<Trial> alive = all;
    for (int round = 0; round < budgets.size(); round++) {
      int epochs = budgets.get(round);
      out.printf(
          Locale.ROOT,
          "%nRound %d of %d: %d trials of %d epochs%n",
          round + 1,
          budgets.size(),
          alive.size(),
          epochs);
      Round<O> each = new Round<>(bed, reader, variant, epochs);
      each.run(alive, protocol, out);
      alive =
          alive.stream()
              .sorted(Comparator.comparingDouble(Trial::last).reversed())
              .limit(Math.max(1, alive.size() / factor))
              .toList();
    }
    report(line.getOut(), new Found(all, alive.get(0), budgets), base.validationMetric());
  }

  /** The epochs of each round: the last has all, those before a share. */
  private List<Integer> budgets(int epochs, int count) {
    List<Integer> budgets = new ArrayList<>(List.of(epochs));
    int alive = count;
    while (alive >= factor && budgets.get(0) > 1) {
      budgets.add(0, Math.max(1, budgets.get(0) / factor));
      alive /= factor;
    }
    return budgets;
  }

  /** Trials that are trained for as many epochs. */
  private final class Round<O extends RunOptions> {
    private final TestBed<O> bed;
    private final ContenderReader<O> reader;
    private final Variant variant;
    private final int epochs;

    Round(TestBed<O> bed, ContenderReader<O> reader, Variant variant, int epochs) {
      this.bed = bed;
      this.reader = reader;
      this.variant = variant;
      this.epochs = epochs;
    }

    void run(List<Trial> trials, Map<String, Object> protocol, PrintWriter out) {
      Map<Trial, Contender<O>> contenders = new LinkedHashMap<>();
      Map<String, Map<String, String>> settings = new LinkedHashMap<>();
      for (Trial trial : trials) {
        ImmutableMap<String, String> own =
            ImmutableMap.<String, String>builder()
                .putAll(trial.settings())
                .put("epoch", Integer.toString(epochs))
                .buildKeepingLast();
        Variant named =
            new Variant(
                trial.name() + "-epochs-" + epochs,
                variant.method(),
                variant.description(),
                variant.flags(),
                own);
        Contender<O> contender = reader.read(named, List.of(), List.of(seed));
        contenders.put(trial, contender);
        settings.put(named.name(), contender.settings());
      }
      try (ComparisonFolder files =
          ComparisonFolder.open(
              Objects.requireNonNull(output), ComparisonFolder.texts(protocol), settings)) {
        contenders.forEach((trial, contender) -> trial.values().add(value(contender, files, out)));
      }
    }

    private double value(Contender<O> contender, ComparisonFolder files, PrintWriter out) {
      String name = contender.variant().name();
      double rate = contender.rates().get(0);
      String metric = contender.options().validationMetric();
      out.println(name + ": " + contender.variant().settings());
      ComparisonRun run = files.read(name, rate, seed).orElse(null);
      if (run == null) {
        TestBed.Trial trial =
            bed.trial(contender.options(rate, seed, files.checkpoint(name, rate, seed)));
        TrainingReport report = trial.training().run(null);
        if (report.stop() == TrainingReport.Stop.INTERRUPTED) {
          throw new CommandFailedException(
              "interrupted; the same command goes on from epoch " + report.epochs().size());
        }
        ComparisonLayout layout = bed.layout();
        run =
            new ComparisonRun(
                name,
                rate,
                seed,
                report.stop().name(),
                trial.model().parameterCount(),
                RunReport.epochs(report, layout::values),
                report.bestEpoch(),
                report.bestValidation().map(layout::values).map(Map::copyOf).orElse(Map.of()),
                Map.of(),
                Map.of(),
                0,
                Map.of());
        files.write(run);
      }
      out.printf(Locale.ROOT, "    validation %s %.4f%n", metric, run.validation(metric));
      return run.validation(metric);
    }
  }

  /** All trials, the best of them, and the epochs of each round. */
  private record Found(List<Trial> all, Trial best, List<Integer> budgets) {}

  private void report(PrintWriter out, Found found, String metric) {
    List<String> keys = List.copyOf(found.best().settings().keySet());
    StringBuilder text = new StringBuilder();
    text.append("\n| trial | ").append(String.join(" | ", keys));
    found.budgets().forEach(epochs -> text.append(" | ").append(epochs).append(" epochs"));
    text.append(" |\n|").append(" --- |".repeat(1 + keys.size() + found.budgets().size()));
    List<Trial> sorted = new ArrayList<>(found.all());
    sorted.sort(
        Comparator.<Trial>comparingInt(trial -> trial.values().size())
            .thenComparingDouble(Trial::last)
            .reversed());
    for (Trial trial : sorted) {
      text.append("\n| ").append(trial.name());
      keys.forEach(key -> text.append(" | ").append(trial.settings().get(key)));
      for (int round = 0; round < found.budgets().size(); round++) {
        text.append(
            round < trial.values().size()
                ? String.format(Locale.ROOT, " | %.4f", trial.values().get(round))
                : " | ");
      }
      text.append(" |");
    }
    text.append("\n\nValidation ").append(metric).append("; the best settings:\n\n    ");
    text.append(String.join(" ", command(found.best()))).append('\n');
    if (!Double.isFinite(found.best().last())) {
      throw new CommandFailedException("training diverged with all settings");
    }
    JsonFile.writeText(Objects.requireNonNull(output).resolve("search.md"), text.toString());
    out.print(text);
    out.flush();
  }

  /** The command that trains the best settings: what was given, and what was found. */
  private List<String> command(Trial best) {
    String train =
        backbone == Backbone.SAS_REC
            ? "train"
            : backbone == Backbone.DREAM_REC ? "train_diffusion" : "train_graph";
    List<String> words = new ArrayList<>(List.of("./alphafuse", train));
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    for (OptionSpec option : line.getParseResult().matchedOptions()) {
      List<String> names = List.of(option.names());
      boolean isFound =
          names.stream().anyMatch(name -> best.settings().containsKey(name.replaceFirst("-+", "")));
      if (Collections.disjoint(names, OWN) && !isFound) {
        words.add(
            option.arity().max() == 0
                ? option.longestName()
                : option.longestName() + "=" + String.join(",", option.originalStringValues()));
      }
    }
    if (backbone == Backbone.SAS_REC && !line.getParseResult().hasMatchedOption("--preset")) {
      words.add(RECOMMENDED);
    }
    words.add((backbone == Backbone.GRAPH ? "--model=" : "--model_type=") + method);
    best.settings().forEach((key, value) -> words.add("--" + key + "=" + value));
    words.add((backbone == Backbone.GRAPH ? "--seed=" : "--random_seed=") + seed);
    return words;
  }
}
