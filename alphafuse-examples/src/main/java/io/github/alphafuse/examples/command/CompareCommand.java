package io.github.alphafuse.examples.command;

import com.google.common.base.Stopwatch;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.examples.data.TrainingData;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Trains methods under one protocol and writes what they come to side by side. */
@Command(
    name = "compare",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Compare ways to use language embeddings: methods x learning rates x seeds on the same data."
          + " Writes tables and pictures into a folder; a comparison that was stopped goes on there.",
      "The options of train or train_diffusion hold for all methods. Options may also stand in a"
          + " file, named @FILE."
    })
public final class CompareCommand implements Callable<Integer> {
  private static final Set<String> SET_BY_COMPARE =
      Set.of("--model_type", "--random_seed", "--checkpoint");
  private static final int TIMED_USERS = 1000;
  private static final int TIMED_BATCH = 250;
  private static final int TIMED_ITEMS = 20;

  @Spec private @Nullable CommandSpec spec;
  @Mixin private final DataOptions data = new DataOptions();

  @Option(
      names = "--methods",
      paramLabel = "METHODS",
      required = true,
      description =
          "What is compared, between commas: the names of --model_type (id for SASRec), all,"
              + " ablations (AlphaFuse without each of its parts), or NAME=METHOD:key=value,key=value"
              + " for a method with options of its own by the names of train's flags, as in"
              + " wide=alphafuse:null_dim=128,lr=0.001,loss_type=cosineCE.")
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
      names = "--backbone",
      paramLabel = "NAME",
      description = "sasrec or dreamrec (default: sasrec).")
  private Recipe recipe = Recipe.SAS_REC;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The folder for tables, pictures and finished runs.")
  private @Nullable Path output;

  @Mixin private final EvaluationOptions evaluation = new EvaluationOptions();

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the table only.")
  private boolean quiet;

  private final Set<OptionSpec> shared = new LinkedHashSet<>();

  /** A command with its defaults. */
  public CompareCommand() {}

  /** Lets compare take the options of train and train_diffusion, to be read for each method. */
  static void addSharedOptions(CommandSpec compare) {
    CompareCommand command = (CompareCommand) compare.userObject();
    for (Recipe recipe : Recipe.values()) {
      CommandSpec spec = line(recipe.newOptions()).getCommandSpec();
      for (OptionSpec option : spec.options()) {
        boolean isFree = true;
        for (String name : option.names()) {
          isFree &= !SET_BY_COMPARE.contains(name) && !compare.optionsMap().containsKey(name);
        }
        if (isFree) {
          OptionSpec copy = copy(option);
          compare.addOption(copy);
          command.shared.add(copy);
        }
      }
    }
  }

  /** An option whose value is passed on as it is written. */
  private static OptionSpec copy(OptionSpec option) {
    String initial = String.valueOf(option.initialValue());
    String[] description =
        java.util.Arrays.stream(option.description())
            .map(text -> text.replace("${DEFAULT-VALUE}", initial))
            .toArray(String[]::new);
    OptionSpec.Builder copy =
        OptionSpec.builder(option.names())
            .paramLabel(option.paramLabel())
            .hidden(option.hidden())
            .description(description);
    if (option.arity().max() == 0) {
      return copy.arity("0").type(boolean.class).build();
    }
    return copy.arity(option.arity().toString())
        .type(String.class)
        .fallbackValue(String.valueOf(option.fallbackValue()))
        .build();
  }

  private static CommandLine line(MethodOptions options) {
    return RootCommand.configure(new CommandLine(options)).setOverwrittenOptionsAllowed(true);
  }

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    PrintWriter results = command.commandLine().getOut();
    PrintWriter out = quiet ? new PrintWriter(Writer.nullWriter()) : results;
    List<String> common = commonArguments();
    MethodOptions base = options(null, common, List.of());
    Backend backend = Backend.require();
    evaluation.split().ifPresent(data::splitUnlessGiven);
    evaluation.groupsUnlessGiven();
    TrainingData source = data.load();
    requireParts(source.split());
    List<Variant> variants;
    try {
      variants =
          Variant.parse(
              methods, new Variant.Ablated(recipe, base.projection(), source.embeddings()));
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    List<Contender> contenders = new ArrayList<>();
    for (Variant variant : variants) {
      contenders.add(contender(variant, common));
    }
    Path folder = Objects.requireNonNull(output);
    Map<String, Map<String, String>> settings = new LinkedHashMap<>();
    contenders.forEach(each -> settings.put(each.variant.name(), each.settings()));
    ComparisonFolder files = ComparisonFolder.open(folder, protocol(source, base), settings);
    out.println("AlphaFuse on " + backend.describe());
    out.println("Data:       " + source.name() + ": " + source.split());
    Tables.printDropped(out, source.split());
    Comparison comparison =
        new Comparison(
            source, files, evaluation.evaluators(base.training().evaluator(), source.split()), out);
    List<ComparedMethod> compared = comparison.run(contenders);
    String metric = base.training().metric.toString();
    results.println(new ComparisonTables("", metric, compared, comparison.popularity).summary());
    results.println("Tables and pictures are in " + folder);
    results.flush();
    List<String> failed =
        compared.stream()
            .filter(method -> method.runs().stream().allMatch(run -> run.test().isEmpty()))
            .map(method -> method.variant().name())
            .toList();
    if (!failed.isEmpty()) {
      throw new CommandFailedException(
          "training diverged with every learning rate: " + String.join(", ", failed));
    }
    return 0;
  }

  private static void requireParts(DatasetSplit split) {
    if (split.validation().isEmpty() || split.test().isEmpty()) {
      throw new CommandFailedException(
          "compare needs validation and test examples, found "
              + split.validation().size()
              + " and "
              + split.test().size());
    }
  }

  private ParameterException usage(@Nullable String message) {
    return new ParameterException(
        Objects.requireNonNull(spec).commandLine(), String.valueOf(message));
  }

  /** The options of train that were given, as they are written. */
  private List<String> commonArguments() {
    List<String> arguments = new ArrayList<>();
    for (OptionSpec option :
        Objects.requireNonNull(spec).commandLine().getParseResult().matchedOptions()) {
      if (shared.contains(option)) {
        arguments.add(
            option.arity().max() == 0
                ? option.longestName()
                : option.longestName() + "=" + option.<Object>getValue());
      }
    }
    return arguments;
  }

  /** The options of one method; without a variant, those that all have in common. */
  private MethodOptions options(@Nullable Variant variant, List<String> common, List<String> own) {
    String place = variant == null ? "" : "--methods " + variant.name() + ": ";
    MethodOptions options = recipe.newOptions();
    CommandLine line = line(options);
    List<String> arguments = new ArrayList<>(common);
    if (variant != null) {
      arguments.add("--model_type=" + variant.method());
      arguments.addAll(own);
    }
    try {
      CommandLine.ParseResult parsed = line.parseArgs(arguments.toArray(String[]::new));
      options.complete(parsed::hasMatchedOption);
    } catch (UnmatchedArgumentException e) {
      String unknown = e.getUnmatched().get(0).replaceFirst("=.*", "");
      throw usage(
          place
              + "unknown: "
              + unknown
              + NearestName.find(unknown, line.getCommandSpec().optionsMap().keySet())
                  .map(name -> "; did you mean " + name + "?")
                  .orElse(""));
    } catch (ParameterException | IllegalArgumentException e) {
      throw usage(place + e.getMessage());
    }
    if (data.isGenerated()) {
      options.training().forGeneratedData();
    }
    return options;
  }

  private Contender contender(Variant variant, List<String> common) {
    String place = "--methods " + variant.name() + ": ";
    List<String> own = new ArrayList<>();
    List<Long> ownSeeds = List.copyOf(new LinkedHashSet<>(seeds));
    for (Map.Entry<String, String> setting : variant.settings().entrySet()) {
      String flag = "--" + setting.getKey();
      if (SET_BY_COMPARE.contains(flag)) {
        throw usage(place + setting.getKey() + " is set by compare");
      }
      if (setting.getKey().equals("seeds")) {
        int count;
        try {
          count = new Numbers.Count().convert(setting.getValue());
        } catch (CommandLine.TypeConversionException e) {
          throw usage(place + "seeds: " + e.getMessage());
        }
        ownSeeds = ownSeeds.subList(0, Math.min(count, ownSeeds.size()));
      } else {
        own.add(flag + "=" + setting.getValue());
      }
    }
    // A threshold wins over a dimension, but one that holds for all must not win over the own one.
    List<String> before =
        variant.settings().containsKey("null_dim")
            ? common.stream().filter(text -> !text.startsWith("--null")).toList()
            : common;
    MethodOptions first = options(variant, before, own);
    List<Double> rates = List.copyOf(new LinkedHashSet<>(learningRates));
    if (rates.isEmpty() || variant.settings().containsKey("lr")) {
      rates = List.of(first.training().learningRate());
    }
    return new Contender(variant, before, own, rates, ownSeeds);
  }

  /** What is the same for all methods. */
  private Map<String, String> protocol(TrainingData source, MethodOptions base) {
    Map<String, Object> all = new TreeMap<>();
    all.put("backbone", recipe.toString());
    all.put("data", ComparisonFolder.fingerprint(source));
    evaluation.describe(all);
    all.put("metric", base.training().metric.toString());
    all.put("mask_seen", base.training().maskSeen);
    return texts(all);
  }

  private static Map<String, String> texts(Map<String, Object> values) {
    Map<String, String> texts = new TreeMap<>();
    values.forEach((name, value) -> texts.put(name, String.valueOf(value)));
    return texts;
  }

  /** A method that is ready to be trained. */
  private final class Contender {
    private final Variant variant;
    private final List<String> common;
    private final List<String> own;
    private final List<Double> rates;
    private final List<Long> seeds;

    Contender(
        Variant variant,
        List<String> common,
        List<String> own,
        List<Double> rates,
        List<Long> seeds) {
      this.variant = variant;
      this.common = common;
      this.own = own;
      this.rates = rates;
      this.seeds = seeds;
    }

    MethodOptions options() {
      return CompareCommand.this.options(variant, common, own);
    }

    MethodOptions options(double learningRate, long seed) {
      MethodOptions options = options();
      options.training().learningRate = learningRate;
      options.model().seed = seed;
      return options;
    }

    Map<String, String> settings() {
      Map<String, Object> settings = new TreeMap<>();
      options().describe(settings);
      // A run's own, and in the name of its file.
      settings.keySet().removeAll(Set.of("lr", "random_seed", "checkpoint"));
      return texts(settings);
    }

    /** The runs that are made, a choice of learning rates included. */
    int runCount() {
      return rates.size() + seeds.size() - 1;
    }
  }

  /** A comparison under way. */
  private final class Comparison {
    private final TrainingData source;
    private final ComparisonFolder files;
    private final List<Evaluator> evaluators;
    private final PrintWriter out;
    private final List<Evaluation> popularity = new ArrayList<>();
    private int runs;
    private int made;

    Comparison(
        TrainingData source, ComparisonFolder files, List<Evaluator> evaluators, PrintWriter out) {
      this.source = source;
      this.files = files;
      this.evaluators = evaluators;
      this.out = out;
    }

    List<ComparedMethod> run(List<Contender> contenders) {
      PopularityScorer scorer = PopularityScorer.of(source.split().train());
      evaluators.forEach(
          evaluator -> popularity.add(evaluator.evaluate(scorer, source.split().test())));
      runs = contenders.stream().mapToInt(Contender::runCount).sum();
      List<ComparedMethod> compared = new ArrayList<>();
      for (Contender contender : contenders) {
        compared.add(compare(contender));
        tables(contender, compared);
      }
      pictures(contenders, compared);
      return compared;
    }

    private void tables(Contender last, List<ComparedMethod> compared) {
      String title =
          source.name()
              + ": "
              + source.split()
              + ". Backbone "
              + recipe
              + ", at most "
              + last.options().training().epochs()
              + " epochs.";
      new ComparisonTables(title, metric(last), compared, popularity)
          .write(files.resolve("comparison.md"), files.resolve("comparison.csv"));
    }

    private String metric(Contender contender) {
      return contender.options().training().metric.toString();
    }

    private void pictures(List<Contender> contenders, List<ComparedMethod> compared) {
      ComparisonCharts charts =
          new ComparisonCharts(files.resolve(""), metric(contenders.get(0)), compared);
      charts.curves();
      charts.metrics();
      charts.groups(List.copyOf(ComparisonTables.groups(popularity.subList(0, 1))));
      MethodOptions shown =
          contenders.stream()
              .filter(contender -> contender.variant.method() == Method.ALPHA_FUSE)
              .findFirst()
              .orElse(contenders.get(0))
              .options();
      NullSpaceProjector projector =
          shown.projection().fit(source.embeddings(), source.split().train().itemFrequencies());
      charts.spectrum(projector);
    }

    private ComparedMethod compare(Contender contender) {
      String metric = metric(contender);
      long first = contender.seeds.get(0);
      List<ComparisonRun> tuned = new ArrayList<>();
      for (double rate : contender.rates) {
        tuned.add(run(contender, rate, first));
      }
      ComparisonRun best = tuned.get(0);
      for (ComparisonRun run : tuned) {
        if (run.validation(metric) > best.validation(metric)) {
          best = run;
        }
      }
      List<ComparisonRun> chosen = new ArrayList<>();
      chosen.add(best);
      for (long seed : contender.seeds.subList(1, contender.seeds.size())) {
        chosen.add(run(contender, best.learningRate(), seed));
      }
      return new ComparedMethod(
          contender.variant, best.learningRate(), contender.rates.size(), chosen);
    }

    private ComparisonRun run(Contender contender, double rate, long seed) {
      String name = contender.variant.name();
      made++;
      out.printf(
          Locale.ROOT,
          "%n[%d/%d] %s, learning rate %s, seed %d%n",
          made,
          runs,
          name,
          Numbers.plain(rate),
          seed);
      Optional<ComparisonRun> finished = files.read(name, rate, seed);
      if (finished.isPresent()) {
        out.println("finished before");
        return finished.get();
      }
      MethodOptions options = contender.options(rate, seed);
      options.training().checkpoint = files.checkpoint(name, rate, seed);
      DatasetSplit split = source.split();
      SequenceModel model =
          options.build(
              options
                  .method()
                  .items(
                      new Method.Input(
                          source.embeddings(), split.train().itemFrequencies(), options)),
              split.vocabulary());
      TrainingReport report = options.train(model, split, quiet ? null : out);
      out.println("Training:   " + report);
      if (report.stop() == TrainingReport.Stop.INTERRUPTED) {
        throw new CommandFailedException(
            "interrupted; the same command goes on from epoch " + report.epochs().size());
      }
      boolean isTrained = report.bestEpoch() > 0;
      TestResults test = isTrained ? TestResults.of(model, split, evaluators) : TestResults.NONE;
      ComparisonRun run =
          new ComparisonRun(
              name,
              rate,
              seed,
              report.stop().name(),
              model.parameterCount(),
              RunReport.epochs(report),
              report.bestEpoch(),
              report.bestValidation().map(Evaluation::toMap).map(Map::copyOf).orElse(Map.of()),
              test.metrics(),
              test.groups(),
              isTrained ? inferenceMilliseconds(model, split.test()) : 0);
      files.write(run);
      return run;
    }
  }

  /** The time to find the best items for 1,000 users; the better of two, after a first batch. */
  private static double inferenceMilliseconds(SequenceModel model, Examples test) {
    int users = Math.min(TIMED_USERS, test.size());
    int[][] histories = new int[users][];
    for (int i = 0; i < users; i++) {
      histories[i] = test.history(i);
    }
    TopQuery query = TopQuery.ofAll(Math.min(TIMED_ITEMS, test.itemCount()));
    double best = Double.POSITIVE_INFINITY;
    try (ItemScorer scorer = model.scorer()) {
      scorer.top(java.util.Arrays.copyOf(histories, Math.min(users, TIMED_BATCH)), query);
      for (int pass = 0; pass < 2; pass++) {
        Stopwatch watch = Stopwatch.createStarted();
        for (int from = 0; from < users; from += TIMED_BATCH) {
          scorer.top(
              java.util.Arrays.copyOfRange(histories, from, Math.min(users, from + TIMED_BATCH)),
              query);
        }
        best = Math.min(best, watch.elapsed(TimeUnit.NANOSECONDS) * 1e-6);
      }
    }
    return best * TIMED_USERS / users;
  }
}
