package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.examples.data.TrainingData;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a SASRec model, reports on it and saves it. */
@Command(
    name = "train",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Train a SASRec model on a folder of data, or on a catalogue that is generated.")
public final class TrainCommand implements Callable<Integer> {
  private static final int SHOWN_USERS = 3;
  private static final int SHOWN_ITEMS = 5;

  @Spec private @Nullable CommandSpec spec;
  @Mixin private final DataOptions data = new DataOptions();
  @Mixin private final ModelOptions model = new ModelOptions();
  @Mixin private final ProjectionOptions projection = new ProjectionOptions();
  @Mixin private final TrainingOptions training = new TrainingOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--cuda",
      paramLabel = "N",
      description = "GPU to compute on; a warning where the backend is a CPU's.")
  private @Nullable Integer cuda;

  /** A command with its defaults. */
  public TrainCommand() {}

  @Override
  public Integer call() {
    CommandSpec command = java.util.Objects.requireNonNull(spec);
    PrintWriter results = command.commandLine().getOut();
    PrintWriter out = output.quiet ? new PrintWriter(Writer.nullWriter()) : results;
    try {
      model.check();
      projection.check();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    output.check();
    Backend backend = Backend.require();
    if (cuda != null && backend.cpu()) {
      command
          .commandLine()
          .getErr()
          .println(
              "warning: --cuda "
                  + cuda
                  + " has no effect, "
                  + backend.name()
                  + " is a CPU backend");
    }
    if (data.isGenerated()) {
      training.forGeneratedData();
    }
    TrainingData source = data.load();
    out.println("AlphaFuse on " + backend.describe());
    printData(out, source);
    SasRec trained = model.build(items(out, source), source.split().vocabulary());
    out.printf("Model:      %s, %,d trainable parameters%n", model.type, trained.parameterCount());
    TrainingReport report = train(out, trained, source.split());
    out.println("Training:   " + report);
    Map<String, Double> test = evaluate(results, trained, source.split());
    if (output.model != null) {
      trained.save(output.model);
      out.println("\nModel saved to " + output.model);
    }
    if (output.json != null) {
      new RunReport(
              settings(trained),
              trained.parameterCount(),
              RunReport.epochs(report),
              report.bestEpoch(),
              test)
          .write(output.json);
    }
    printRecommendations(out, trained, source);
    if (report.stop() == TrainingReport.Stop.DIVERGED) {
      throw new CommandFailedException(
          "training diverged: "
              + report.message()
              + "; the model is that of epoch "
              + report.bestEpoch()
              + "; try a lower --lr");
    }
    return 0;
  }

  private static void printData(PrintWriter out, TrainingData source) {
    DatasetSplit split = source.split();
    out.println("Data:       " + source.name() + ": " + split);
    var coverage = split.coverage();
    if (!coverage.isComplete()) {
      out.println("            " + coverage);
    }
    out.flush();
  }

  private ItemEmbedding items(PrintWriter out, TrainingData source) {
    int count = source.split().itemCount();
    if (model.type == ModelType.SAS_REC) {
      return IdItemEmbedding.builder(count, projection.dim(source.embeddings()))
          .initializer(model.initializer())
          .seed(model.seed)
          .build();
    }
    long[] frequencies = source.split().train().itemFrequencies();
    NullSpaceProjector projector =
        model.type == ModelType.ALPHA_FUSE
            ? projection.fit(source.embeddings(), frequencies)
            : projection.fitLanguageOnly(source.embeddings(), frequencies);
    Tables.printDecomposition(out, projector);
    if (model.type == ModelType.LLM_INIT) {
      return IdItemEmbedding.builder(count, projector.embeddingDim())
          .rows(projector.project(source.embeddings(), DataType.FLOAT))
          .build();
    }
    return FusedItemEmbedding.builder(projector, source.embeddings())
        .idInitializer(model.initializer())
        .seed(model.seed)
        .build();
  }

  private TrainingReport train(PrintWriter out, SasRec trained, DatasetSplit split) {
    TrainingReport report;
    TrainingOptions.Run run = new TrainingOptions.Run(trained, model.seed);
    if (output.quiet) {
      report = training.train(run, split, TrainingListener.NONE);
    } else if (System.console() != null && System.getenv("CI") == null) {
      try (BarProgress bar = new BarProgress(training.metric)) {
        report = training.train(run, split, bar);
      }
    } else {
      report = training.train(run, split, new LineProgress(out, training.metric));
    }
    if (report.stop() == TrainingReport.Stop.DIVERGED && report.bestEpoch() == 0) {
      throw new CommandFailedException(
          "training diverged: " + report.message() + "; try a lower --lr");
    }
    return report;
  }

  private Map<String, Double> evaluate(PrintWriter out, SasRec trained, DatasetSplit split) {
    if (split.test().isEmpty()) {
      out.println("No test examples: nothing to report on.");
      return Map.of();
    }
    Evaluation test = training.evaluator().evaluate(trained, split.test());
    Evaluation popularity =
        training.evaluator().evaluate(PopularityScorer.of(split.train()), split.test());
    Tables.printMetrics(out, test, popularity);
    return test.toMap();
  }

  private static void printRecommendations(PrintWriter out, SasRec trained, TrainingData source) {
    ImmutableList<String> titles = source.titles().orElse(ImmutableList.of());
    Examples test = source.split().test();
    if (titles.isEmpty() || test.isEmpty()) {
      return;
    }
    try (Recommender recommender = Recommender.builder(trained).build()) {
      for (int i = 0; i < Math.min(SHOWN_USERS, test.size()); i++) {
        int[] history = test.history(i);
        out.printf("%nTest user %s, after%n", test.user(i));
        for (int row :
            Arrays.copyOfRange(history, Math.max(0, history.length - 3), history.length)) {
          out.println("    " + titles.get(row));
        }
        out.println("  is recommended (* is what the user took next)");
        List<String> ids = new ArrayList<>();
        for (int row : history) {
          ids.add(trained.vocabulary().id(row));
        }
        for (Recommendation item : recommender.recommend(ids, SHOWN_ITEMS)) {
          int row = trained.vocabulary().row(item.item());
          out.println((row == test.target(i) ? "  * " : "    ") + titles.get(row));
        }
      }
    }
    out.flush();
  }

  private Map<String, Object> settings(SasRec trained) {
    Map<String, Object> settings = new LinkedHashMap<>();
    data.describe(settings);
    model.describe(settings);
    settings.put("hidden_dim", trained.items().dim());
    if (trained.items() instanceof FusedItemEmbedding fused) {
      settings.put("null_dim", fused.nullDim());
    }
    projection.describe(settings);
    training.describe(settings);
    return settings;
  }
}
