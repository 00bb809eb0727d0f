package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.LanguageScorer;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.examples.compare.GraphTest;
import io.github.alphafuse.examples.compare.Printout;
import io.github.alphafuse.examples.compare.Report;
import io.github.alphafuse.examples.compare.TestReport;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.DataOptions;
import io.github.alphafuse.examples.option.EvaluationOptions;
import io.github.alphafuse.examples.option.IdleOptionException;
import io.github.alphafuse.examples.option.ModelFile;
import io.github.alphafuse.examples.option.SamplingOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Evaluates a saved model. */
@Command(
    name = "evaluate",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Evaluate a saved model on the test examples of a data folder.",
    footerHeading = "%nExamples:%n",
    footer = {"  alphafuse evaluate --model model.alphafuse --data my-data"})
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
      names = {"--zero_shot", "--zero-shot"},
      description =
          "Evaluate an AlphaRec model on the items and users of other data, without training.")
  private boolean zeroShot;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write settings and test metrics to this file, with all digits.")
  private @Nullable Path json;

  /** Creates the command with its default options. */
  public EvaluateCommand() {}

  @Override
  public Integer call() {
    if (!zeroShot) {
      data.requireNoText("--zero_shot");
    }
    Backend.require();
    RankingModel model = file.load();
    if (!zeroShot) {
      followSplit(model);
    }
    if (model instanceof GraphModel graphModel) {
      evaluate(graphModel);
    } else if (zeroShot) {
      throw new CommandFailedException(
          "--zero_shot is for AlphaRec models, but the model is of another kind");
    } else {
      evaluate(model);
    }
    return 0;
  }

  private static Map<String, String> notes(RankingModel model) {
    return model.provenance().map(Provenance::notes).orElse(ImmutableMap.of());
  }

  /** Splits the data as they were for training, so that no user of the test part was trained on. */
  private void followSplit(RankingModel model) {
    CommandSpec command = Objects.requireNonNull(spec);
    Map<String, String> notes = notes(model);
    String followed =
        data.follow(notes, name -> command.commandLine().getParseResult().hasMatchedOption(name));
    if (!followed.isEmpty()) {
      command
          .commandLine()
          .getErr()
          .println(
              "Split:      "
                  + followed
                  + ", as the model was trained; other data to train on than the model's give a"
                  + " warning");
    }
  }

  /** Warns if the training part differs, however it was expanded. */
  private void warnIfTrainedElsewhere(RankingModel model, List<Supplier<String>> digests) {
    Optional<Provenance> known = model.provenance();
    if (known.isPresent()
        && digests.stream()
            .noneMatch(digest -> digest.get().equals(known.get().data().training()))) {
      Objects.requireNonNull(spec)
          .commandLine()
          .getErr()
          .println(
              "warning: the training part of these data is not what the model was trained on, so"
                  + " users of the test part may have been trained on; expected the digest "
                  + known.get().data().training()
                  + ", found "
                  + digests.get(0).get());
    }
  }

  private void evaluate(GraphModel model) {
    if (zeroShot && !(model instanceof AlphaRec)) {
      throw new CommandFailedException(
          "--zero_shot is for AlphaRec models, but the model is of another kind");
    }
    rejectOptionsOfSequences();
    LanguageEmbeddings text = zeroShot ? data.loadEmbeddings() : null;
    InteractionSplit split =
        data.loadInteractions(text == null ? model.graph().itemCount() : text.itemCount());
    GraphModel evaluated = model;
    if (text != null && model instanceof AlphaRec alphaRec) {
      evaluated = alphaRec.withItems(text, InteractionGraph.of(split.train()));
    }
    requireItems(split.vocabulary(), evaluated);
    if (!zeroShot) {
      warnIfTrainedElsewhere(evaluated, List.of(split.train()::digest));
    }
    if (!split.train().users().equals(evaluated.graph().users())) {
      throw new CommandFailedException("the users of the data are not those of the model");
    }
    GraphTest test = new GraphTest(split);
    Map<String, Evaluation> rankings = new LinkedHashMap<>();
    Evaluation ranked = test.of(evaluated);
    rankings.put("model", ranked);
    rankings.put("popularity", test.popularity());
    if (text != null) {
      try (LanguageScorer scorer = LanguageScorer.of(text)) {
        rankings.put("text alone", test.of(scorer));
      }
    }
    if (json != null) {
      Map<String, Object> settings = new LinkedHashMap<>();
      data.describe(settings);
      settings.put("zero_shot", zeroShot);
      new Report(settings, model.parameterCount(), List.of(), 0, ranked.toMap()).write(json);
    }
    Printout.printRankings(Objects.requireNonNull(spec).commandLine().getOut(), rankings);
  }

  private void rejectOptionsOfSequences() {
    ParseResult given = Objects.requireNonNull(spec).commandLine().getParseResult();
    for (String flag : Iterables.concat(EvaluationOptions.FLAGS, List.of("--mask_seen"))) {
      if (given.hasMatchedOption(flag)) {
        throw new IdleOptionException(
            flag + " is for sequence models: a graph model ranks all unseen items for all users");
      }
    }
  }

  private static void requireItems(ItemVocabulary vocabulary, RankingModel model) {
    model.vocabulary().requireSame("model", "the data", vocabulary);
  }

  /** The split of the long-tail protocol is for models of which no split is known. */
  private void chooseSplit(RankingModel model) {
    evaluation.check();
    if (!DataOptions.areNotedIn(notes(model))) {
      evaluation.applyTo(data);
    } else if (evaluation.choosesSplitOf(data)) {
      Objects.requireNonNull(spec)
          .commandLine()
          .getErr()
          .println(
              "Split:      the default one, as the model was trained, not the --split leave-one-out"
                  + " of --long_tail");
    }
  }

  private void evaluate(RankingModel model) {
    chooseSplit(model);
    DatasetSplit split = data.loadSplit(model.vocabulary().size());
    requireItems(split.vocabulary(), model);
    if (split.test().isEmpty()) {
      throw new CommandFailedException("the data have no test examples");
    }
    warnIfTrainedElsewhere(
        model, List.of(split.train()::digest, () -> split.train().withPrefixes().digest()));
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Printout.printDropped(out, split);
    Printout.printRemarks(out, split.remarks());
    Printout.printRemarks(out, split.coverage().remarks());
    Evaluator fullRanking = Evaluator.fullRanking().maskSeen(maskSeen);
    TestReport test = TestReport.of(model, split, evaluation.evaluators(fullRanking, split));
    if (json != null) {
      Map<String, Object> settings = new LinkedHashMap<>();
      data.describe(settings);
      if (model instanceof DreamRec dreamRec) {
        SamplingOptions.describe(dreamRec.sampling(), settings);
      }
      settings.put("mask_seen", maskSeen);
      evaluation.describe(settings);
      new Report(
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
  }
}
