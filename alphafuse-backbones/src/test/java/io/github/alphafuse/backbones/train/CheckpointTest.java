package io.github.alphafuse.backbones.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.fixture.Mutations;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.internal.npy.NpyArray;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.nullspace.RowNormalization;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointTest {
  private static final int ITEMS = 30;

  @TempDir private Path folder;

  private static Examples examples(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int i = 0; i < count; i++) {
      int first = random.nextInt(ITEMS);
      examples.add("user " + i, new int[] {first, (first + 1) % ITEMS}, (first + 2) % ITEMS);
    }
    return examples.build();
  }

  private static SasRec model() {
    return SasRec.builder(IdItemEmbedding.builder(ITEMS, 8).build()).maxLength(4).build();
  }

  private static Trainer.Builder<RankingLoss> trainer(SasRec model) {
    return Trainer.builder(model)
        .loss(InfoNce.withNegatives(4))
        .learningRate(0.01)
        .batchSize(32)
        .earlyStopping(Metric.ndcg(5), 50)
        .seed(3);
  }

  static void assertSameWeights(RankingModel found, RankingModel expected) {
    expected
        .parameters()
        .forEach(
            (name, value) ->
                assertThat(requireNonNull(found.parameters().get(name)).floats())
                    .as(name)
                    .isEqualTo(value.floats()));
  }

  @Test
  void aRunThatWasStoppedComesToTheSameWeights() {
    Examples train = examples(100, 1);
    Examples validation = examples(40, 2);
    SasRec whole = model();
    TrainingReport expected = trainer(whole).epochs(6).fit(train, validation);

    Path file = folder.resolve("run.zip");
    trainer(model()).epochs(2).checkpoint(file).fit(train, validation);
    SasRec resumed = model();
    TrainingReport report = trainer(resumed).epochs(6).checkpoint(file).fit(train, validation);

    assertThat(report.bestEpoch()).isEqualTo(expected.bestEpoch());
    assertThat(report.epochs())
        .extracting(EpochReport::loss)
        .containsExactlyElementsOf(expected.epochs().stream().map(EpochReport::loss).toList());
    assertThat(report.epochs())
        .allSatisfy(
            epoch -> {
              assertThat(epoch.trainingSeconds()).isPositive();
              assertThat(epoch.evaluationSeconds()).isPositive();
              assertThat(epoch.seconds())
                  .isEqualTo(epoch.trainingSeconds() + epoch.evaluationSeconds());
            });
    assertThat(report).asString().contains("of it evaluation");
    assertSameWeights(resumed, whole);
  }

  private static Trainer.Builder<RankingLoss> scheduled(SasRec model) {
    return trainer(model)
        .loss(SampledSoftmax.withBatchTargets(5).excludesHistory(true))
        .positions(Positions.EVERY)
        .learningRateSchedule(LearningRateSchedule.linear().warmUp(6))
        .evaluator(Evaluator.fullRanking().maskSeen(true));
  }

  /** Stops in an epoch, after its checkpoint was saved. */
  private static TrainingListener stopIn(int epoch) {
    return new TrainingListener() {
      @Override
      public void stepped(int stepEpoch, int step, double loss) {
        if (stepEpoch == epoch) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  @Test
  void aRunThatWasStoppedAmidItsScheduleComesToTheSameWeights() {
    Examples train = examples(100, 1);
    Examples validation = examples(40, 2);
    SasRec whole = model();
    TrainingReport expected = scheduled(whole).epochs(6).fit(train, validation);
    SasRec again = model();
    scheduled(again).epochs(6).fit(train, validation);
    assertSameWeights(again, whole);
    Path file = folder.resolve("run.zip");
    scheduled(model()).epochs(6).checkpoint(file).listener(stopIn(4)).fit(train, validation);
    assertThat(Thread.interrupted()).isTrue();
    SasRec resumed = model();
    TrainingReport report = scheduled(resumed).epochs(6).checkpoint(file).fit(train, validation);
    assertSameWeights(resumed, whole);
    assertThat(report.epochs())
        .extracting(EpochReport::validation)
        .containsExactlyElementsOf(
            expected.epochs().stream().map(EpochReport::validation).toList());
    assertThat(report.bestValidation().orElseThrow().isUnseen()).isTrue();
    assertThat(report.epochs()).allSatisfy(epoch -> assertThat(epoch.targets()).isEqualTo(200));
  }

  @Test
  void aCheckpointHoldsItsScheduleAndPositions() {
    Examples train = examples(100, 1);
    Path file = folder.resolve("run.zip");
    scheduled(model()).epochs(6).checkpoint(file).listener(stopIn(2)).fit(train);
    assertThat(Thread.interrupted()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduled(model()).epochs(7).checkpoint(file).fit(train))
        .withMessageContaining("over 7 epochs to 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                scheduled(model()).positions(Positions.LAST).epochs(6).checkpoint(file).fit(train))
        .withMessageContaining("at every position");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                scheduled(model())
                    .evaluator(Evaluator.fullRanking())
                    .epochs(6)
                    .checkpoint(file)
                    .fit(train))
        .withMessageContaining("without seen items");
  }

  @Test
  void aLazyRunGoesOnAsLazyOnly() {
    Examples train = examples(100, 1);
    SasRec whole = model();
    trainer(whole).lazyAdam(true).epochs(4).fit(train);
    Path file = folder.resolve("run.zip");
    trainer(model()).lazyAdam(true).epochs(2).checkpoint(file).fit(train);
    SasRec other = model();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(other).epochs(4).checkpoint(file).fit(train))
        .withMessageContaining("lazy Adam");
    SasRec resumed = model();
    trainer(resumed).lazyAdam(true).epochs(4).checkpoint(file).fit(train);
    assertSameWeights(resumed, whole);
  }

  @Test
  void rejectsTheCheckpointOfAnotherRun() {
    Examples train = examples(50, 1);
    Path file = folder.resolve("run.zip");
    trainer(model()).epochs(1).checkpoint(file).fit(train);
    SasRec other = model();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(other).learningRate(0.5).checkpoint(file).fit(train))
        .withMessageContaining("is a checkpoint of a run with other settings")
        .withMessageContaining("rate 0.5")
        .withMessageContaining("rate 0.01");
  }

  /** A run of two epochs on text, of which a single thing may be another one. */
  private record TextRun(
      LanguageEmbeddings text,
      ItemVocabulary vocabulary,
      UnaryOperator<NullSpaceProjector.Builder> projector,
      IdInitializer initializer,
      long seed) {
    static TextRun create() {
      return new TextRun(
          LanguageEmbeddings.of(RandomNumbers.rows(1, ITEMS, 12)),
          ItemVocabulary.ofRows(ITEMS),
          options -> options,
          IdInitializer.zeros(),
          22);
    }

    Trainer.Builder<RankingLoss> trainer(Path checkpoint) {
      NullSpaceProjector fitted =
          projector.apply(NullSpaceProjector.builder().embeddingDim(8).nullDim(4)).fit(text);
      FusedItemEmbedding items =
          FusedItemEmbedding.builder(fitted, text).idInitializer(initializer).seed(seed).build();
      SasRec model = SasRec.builder(items).vocabulary(vocabulary).seed(seed).maxLength(4).build();
      return CheckpointTest.trainer(model).epochs(2).checkpoint(checkpoint);
    }
  }

  static Stream<Arguments> othersByOneThing() {
    TextRun run = TextRun.create();
    List<String> ids =
        new ArrayList<>(IntStream.range(0, ITEMS).mapToObj(String::valueOf).toList());
    Collections.swap(ids, 3, 4);
    return Stream.of(
        Arguments.of(
            "language embeddings",
            new TextRun(
                LanguageEmbeddings.of(RandomNumbers.rows(2, ITEMS, 12)),
                run.vocabulary,
                run.projector,
                run.initializer,
                22)),
        Arguments.of(
            "order of items",
            new TextRun(run.text, ItemVocabulary.of(ids), run.projector, run.initializer, 22)),
        Arguments.of(
            "preparation of the text",
            new TextRun(run.text, run.vocabulary, o -> o.scale(1), run.initializer, 22)),
        Arguments.of(
            "preparation of the text",
            new TextRun(
                run.text,
                run.vocabulary,
                o -> o.normalize(RowNormalization.NONE),
                run.initializer,
                22)),
        Arguments.of(
            "preparation of the text",
            new TextRun(run.text, run.vocabulary, o -> o.standardize(false), run.initializer, 22)),
        Arguments.of(
            "start values of item_embedding.id",
            new TextRun(run.text, run.vocabulary, run.projector, IdInitializer.normal(), 22)),
        Arguments.of(
            "start values of",
            new TextRun(run.text, run.vocabulary, run.projector, run.initializer, 23)));
  }

  private Examples over(ItemVocabulary vocabulary, long seed) {
    Examples.Builder examples = Examples.builder(vocabulary);
    Examples rows = examples(50, seed);
    for (int i = 0; i < rows.size(); i++) {
      examples.add(rows.user(i), rows.history(i), rows.target(i));
    }
    return examples.build();
  }

  @ParameterizedTest
  @MethodSource("othersByOneThing")
  void aCheckpointOfAnotherRunIsRefused(String name, TextRun other) {
    Path file = folder.resolve("run.zip");
    TextRun run = TextRun.create();
    run.trainer(file).fit(over(run.vocabulary, 1));
    assertThat(run.trainer(file).fit(over(run.vocabulary, 1)).epochs()).hasSize(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.trainer(file).fit(over(other.vocabulary, 1)))
        .withMessageContaining("is a checkpoint of a run with other settings or data")
        .withMessageContaining(name);
  }

  @Test
  void aCheckpointOfOtherInteractionsOrAnotherLossIsRefused() {
    Path file = folder.resolve("run.zip");
    TextRun run = TextRun.create();
    Examples validation = over(run.vocabulary, 9);
    run.trainer(file).fit(over(run.vocabulary, 1), validation);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run.trainer(file).fit(over(run.vocabulary, 2), validation))
        .withMessageContaining("other training data");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run.trainer(file).fit(over(run.vocabulary, 1), over(run.vocabulary, 8)))
        .withMessageContaining("other validation data");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run.trainer(file).fit(over(run.vocabulary, 1)))
        .withMessageContaining("other validation data");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                run.trainer(file)
                    .loss(InfoNce.withNegatives(5))
                    .fit(over(run.vocabulary, 1), validation))
        .withMessageContaining("with other settings");
  }

  @Test
  void aCheckpointOfOtherSampledItemsIsRefused() {
    Path file = folder.resolve("run.zip");
    Evaluator sampled = Evaluator.sampledRanking(10);
    trainer(model()).evaluator(sampled.seed(1)).epochs(1).checkpoint(file).fit(examples(50, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> trainer(model()).evaluator(sampled.seed(2)).checkpoint(file).fit(examples(50, 1)))
        .withMessageContaining("with other settings");
  }

  @Test
  void startValuesThatDifferByRoundingAreTheSame() {
    Tensor values = RandomNumbers.tensor(ElementType.FLOAT64, 3, 40, 6);
    Tensor rounded = values.copy();
    Tensor other = values.copy();
    for (int i = 0; i < values.size(); i++) {
      rounded.set(i, values.get(i) * (1 + 1e-7 * (i % 3 - 1)));
      other.set(i, values.get(i) * 1.001);
    }
    assertThat(Fingerprint.of(values).matches(Fingerprint.of(rounded))).isTrue();
    assertThat(Fingerprint.of(values).matches(Fingerprint.of(other))).isFalse();
    assertThat(
            Fingerprint.of(values)
                .matches(Fingerprint.ofNumbers(Fingerprint.of(values).toTensor())))
        .isTrue();
  }

  /** Moves the folder of the checkpoint away before an epoch ends, and back after it. */
  private TrainingListener losesTheFolderIn(int epoch, List<String> failures) {
    Path away = folder.resolveSibling(folder.getFileName() + "-away");
    return new TrainingListener() {
      @Override
      public void stepped(int stepEpoch, int step, double loss) {
        if (stepEpoch == epoch && step == 1) {
          move(folder, away);
        }
      }

      @Override
      public void checkpointFailed(String message) {
        failures.add(message);
        move(away, folder);
      }
    };
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aCheckpointThatCannotBeWrittenDoesNotEndTheRun() {
    Path file = folder.resolve("run.zip");
    Examples train = examples(50, 1);
    List<String> failures = new ArrayList<>();
    TrainingReport report =
        trainer(model())
            .epochs(3)
            .checkpoint(file)
            .listener(losesTheFolderIn(2, failures))
            .fit(train);
    assertThat(report.epochs()).hasSize(3);
    assertThat(failures).singleElement().asString().contains(file.toString());
    assertThat(report.message()).doesNotContain("not saved");
    assertThat(trainer(model()).epochs(3).checkpoint(file).fit(train).epochs()).hasSize(3);

    TrainingReport last =
        trainer(model())
            .epochs(4)
            .checkpoint(file)
            .listener(losesTheFolderIn(4, failures))
            .fit(train);
    assertThat(last.epochs()).hasSize(4);
    assertThat(last.message()).contains("the checkpoint of epoch 4 was not saved");
  }

  @Test
  void aCheckpointInNoFolderIsRefusedBeforeTraining() {
    Path nowhere = folder.resolve("nowhere").resolve("run.zip");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model()).epochs(1).checkpoint(nowhere).fit(examples(50, 1)))
        .withMessageStartingWith("checkpoint must name a file in an existing folder");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model()).epochs(1).checkpoint(folder).fit(examples(50, 1)))
        .withMessageStartingWith("checkpoint must name a file");
  }

  @Test
  void aCheckpointDoesNotGrowWithTheEpochs() throws IOException {
    Examples validation = examples(2000, 2);
    Path few = folder.resolve("few.zip");
    Path many = folder.resolve("many.zip");
    trainer(model()).epochs(2).checkpoint(few).fit(examples(20, 1), validation);
    trainer(model()).epochs(12).checkpoint(many).fit(examples(20, 1), validation);
    assertThat(Files.size(many) - Files.size(few)).isLessThan(10 * 1200L);
  }

  @Test
  void aCheckpointOfAnEarlierVersionContinues() {
    Examples train = examples(100, 1);
    Examples validation = examples(40, 2);
    SasRec whole = model();
    TrainingReport expected = trainer(whole).epochs(6).fit(train, validation);
    Path now = folder.resolve("now.zip");
    Path before = folder.resolve("before.zip");
    SasRec half = model();
    TrainingReport done = trainer(half).epochs(3).checkpoint(now).fit(train, validation);
    writeAsVersion1(now, before, done);
    SasRec resumed = model();
    TrainingReport report = trainer(resumed).epochs(6).checkpoint(before).fit(train, validation);
    assertThat(report.epochs().subList(3, 6))
        .extracting(EpochReport::loss)
        .containsExactlyElementsOf(
            expected.epochs().subList(3, 6).stream().map(EpochReport::loss).toList());
    assertThat(report.bestEpoch()).isEqualTo(expected.bestEpoch());
    assertSameWeights(resumed, whole);
  }

  /** The layout of checkpoints that kept the ranks of each epoch. */
  private static void writeAsVersion1(Path now, Path before, TrainingReport done) {
    try (ArchiveReader reader = ArchiveReader.open(now);
        ArchiveWriter writer =
            ArchiveWriter.create(before, new ArchiveFormat("training-checkpoint", 1))) {
      writer
          .setting("settings", reader.stringSetting("settings"))
          .setting("bestEpoch", reader.intSetting("bestEpoch"))
          .setting("withoutGain", reader.intSetting("withoutGain"))
          .setting("epochs", done.epochs().size());
      for (String part : List.of("parameters", "best")) {
        ArchiveWriter section = writer.section(part);
        for (String name : reader.section(part).arrays().keySet()) {
          section.array(name, reader.section(part).array(name));
        }
      }
      copy(reader.section("optimizer"), writer.section("optimizer"));
      int[] ranks = done.bestValidation().orElseThrow().ranks();
      for (EpochReport report : done.epochs()) {
        ArchiveWriter section = writer.section("epoch-" + report.epoch());
        section
            .setting("loss", report.loss())
            .setting("targets", report.targets())
            .setting("trainingSeconds", report.trainingSeconds())
            .setting("evaluationSeconds", report.evaluationSeconds())
            .setting("best", report.best())
            .setting("evaluated", true);
        section.integers("ranks", ranks);
        section.integers("cutoffs", new int[] {5});
      }
      writer.commit();
    }
  }

  private static void copy(ArchiveReader from, ArchiveWriter to) {
    to.setting("steps", from.longSetting("steps"));
    for (String name : from.arrays().keySet()) {
      int slash = name.indexOf('/');
      if (slash < 0) {
        to.array(name, from.array(name));
      }
    }
    for (String part :
        from.arrays().keySet().stream()
            .filter(name -> name.contains("/"))
            .map(name -> name.substring(0, name.indexOf('/')))
            .distinct()
            .toList()) {
      ArchiveWriter section = to.section(part);
      for (String name : from.section(part).arrays().keySet()) {
        section.array(name, from.section(part).array(name));
      }
    }
  }

  /** A run over a checkpoint that someone changed is refused and leaves the model alone. */
  private void assertRefused(Path checkpoint, Mutations.Change change, String message)
      throws IOException {
    Path forged = folder.resolve("forged.zip");
    Mutations.forge(checkpoint, forged, change);
    SasRec model = model();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                trainer(model).epochs(6).checkpoint(forged).fit(examples(100, 1), examples(40, 2)))
        .withMessageContaining(message);
    assertSameWeights(model, model());
  }

  private static byte[] npy(int... values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NpyArray.of(values, values.length).write(out);
    return out.toByteArray();
  }

  private static void setShape(JsonObject manifest, String entry, int length) {
    JsonArray shape = new JsonArray();
    shape.add(length);
    manifest.getAsJsonObject("entries").getAsJsonObject(entry).add("shape", shape);
  }

  @Test
  void forgedMomentsAndStepsAreRefused() throws IOException {
    Path file = folder.resolve("run.zip");
    trainer(model()).epochs(3).checkpoint(file).fit(examples(100, 1), examples(40, 2));
    assertRefused(
        file,
        (manifest, entries) -> {
          byte[] moments =
              requireNonNull(entries.get("arrays/optimizer/second_moments/item_embedding.id.npy"));
          ByteBuffer.wrap(moments).order(ByteOrder.LITTLE_ENDIAN).putFloat(128 + 8, -1);
        },
        "second moments of item_embedding.id must be 0 or more, found -1.0 at place 2");
    assertRefused(
        file,
        (manifest, entries) ->
            manifest
                .getAsJsonObject("settings")
                .getAsJsonObject("optimizer")
                .addProperty("steps", Long.MAX_VALUE),
        "steps must be from 0 to 4611686018427387903, found 9223372036854775807");
  }

  @Test
  void anEvaluationOfOtherValidationExamplesIsRefused() throws IOException {
    Path file = folder.resolve("run.zip");
    trainer(model()).epochs(3).checkpoint(file).fit(examples(100, 1), examples(40, 2));
    assertRefused(
        file,
        (manifest, entries) -> {
          for (String name : List.of("ranks", "relevant")) {
            String entry = "arrays/validation/" + name + ".npy";
            entries.put(entry, npy(1, 1, 1));
            setShape(manifest, entry, 3);
          }
        },
        "must rank the 40 validation examples, found 3");
    assertRefused(
        file,
        (manifest, entries) -> {
          entries.put("arrays/validation/ranks.npy", npy(IntStream.rangeClosed(1, 41).toArray()));
          setShape(manifest, "arrays/validation/ranks.npy", 41);
          int[] relevant = new int[40];
          Arrays.fill(relevant, 1);
          relevant[7] = 2;
          entries.put("arrays/validation/relevant.npy", npy(relevant));
        },
        "must rank the relevant items of each validation example");
    assertRefused(
        file,
        (manifest, entries) -> manifest.getAsJsonObject("settings").addProperty("bestEpoch", 0),
        "must rank the 0 validation examples, found 40");
  }

  @Test
  void aFileWhoseLastTensorIsBrokenLeavesTheModelAlone() throws IOException {
    Path file = folder.resolve("run.zip");
    trainer(model()).epochs(3).checkpoint(file).fit(examples(100, 1), examples(40, 2));
    for (String part : List.of("best", "parameters", "optimizer/second_moments")) {
      assertRefused(
          file,
          (manifest, entries) -> {
            String last =
                entries.keySet().stream()
                    .filter(name -> name.startsWith("arrays/" + part + "/"))
                    .reduce((first, second) -> second)
                    .orElseThrow();
            ByteBuffer.wrap(requireNonNull(entries.get(last)))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(128, Float.NaN);
          },
          "must be finite");
    }
  }

  @Test
  void blocksOfRowsHaveTheFingerprintOfTheWholeTable() {
    int count = 20_011;
    LanguageEmbeddings text = LanguageEmbeddings.of(RandomNumbers.rows(4, count, 12));
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(8).nullDim(4).fit(text);
    for (ElementType type : ElementType.values()) {
      FusedItemEmbedding items =
          FusedItemEmbedding.builder(projector, text)
              .idInitializer(IdInitializer.normal())
              .elementType(type)
              .build();
      assertThat(Fingerprint.ofRows(items).toTensor().doubles())
          .isEqualTo(Fingerprint.of(items.table()).toTensor().doubles());
    }
  }

  /** These numbers are in the checkpoints of earlier versions. */
  @Test
  void fingerprintsAreThoseOfEarlierVersions() {
    double[] table = new double[60];
    for (int i = 0; i < table.length; i++) {
      table[i] = (i * 37 % 64 - 31) / 8.0;
    }
    double[] expected = {6.75, -10.75, 13.5, 0.75, 28.75, 3.0, 22.75, 1.25, 18.090916228870224};
    Fingerprint found = Fingerprint.of(Tensor.of(table, 10, 6));
    assertThat(found.toTensor().doubles()).isEqualTo(expected);
  }
}
