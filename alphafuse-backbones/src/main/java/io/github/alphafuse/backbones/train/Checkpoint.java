package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The file from which an interrupted training continues.
 *
 * @param path the file
 * @param settings all settings that must be the same
 * @param provenance the data and the preparation of the text, which must be the same
 * @param start the start values that must be the same up to rounding, by name
 */
record Checkpoint(
    Path path, String settings, Provenance provenance, ImmutableMap<String, Fingerprint> start) {
  static final String TEXT_PREPARATION = "textPreparation";

  private static final ArchiveFormat FORMAT = new ArchiveFormat("training-checkpoint", 2);

  /** The live state of a training, which is written and overwritten. */
  record State(Map<String, Tensor> parameters, Map<String, Tensor> best, Optimizer optimizer) {}

  /**
   * How far a training has come.
   *
   * @param reports the finished epochs
   * @param bestEpoch the best one, 0 for the start weights
   * @param bestValidation its evaluation, if there was one
   * @param withoutGain the number of evaluations since
   */
  record Progress(
      List<EpochReport> reports,
      int bestEpoch,
      Optional<Evaluation> bestValidation,
      int withoutGain) {}

  /**
   * How the best epoch is chosen.
   *
   * @param metric the metric
   * @param relevant the number of relevant items of each example or user that is ranked; empty
   *     without validation data
   */
  record Validation(Metric metric, ImmutableIntArray relevant) {}

  void save(State state, Progress progress, Provenance current) {
    try (ArchiveWriter archive = ArchiveWriter.create(path, FORMAT)) {
      archive
          .setting("settings", settings)
          .setting("bestEpoch", progress.bestEpoch())
          .setting("withoutGain", progress.withoutGain())
          .setting("epochs", progress.reports().size());
      current.write(archive);
      ArchiveWriter fingerprints = archive.section("start");
      start.forEach((name, value) -> fingerprints.array(name, value.toTensor()));
      NamedTensors.write(state.parameters(), archive.section("parameters"));
      NamedTensors.write(state.best(), archive.section("best"));
      state.optimizer().write(archive.section("optimizer"));
      archive.text("reports", progress.reports().stream().map(Checkpoint::toJson).toList());
      progress.bestValidation().ifPresent(e -> write(e, archive.section("validation")));
      archive.commit();
    }
  }

  private static String toJson(EpochReport report) {
    JsonObject json = new JsonObject();
    json.addProperty("loss", report.loss());
    json.addProperty("targets", report.targets());
    json.addProperty("trainingSeconds", report.trainingSeconds());
    json.addProperty("evaluationSeconds", report.evaluationSeconds());
    json.addProperty("best", report.best());
    json.add("validation", new Gson().toJsonTree(report.validation()));
    return json.toString();
  }

  private static void write(Evaluation validation, ArchiveWriter section) {
    section.integers("ranks", validation.ranks());
    section.integers("relevant", validation.relevant());
    section.integers("cutoffs", Ints.toArray(validation.cutoffs()));
    section.integers("negatives", new int[] {validation.negatives()});
    section.setting("unseen", validation.isUnseen());
  }

  /**
   * Overwrites a state with the saved one, after everything was compared.
   *
   * @param validation how the best epoch is chosen
   * @throws IllegalArgumentException if the file is damaged, or of a run with other settings, data
   *     or start values
   */
  Progress restore(State state, Validation validation) {
    try (ArchiveReader archive = ArchiveReader.open(path, FORMAT)) {
      checkArgument(
          archive.stringSetting("settings").equals(settings),
          "%s is a checkpoint of a run with other settings; expected %s, found %s",
          path,
          settings,
          archive.stringSetting("settings"));
      boolean hasData = archive.format().version() >= 2;
      if (hasData) {
        requireSame(archive);
      }
      Progress progress =
          hasData ? progress(archive) : progressOfVersion1(archive, validation.metric());
      checkArgument(
          progress.bestEpoch() >= 0 && progress.bestEpoch() <= progress.reports().size(),
          "%s: the best epoch must be one of %s, found %s",
          path,
          progress.reports().size(),
          progress.bestEpoch());
      checkArgument(
          progress.reports().size() == archive.intSetting("epochs")
              && progress.withoutGain() >= 0
              && progress.withoutGain() <= progress.reports().size(),
          "%s: epochs and evaluations without a gain do not fit %s reports",
          path,
          progress.reports().size());
      requireValidation(progress, validation.relevant());
      // All is read once before anything of the model is overwritten, so that a file that fails
      // leaves it alone. It is read again, one tensor at a time, rather than kept.
      ArchiveReader best = archive.section("best");
      ArchiveReader parameters = archive.section("parameters");
      NamedTensors.requireReadable(best, state.best());
      NamedTensors.requireReadable(parameters, state.parameters());
      state.optimizer().restore(archive.section("optimizer"));
      best.readInto(state.best());
      parameters.readInto(state.parameters());
      return progress;
    }
  }

  /** Checks that the best epoch was evaluated on the validation data, if it could be. */
  private void requireValidation(Progress progress, ImmutableIntArray relevant) {
    int[] expected = progress.bestEpoch() == 0 ? new int[0] : relevant.toArray();
    int[] found = progress.bestValidation().map(Evaluation::relevant).orElse(new int[0]);
    checkArgument(
        found.length == expected.length,
        "%s: the evaluation of epoch %s must rank the %s validation examples, found %s",
        path,
        progress.bestEpoch(),
        expected.length,
        found.length);
    checkArgument(
        Arrays.equals(found, expected),
        "%s: the evaluation of epoch %s must rank the relevant items of each validation example,"
            + " found other numbers of them",
        path,
        progress.bestEpoch());
  }

  private void requireSame(ArchiveReader archive) {
    Provenance known =
        Provenance.read(archive)
            .orElseThrow(() -> new IllegalArgumentException(path + ": the provenance is missing"));
    Provenance.Data data = provenance.data();
    Provenance.Data found = known.data();
    requireSame("items or another order of items", data.vocabulary(), found.vocabulary());
    requireSame("language embeddings", data.text().orElse("none"), found.text().orElse("none"));
    requireSame("training data", data.training(), found.training());
    requireSame(
        "validation data", data.validation().orElse("none"), found.validation().orElse("none"));
    requireSame("preparation of the text", preparation(provenance), preparation(known));
    ArchiveReader section = archive.section("start");
    start.forEach(
        (name, expected) ->
            checkArgument(
                expected.matches(Fingerprint.ofNumbers(section.array(name))),
                "%s is a checkpoint of a run with other settings or data: its start values of %s"
                    + " differ, as they do with another seed, scale or normalisation (a checkpoint"
                    + " continues a model that is built anew)",
                path,
                name));
  }

  private void requireSame(String name, String expected, String found) {
    checkArgument(
        found.equals(expected),
        "%s is a checkpoint of a run with other settings or data: other %s; expected %s,"
            + " found %s",
        path,
        name,
        expected,
        found);
  }

  private static String preparation(Provenance of) {
    return of.settings().getOrDefault(TEXT_PREPARATION, "");
  }

  private Progress progress(ArchiveReader archive) {
    ImmutableList.Builder<EpochReport> reports = ImmutableList.builder();
    int epoch = 0;
    for (String line : archive.text("reports")) {
      reports.add(fromJson(++epoch, line));
    }
    return new Progress(
        reports.build(),
        archive.intSetting("bestEpoch"),
        archive.hasSection("validation")
            ? Optional.of(evaluation(archive.section("validation")))
            : Optional.empty(),
        archive.intSetting("withoutGain"));
  }

  private EpochReport fromJson(int epoch, String line) {
    try {
      JsonObject json = JsonParser.parseString(line).getAsJsonObject();
      ImmutableMap.Builder<String, Double> validation = ImmutableMap.builder();
      json.getAsJsonObject("validation")
          .entrySet()
          .forEach(entry -> validation.put(entry.getKey(), entry.getValue().getAsDouble()));
      return new EpochReport(
          epoch,
          json.get("loss").getAsDouble(),
          json.get("targets").getAsLong(),
          json.get("trainingSeconds").getAsDouble(),
          json.get("evaluationSeconds").getAsDouble(),
          validation.buildOrThrow(),
          json.get("best").getAsBoolean());
    } catch (JsonParseException
        | NullPointerException
        | ClassCastException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException
        | StackOverflowError e) {
      throw new IllegalArgumentException(
          path + ": the report of epoch " + epoch + " is malformed: " + e.getMessage(), e);
    }
  }

  /**
   * Written by a version that kept the ranks of each epoch and neither digests nor start values.
   */
  private Progress progressOfVersion1(ArchiveReader archive, Metric metric) {
    ImmutableList.Builder<EpochReport> reports = ImmutableList.builder();
    int bestEpoch = archive.intSetting("bestEpoch");
    Optional<Evaluation> best = Optional.empty();
    for (int epoch = 1; epoch <= archive.intSetting("epochs"); epoch++) {
      ArchiveReader section = archive.section("epoch-" + epoch);
      Optional<Evaluation> validation =
          section.booleanSetting("evaluated") ? Optional.of(evaluation(section)) : Optional.empty();
      if (epoch == bestEpoch) {
        best = validation;
      }
      reports.add(
          new EpochReport(
              epoch,
              section.doubleSetting("loss"),
              section.hasSetting("targets")
                  ? section.longSetting("targets")
                  : provenance.data().examples(),
              section.doubleSetting("trainingSeconds"),
              section.doubleSetting("evaluationSeconds"),
              validation.map(e -> EpochReport.metrics(e, metric)).orElse(ImmutableMap.of()),
              section.booleanSetting("best")));
    }
    return new Progress(reports.build(), bestEpoch, best, archive.intSetting("withoutGain"));
  }

  private Evaluation evaluation(ArchiveReader section) {
    int[] ranks = section.integers("ranks");
    int[] cutoffs = section.integers("cutoffs");
    if (!section.hasArray("relevant")) {
      // Written by a version that knew only one relevant item and the ranking of all items.
      return Evaluation.of(ranks, cutoffs);
    }
    int[] relevant = section.integers("relevant");
    int[][] several = new int[relevant.length][];
    int at = 0;
    for (int i = 0; i < relevant.length; i++) {
      checkArgument(
          relevant[i] >= 1 && relevant[i] <= ranks.length - at,
          "%s: the numbers of relevant items do not fit the ranks",
          path);
      several[i] = Arrays.copyOfRange(ranks, at, at + relevant[i]);
      at += relevant[i];
    }
    int[] negatives = section.integers("negatives");
    checkArgument(negatives.length == 1, "%s: negatives must be one number", path);
    Evaluation ranked = Evaluation.ofSeveral(several, cutoffs).amongSampled(negatives[0]);
    return section.hasSetting("unseen") && section.booleanSetting("unseen")
        ? ranked.amongUnseen()
        : ranked;
  }
}
