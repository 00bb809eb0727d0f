package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.Numbers;
import io.github.alphafuse.examples.option.RunOptions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Trains methods under one protocol and writes their results side by side. */
public final class Comparison {
  private final ComparisonRequest request;
  private final Protocol protocol;
  private final RunFolder folder;
  private final Runner runner;
  private final PrintWriter out;
  private final ImmutableList<Evaluation> popularity;
  private int runs;
  private int made;

  private Comparison(ComparisonRequest request, Protocol protocol, RunFolder folder) {
    this.request = request;
    this.protocol = protocol;
    this.folder = folder;
    this.out = request.details();
    this.runner =
        new Runner(
            protocol, folder, true, out, request.options().print().progress(request.results()));
    this.popularity = protocol.popularity();
  }

  /**
   * Compares the methods of a request.
   *
   * @param request the request
   * @param learningRates the learning rates to choose from for each method; if empty, the rate of
   *     its options is used
   * @param seeds the seeds of each method, at least one
   */
  public static void run(ComparisonRequest request, List<Double> learningRates, List<Long> seeds) {
    MethodReader reader = new MethodReader(request, request.passed());
    RunOptions base = reader.base();
    Machine machine = Machine.start();
    Protocol protocol = Protocol.open(request, base);
    List<RunPlan> plans =
        protocol.methods().stream()
            .map(method -> reader.plan(method, learningRates, seeds))
            .toList();
    Map<String, Object> settings = new TreeMap<>();
    protocol.describe(settings);
    try (RunFolder folder = RunFolder.open(request.options().output(), settings, plans)) {
      Comparison comparison = new Comparison(request, protocol, folder);
      comparison.out.println("AlphaFuse on " + machine);
      comparison.out.println("Data:       " + protocol.data());
      protocol.printDropped(comparison.out);
      List<MethodRuns> compared = comparison.run(plans);
      PrintWriter results = request.results();
      results.println(comparison.tables("", base.validationMetric(), compared).summary());
      results.println("Tables and pictures are in " + request.options().output());
      results.flush();
      if (request.newItems() == 0) {
        requireTrained(compared);
      }
    }
  }

  private static void requireTrained(List<MethodRuns> compared) {
    List<String> failed =
        compared.stream()
            .filter(each -> each.runs().stream().allMatch(run -> run.test().isEmpty()))
            .map(MethodRuns::name)
            .toList();
    if (!failed.isEmpty()) {
      throw new CommandFailedException(
          "training diverged with every learning rate: " + String.join(", ", failed));
    }
  }

  private List<MethodRuns> run(List<RunPlan> plans) {
    runs = plans.stream().mapToInt(RunPlan::runCount).sum();
    List<MethodRuns> compared = new ArrayList<>();
    for (RunPlan plan : plans) {
      compared.add(compare(plan));
      tables(plan.options(), compared)
          .write(folder.resolve("comparison.md"), folder.resolve("comparison.csv"));
    }
    String metric = plans.get(0).options().validationMetric();
    ComparisonCharts charts =
        new ComparisonCharts(folder.resolve(""), tables("", metric, compared));
    charts.curves();
    charts.metrics();
    protocol.draw(charts, plans);
    return compared;
  }

  /**
   * Returns the tables of the methods trained so far. {@code last} holds the options of one of
   * them.
   */
  private ComparisonTables tables(RunOptions last, List<MethodRuns> compared) {
    String title =
        protocol.data()
            + ". Backbone "
            + request.options().backbone()
            + ", at most "
            + last.training().epochs()
            + " epochs.";
    return tables(title, last.validationMetric(), compared);
  }

  private ComparisonTables tables(String title, String metric, List<MethodRuns> compared) {
    return new ComparisonTables(title, metric, compared, popularity, protocol.layout());
  }

  private MethodRuns compare(RunPlan plan) {
    String metric = plan.options().validationMetric();
    long first = plan.seeds().get(0);
    List<Run> tuned = new ArrayList<>();
    for (double rate : plan.rates()) {
      tuned.add(run(plan, rate, first));
    }
    Run best = tuned.get(0);
    for (Run run : tuned) {
      if (run.validation(metric) > best.validation(metric)) {
        best = run;
      }
    }
    List<Run> chosen = new ArrayList<>();
    chosen.add(best);
    for (long seed : plan.seeds().subList(1, plan.seeds().size())) {
      chosen.add(run(plan, best.learningRate(), seed));
    }
    return new MethodRuns(plan.method(), best.learningRate(), plan.rates().size(), chosen);
  }

  private Run run(RunPlan plan, double rate, long seed) {
    made++;
    out.printf(
        Locale.ROOT,
        "%n[%d/%d] %s, learning rate %s, seed %d%n",
        made,
        runs,
        plan.method().name(),
        Numbers.plain(rate),
        seed);
    return runner.run(plan, plan.key(rate, seed));
  }
}
