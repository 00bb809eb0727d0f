package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.examples.compare.GraphTest;
import io.github.alphafuse.examples.compare.Machine;
import io.github.alphafuse.examples.compare.Printout;
import io.github.alphafuse.examples.compare.Progress;
import io.github.alphafuse.examples.compare.Report;
import io.github.alphafuse.examples.data.GraphData;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.DataOptions;
import io.github.alphafuse.examples.option.GraphOptions;
import io.github.alphafuse.examples.option.OutputOptions;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a graph model. */
@Command(
    name = "train_graph",
    aliases = "train-graph",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Train LightGCN or AlphaRec on the oldest four fifths of each user's items, in a data"
            + " folder or in a generated catalogue.",
    footerHeading = "%nExamples:%n",
    footer = {"  alphafuse train_graph --data my-data --model alpharec --output graph.alphafuse"})
public final class TrainGraphCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private final DataOptions data = new DataOptions();
  @Mixin private final GraphOptions options = new GraphOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(names = "--positions", paramLabel = "NAME", hidden = true, description = "Not supported.")
  private @Nullable String positions;

  /** Creates the command with its default options. */
  public TrainGraphCommand() {}

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    if (positions != null) {
      throw new ParameterException(
          command.commandLine(),
          "--positions is for the sequence models of train and train_diffusion: a graph model has"
              + " no positions, found --positions "
              + positions);
    }
    PrintWriter results = command.commandLine().getOut();
    PrintWriter out = output.print().details(results);
    Predicate<String> isGiven =
        name -> command.commandLine().getParseResult().hasMatchedOption(name);
    try {
      options.complete(isGiven);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    output.check();
    options.training().check();
    Machine machine = Machine.start();
    if (data.isGenerated()) {
      options.training().forGeneratedData();
    }
    GraphData source = data.loadGraph(options.needsText());
    InteractionSplit split = source.split();
    PrintWriter err = command.commandLine().getErr();
    options.withoutEffect(isGiven).forEach(clause -> err.println("warning: " + clause));
    out.println("AlphaFuse on " + machine);
    out.println("Data:       " + source.name() + ": " + split);
    Printout.printRemarks(out, source.remarks());
    out.flush();
    if (split.validation().size() == 0) {
      command.commandLine().getErr().println(options.training().unvalidated("items"));
    }
    GraphModel model = options.build(source);
    out.printf(
        Locale.ROOT, "Model:      %s, %,d trainable parameters%n", model, model.parameterCount());
    out.flush();
    TrainingReport report =
        new Progress(
                output.print().progress(out),
                command.commandLine().getErr(),
                options.training().metric())
            .of(listener -> options.train(model, split, listener));
    out.println("Training:   " + report);
    Map<String, Double> test = evaluate(results, model, split);
    output.save(model, data.notes(test), out);
    Map<String, Object> settings = new LinkedHashMap<>();
    data.describe(settings);
    options.describe(settings);
    output
        .json()
        .ifPresent(
            new Report(
                    settings,
                    model.parameterCount(),
                    Report.epochs(report),
                    report.bestEpoch(),
                    test)
                ::write);
    out.flush();
    if (report.stop() == TrainingReport.Stop.DIVERGED) {
      throw new CommandFailedException(
          "training diverged: " + report.message() + "; try a lower --lr");
    }
    return 0;
  }

  private static Map<String, Double> evaluate(
      PrintWriter out, GraphModel model, InteractionSplit split) {
    if (split.test().size() == 0) {
      out.println("No test items: nothing to report on.");
      return Map.of();
    }
    GraphTest test = new GraphTest(split);
    Map<String, Evaluation> rankings = new LinkedHashMap<>();
    Evaluation ranked = test.of(model);
    rankings.put("model", ranked);
    rankings.put("popularity", test.popularity());
    Printout.printRankings(out, rankings);
    return ranked.toMap();
  }
}
