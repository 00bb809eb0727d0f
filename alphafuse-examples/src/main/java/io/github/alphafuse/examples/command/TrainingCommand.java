package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.examples.compare.Machine;
import io.github.alphafuse.examples.compare.Printout;
import io.github.alphafuse.examples.compare.Progress;
import io.github.alphafuse.examples.compare.Report;
import io.github.alphafuse.examples.compare.TestReport;
import io.github.alphafuse.examples.data.TrainingData;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.DataOptions;
import io.github.alphafuse.examples.option.EvaluationOptions;
import io.github.alphafuse.examples.option.FinalOptions;
import io.github.alphafuse.examples.option.ModelType;
import io.github.alphafuse.examples.option.OutputOptions;
import io.github.alphafuse.examples.option.SamplingOptions;
import io.github.alphafuse.examples.option.SequenceOptions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a sequence model, reports its results and saves it. Subclasses choose the backbone. */
abstract class TrainingCommand implements Callable<Integer> {
  private static final int SHOWN_USERS = 3;
  private static final int SHOWN_ITEMS = 5;

  @Spec private @Nullable CommandSpec spec;
  @Mixin private final DataOptions data = new DataOptions();
  @Mixin private final SequenceOptions options;
  @Mixin private final FinalOptions finalRun = new FinalOptions();
  @Mixin private final EvaluationOptions evaluation = new EvaluationOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--cuda",
      paramLabel = "N",
      description = "GPU to compute on. With a CPU backend, it only prints a warning.")
  private @Nullable Integer cuda;

  TrainingCommand(SequenceOptions options) {
    this.options = options;
  }

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    PrintWriter results = command.commandLine().getOut();
    PrintWriter out = output.print().details(results);
    Predicate<String> isGiven =
        name -> command.commandLine().getParseResult().hasMatchedOption(name);
    String base;
    String finalLine = "";
    try {
      base = options.chooseBase(isGiven);
      options.complete(isGiven);
      if (finalRun.isGiven()) {
        finalLine = finalRun.apply(options.training(), data, isGiven);
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    output.check();
    options.training().check();
    Machine machine = Machine.start();
    if (cuda != null && machine.isCpu()) {
      command
          .commandLine()
          .getErr()
          .println(
              "warning: --cuda "
                  + cuda
                  + " has no effect, "
                  + machine.backend()
                  + " is a CPU backend");
    }
    if (data.isGenerated()) {
      options.training().forGeneratedData();
    }
    out.println(base);
    if (finalRun.isGiven()) {
      out.println(finalLine);
    } else {
      evaluation.applyTo(data);
    }
    TrainingData source = data.load();
    PrintWriter err = command.commandLine().getErr();
    options.withoutEffect(isGiven).forEach(clause -> err.println("warning: " + clause));
    out.println("AlphaFuse on " + machine);
    printData(out, source);
    SequenceModel<?> built = options.build(items(out, source), source.split().vocabulary());
    out.printf(
        Locale.ROOT,
        "Model:      %s, %,d trainable parameters%n",
        options.type(),
        built.parameterCount());
    options.slowEngine(built).ifPresent(out::println);
    printValidation(out, source.split());
    TrainingReport report = train(out, built, source.split());
    out.println("Training:   " + report);
    finalRun.remark(built.provenance()).ifPresent(out::println);
    SequenceModel<?> trained = options.choose(built, source.split(), out);
    out.println(
        "Ranking:    by "
            + (trained.similarity() == Similarity.COSINE ? "cosine" : "inner product"));
    TestReport test = evaluate(results, trained, source.split());
    output.save(trained, data.notes(test.metrics()), out);
    output
        .json()
        .ifPresent(
            new Report(
                    settings(trained),
                    trained.parameterCount(),
                    Report.epochs(report),
                    report.bestEpoch(),
                    test.metrics(),
                    test.groups(),
                    source.split().dropped())
                ::write);
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

  private void printValidation(PrintWriter out, DatasetSplit split) {
    if (finalRun.isGiven()) {
      return;
    }
    if (split.validation().isEmpty()) {
      Objects.requireNonNull(spec)
          .commandLine()
          .getErr()
          .println(options.training().unvalidated("examples"));
      return;
    }
    out.printf(
        Locale.ROOT,
        "Validation: %s, %s%n",
        options.training().metric(),
        options.maskSeen() ? "all items ranked but those of the history" : "all items ranked");
  }

  private static void printData(PrintWriter out, TrainingData source) {
    DatasetSplit split = source.split();
    out.println("Data:       " + source.name() + ": " + split);
    var coverage = split.coverage();
    if (!coverage.isComplete()) {
      out.println("            " + coverage);
    }
    Printout.printDropped(out, split);
    Printout.printRemarks(out, source.remarks());
  }

  private ItemEmbedding items(PrintWriter out, TrainingData source) {
    ModelType.Items items = options.items(source);
    items.leftOut().ifPresent(out::println);
    if (items.embedding() instanceof FusedItemEmbedding fused) {
      fused.projector().ifPresent(projector -> Printout.printDecomposition(out, projector));
    }
    return items.embedding();
  }

  private TrainingReport train(PrintWriter out, SequenceModel<?> trained, DatasetSplit split) {
    TrainingReport report =
        new Progress(
                output.print().progress(out),
                Objects.requireNonNull(spec).commandLine().getErr(),
                options.training().metric())
            .of(listener -> options.train(trained, split, listener));
    if (report.stop() == TrainingReport.Stop.DIVERGED && report.bestEpoch() == 0) {
      throw new CommandFailedException(
          "training diverged: " + report.message() + "; try a lower --lr");
    }
    return report;
  }

  private TestReport evaluate(PrintWriter out, SequenceModel<?> trained, DatasetSplit split) {
    if (finalRun.isGiven()) {
      return TestReport.NONE;
    }
    if (split.test().isEmpty()) {
      out.println("No test examples: nothing to report on.");
      return TestReport.NONE;
    }
    TestReport test =
        TestReport.of(trained, split, evaluation.evaluators(options.evaluator(), split));
    test.print(out);
    return test;
  }

  private static void printRecommendations(
      PrintWriter out, SequenceModel<?> trained, TrainingData source) {
    ImmutableMap<String, String> titles = source.titles().orElse(ImmutableMap.of());
    Examples test = source.split().test();
    if (titles.isEmpty() || test.isEmpty()) {
      return;
    }
    try (Recommender recommender = Recommender.builder(trained).build()) {
      for (int i = 0; i < Math.min(SHOWN_USERS, test.size()); i++) {
        int[] history = test.history(i);
        out.printf(Locale.ROOT, "%nTest user %s, after%n", test.user(i));
        List<String> ids = new ArrayList<>();
        for (int row : history) {
          ids.add(test.vocabulary().id(row));
        }
        for (String id : ids.subList(Math.max(0, ids.size() - 3), ids.size())) {
          out.println("    " + titles.get(id));
        }
        out.println("  is recommended (* is what the user took next)");
        String next = test.vocabulary().id(test.target(i));
        List<Recommendation> items = recommender.recommend(ids, SHOWN_ITEMS);
        if (items.isEmpty()) {
          out.println("    nothing: the history holds all items");
        }
        for (Recommendation item : items) {
          out.println((item.item().equals(next) ? "  * " : "    ") + titles.get(item.item()));
        }
      }
    }
    out.flush();
  }

  private Map<String, Object> settings(SequenceModel<?> trained) {
    Map<String, Object> settings = new LinkedHashMap<>();
    data.describe(settings);
    options.describe(settings);
    settings.put("similarity", trained.similarity().toString().toLowerCase(Locale.ROOT));
    if (trained instanceof DreamRec dreamRec) {
      SamplingOptions.describe(dreamRec.sampling(), settings);
    }
    settings.put("hidden_dim", trained.items().dim());
    if (trained.items() instanceof FusedItemEmbedding fused) {
      settings.put("null_dim", fused.nullDim());
    }
    evaluation.describe(settings);
    settings.put("final", finalRun.isGiven());
    settings.put("cuda", cuda);
    return settings;
  }
}
