package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.model.SequenceModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Evaluates a model that was saved. */
@Command(
    name = "evaluate",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Evaluate a saved model on the test examples of a folder of data.")
public final class EvaluateCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ModelFile file = new ModelFile();
  @Mixin private final DataOptions data = new DataOptions();
  @Mixin private final EvaluationOptions evaluation = new EvaluationOptions();

  @Option(
      names = {"--mask_seen", "--mask-seen"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Leave items of the history out of the ranking (default: ${DEFAULT-VALUE}).")
  private boolean maskSeen;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write settings and test metrics to this file, all digits.")
  private @Nullable Path json;

  /** A command with its defaults. */
  public EvaluateCommand() {}

  @Override
  public Integer call() {
    Backend.require();
    SequenceModel model = file.load();
    evaluation.split().ifPresent(data::splitUnlessGiven);
    DatasetSplit split = data.loadSplit(model.items().itemCount());
    if (!split.vocabulary().equals(model.vocabulary())) {
      throw new CommandFailedException(
          "the items of the data are not those of the model: their ids differ");
    }
    if (split.test().isEmpty()) {
      throw new CommandFailedException("the data have no test examples");
    }
    PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
    Tables.printDropped(out, split);
    Evaluator fullRanking = Evaluator.fullRanking().maskSeen(maskSeen);
    TestResults test = TestResults.of(model, split, evaluation.evaluators(fullRanking, split));
    if (json != null) {
      Map<String, Object> settings = new LinkedHashMap<>();
      data.describe(settings);
      if (model instanceof DreamRec dreamRec) {
        SamplingOptions.describe(dreamRec.sampling(), settings);
      }
      settings.put("mask_seen", maskSeen);
      evaluation.describe(settings);
      new RunReport(
              settings,
              model.parameterCount(),
              List.of(),
              0,
              test.metrics(),
              test.groups(),
              split.dropped())
          .write(json);
    }
    test.print(out);
    return 0;
  }
}
