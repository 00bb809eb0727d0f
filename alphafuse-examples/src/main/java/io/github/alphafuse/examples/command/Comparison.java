package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A comparison under way. Not thread-safe.
 *
 * @param <O> the options of a run
 */
final class Comparison<O extends RunOptions> {
  private final TestBed<O> bed;
  private final ComparisonFolder files;
  private final PrintWriter out;
  private final @Nullable PrintWriter progress;
  private final ImmutableList<Evaluation> popularity;
  private final String backbone;
  private int runs;
  private int made;

  /** A comparison, of which nothing is trained yet. */
  Comparison(TestBed<O> bed, ComparisonFolder files, Output output) {
    this.bed = bed;
    this.files = files;
    this.out = output.out;
    this.progress = output.progress;
    this.backbone = output.backbone;
    this.popularity = bed.popularity();
  }

  /**
   * What is told of a comparison.
   *
   * @param backbone what the backbone is called
   * @param out where runs are named
   * @param progress where the progress of a run is shown; null for nowhere
   */
  record Output(String backbone, PrintWriter out, @Nullable PrintWriter progress) {}

  List<ComparedMethod> run(List<Contender<O>> contenders) {
    runs = contenders.stream().mapToInt(Contender::runCount).sum();
    List<ComparedMethod> compared = new ArrayList<>();
    for (Contender<O> contender : contenders) {
      compared.add(compare(contender));
      tables(contender.options(), compared)
          .write(files.resolve("comparison.md"), files.resolve("comparison.csv"));
    }
    pictures(contenders, compared);
    return compared;
  }

  /** The tables of the methods that were trained so far; {@code last} are options of one. */
  private ComparisonTables tables(RunOptions last, List<ComparedMethod> compared) {
    String title =
        bed.data() + ". Backbone " + backbone + ", at most " + last.epochs() + " epochs.";
    return tables(title, last.validationMetric(), compared);
  }

  ComparisonTables tables(String title, String metric, List<ComparedMethod> compared) {
    return new ComparisonTables(title, metric, compared, popularity, bed.layout());
  }

  private void pictures(List<Contender<O>> contenders, List<ComparedMethod> compared) {
    String metric = contenders.get(0).options().validationMetric();
    ComparisonCharts charts = new ComparisonCharts(files.resolve(""), tables("", metric, compared));
    charts.curves();
    charts.metrics();
    bed.draw(charts, contenders);
  }

  private ComparedMethod compare(Contender<O> contender) {
    String metric = contender.options().validationMetric();
    long first = contender.seeds().get(0);
    List<ComparisonRun> tuned = new ArrayList<>();
    for (double rate : contender.rates()) {
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
    for (long seed : contender.seeds().subList(1, contender.seeds().size())) {
      chosen.add(run(contender, best.learningRate(), seed));
    }
    return new ComparedMethod(
        contender.variant(), best.learningRate(), contender.rates().size(), chosen);
  }

  private ComparisonRun run(Contender<O> contender, double rate, long seed) {
    String name = contender.variant().name();
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
    TestBed.Trial trial =
        bed.trial(contender.options(rate, seed, files.checkpoint(name, rate, seed)));
    trial.leftOut().ifPresent(out::println);
    TrainingReport report = trial.training().run(progress);
    out.println("Training:   " + report);
    if (report.stop() == TrainingReport.Stop.INTERRUPTED) {
      throw new CommandFailedException(
          "interrupted; the same command goes on from epoch " + report.epochs().size());
    }
    boolean isTrained = report.bestEpoch() > 0;
    TestResults test = isTrained ? trial.test().get() : TestResults.NONE;
    ComparisonLayout layout = bed.layout();
    ComparisonRun run =
        new ComparisonRun(
            name,
            rate,
            seed,
            report.stop().name(),
            trial.model().parameterCount(),
            RunReport.epochs(report, layout::values),
            report.bestEpoch(),
            report.bestValidation().map(layout::values).map(Map::copyOf).orElse(Map.of()),
            test.metrics(layout::values),
            test.groups(),
            isTrained ? bed.timer().milliseconds(trial.model()) : 0,
            test.ranks());
    files.write(run);
    return run;
  }
}
