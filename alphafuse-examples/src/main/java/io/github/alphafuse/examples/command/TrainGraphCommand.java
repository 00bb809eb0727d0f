package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.evaluate.UserRanking;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a graph model. */
@Command(
    name = "train_graph",
    aliases = "train-graph",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Train LightGCN or AlphaRec on the oldest four fifths of each user's items in a folder of data, or"
            + " on a catalogue that is generated.")
public final class TrainGraphCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private final DataOptions data = new DataOptions();
  @Mixin private final GraphOptions options = new GraphOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  /** A command with its defaults. */
  public TrainGraphCommand() {}

  @Override
  public Integer call() {
    CommandSpec command = java.util.Objects.requireNonNull(spec);
    PrintWriter results = command.commandLine().getOut();
    PrintWriter out = output.quiet ? new PrintWriter(Writer.nullWriter()) : results;
    try {
      options.complete(name -> command.commandLine().getParseResult().hasMatchedOption(name));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    output.check();
    OutputOptions.requireFolder("--checkpoint", options.checkpoint);
    Backend backend = Backend.require();
    LanguageEmbeddings text = data.loadEmbeddings();
    InteractionSplit split = data.loadInteractions(text.itemCount());
    out.println("AlphaFuse on " + backend.describe());
    out.println("Data:       " + data.name() + ": " + split);
    out.flush();
    GraphModel model =
        options.build(options.model == GraphOptions.Kind.ALPHAREC ? text : null, split);
    out.printf("Model:      %s, %,d trainable parameters%n", model, model.parameterCount());
    out.flush();
    TrainingReport report = train(out, new GraphOptions.Run(model, split, data.isGenerated()));
    out.println("Training:   " + report);
    Map<String, Double> test = evaluate(results, model, split);
    if (output.model != null) {
      model.save(output.model);
      out.println("\nModel saved to " + output.model);
    }
    if (output.json != null) {
      Map<String, Object> settings = new LinkedHashMap<>();
      data.describe(settings);
      options.describe(settings, data.isGenerated());
      new RunReport(
              settings, model.parameterCount(), RunReport.epochs(report), report.bestEpoch(), test)
          .write(output.json);
    }
    out.flush();
    if (report.stop() == TrainingReport.Stop.DIVERGED) {
      throw new CommandFailedException(
          "training diverged: " + report.message() + "; try a lower --lr");
    }
    return 0;
  }

  private TrainingReport train(PrintWriter out, GraphOptions.Run run) {
    if (output.quiet) {
      return options.train(run, TrainingListener.NONE);
    }
    if (System.console() != null && System.getenv("CI") == null) {
      try (BarProgress bar = new BarProgress(options.metric)) {
        return options.train(run, bar);
      }
    }
    return options.train(run, new LineProgress(out, options.metric));
  }

  private static Map<String, Double> evaluate(
      PrintWriter out, GraphModel model, InteractionSplit split) {
    if (split.test().size() == 0) {
      out.println("No test items: nothing to report on.");
      return Map.of();
    }
    UserRanking ranking = UserRanking.ofUnseen();
    try (UserScorer scorer = model.userScorer()) {
      Evaluation test = ranking.evaluate(scorer, split.train(), split.test());
      Map<String, Evaluation> rankings = new LinkedHashMap<>();
      rankings.put("model", test);
      rankings.put(
          "popularity",
          ranking.evaluate(PopularityScorer.of(split.train()), split.train(), split.test()));
      Tables.printRankings(out, rankings);
      return test.toMap();
    }
  }
}
