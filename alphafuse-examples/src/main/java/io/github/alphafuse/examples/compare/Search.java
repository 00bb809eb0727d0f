package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.RunOptions;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.OptionSpec;

/** Searches for settings on validation. The best of random settings are trained for more epochs. */
public final class Search {
  /** The options that belong to the search and not to the training. */
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

  private final ComparisonRequest request;
  private final SearchSettings settings;
  private final List<String> defaults;
  private final MethodReader reader;
  private final RunOptions base;
  private final Machine machine;
  private final Protocol protocol;
  private final Method method;
  private final PrintWriter out;

  private Search(ComparisonRequest request, SearchSettings settings, List<String> defaults) {
    this.request = request;
    this.settings = settings;
    this.defaults = defaults;
    List<String> common = new ArrayList<>(request.passed());
    common.addAll(defaults);
    this.reader = new MethodReader(request, common);
    this.base = reader.base();
    this.machine = Machine.start();
    this.protocol = Protocol.open(request, base);
    this.method = protocol.methods().get(0);
    if (protocol.methods().size() != 1 || !method.settings().isEmpty()) {
      throw request.usage(
          "--method must name one method, without settings, found "
              + String.join(",", request.methods()));
    }
    this.out = request.details();
  }

  /** The settings of a trial, and its validation results in each round that it took part in. */
  private record Trial(String name, ImmutableMap<String, String> settings, List<Double> values) {
    double last() {
      return values.get(values.size() - 1);
    }
  }

  /**
   * Searches for the best settings of a method.
   *
   * @param request the request, with one method
   * @param settings the settings of the search
   * @param defaults further options of all trials, which were not given, as written on a command
   *     line
   */
  public static void run(
      ComparisonRequest request, SearchSettings settings, List<String> defaults) {
    new Search(request, settings, defaults).run();
  }

  private void run() {
    out.println("AlphaFuse on " + machine);
    out.println("Data:       " + protocol.data());
    List<Trial> all = new ArrayList<>();
    for (ImmutableMap<String, String> drawn : settings.draw()) {
      String name = String.format(Locale.ROOT, "trial-%02d", all.size() + 1);
      all.add(new Trial(name, drawn, new ArrayList<>()));
    }
    List<Integer> budgets = settings.budgets(base.training().epochs(), all.size());
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
      train(alive, epochs);
      alive =
          alive.stream()
              .sorted(Comparator.comparingDouble(Trial::last).reversed())
              .limit(Math.max(1, alive.size() / settings.keepOneOf()))
              .toList();
    }
    Trial best = alive.get(0);
    if (!Double.isFinite(best.last())) {
      throw new CommandFailedException("training diverged with all settings");
    }
    String report =
        table(all, budgets)
            + "\n\nValidation "
            + base.validationMetric()
            + "; the best settings:\n\n    "
            + command(best)
            + "\n";
    JsonFile.writeText(request.options().output().resolve("search.md"), report);
    request.results().print(report);
    request.results().flush();
  }

  private void train(List<Trial> trials, int epochs) {
    List<RunPlan> plans = trials.stream().map(trial -> plan(trial, epochs)).toList();
    Map<String, Object> described = new TreeMap<>();
    protocol.describe(described);
    described.put("search", settings);
    try (RunFolder folder = RunFolder.open(request.options().output(), described, plans)) {
      Runner runner =
          new Runner(protocol, folder, false, new PrintWriter(Writer.nullWriter()), null);
      for (int i = 0; i < trials.size(); i++) {
        trials.get(i).values().add(value(runner, plans.get(i)));
      }
    }
  }

  private RunPlan plan(Trial trial, int epochs) {
    ImmutableMap<String, String> own =
        ImmutableMap.<String, String>builder()
            .putAll(trial.settings())
            .put("epoch", Integer.toString(epochs))
            .buildKeepingLast();
    Method tried =
        new Method(
            trial.name() + "-epochs-" + epochs,
            method.type(),
            method.description(),
            method.flags(),
            own);
    return reader.plan(tried, List.of(), List.of(settings.runSeed()));
  }

  private double value(Runner runner, RunPlan plan) {
    String metric = base.validationMetric();
    out.println(plan.method().name() + ": " + plan.method().settings());
    double value =
        runner.run(plan, plan.key(plan.rates().get(0), settings.runSeed())).validation(metric);
    out.printf(Locale.ROOT, "    validation %s %.4f%n", metric, value);
    return value;
  }

  /**
   * Returns a table with one row per trial, with its settings and its values by round. Trials that
   * lasted longest come first.
   */
  private static String table(List<Trial> all, List<Integer> budgets) {
    List<String> keys = List.copyOf(all.get(0).settings().keySet());
    StringBuilder text = new StringBuilder();
    text.append("\n| trial | ").append(String.join(" | ", keys));
    budgets.forEach(epochs -> text.append(" | ").append(epochs).append(" epochs"));
    text.append(" |\n|").append(" --- |".repeat(1 + keys.size() + budgets.size()));
    List<Trial> sorted = new ArrayList<>(all);
    sorted.sort(
        Comparator.<Trial>comparingInt(trial -> trial.values().size())
            .thenComparingDouble(Trial::last)
            .reversed());
    for (Trial trial : sorted) {
      text.append("\n| ").append(trial.name());
      keys.forEach(key -> text.append(" | ").append(trial.settings().get(key)));
      for (int round = 0; round < budgets.size(); round++) {
        text.append(
            round < trial.values().size()
                ? String.format(Locale.ROOT, " | %.4f", trial.values().get(round))
                : " | ");
      }
      text.append(" |");
    }
    return text.toString();
  }

  /** Returns the command that trains with the best settings: the given options and those found. */
  private ShellCommand command(Trial best) {
    ShellCommand command = new ShellCommand("./alphafuse", request.options().backbone().command());
    for (OptionSpec option : request.line().getParseResult().matchedOptions()) {
      List<String> names = List.of(option.names());
      boolean isFound =
          names.stream().anyMatch(name -> best.settings().containsKey(name.replaceFirst("-+", "")));
      if (Collections.disjoint(names, OWN) && !isFound) {
        command.add(option);
      }
    }
    defaults.forEach(command::add);
    method.flags().forEach(command::add);
    best.settings().forEach((key, value) -> command.add("--" + key + "=" + value));
    command.add("--random_seed=" + settings.runSeed());
    return command;
  }
}
