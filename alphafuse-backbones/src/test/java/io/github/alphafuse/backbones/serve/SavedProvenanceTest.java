package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.SequenceDataset;
import io.github.alphafuse.backbones.data.UserRatioSplit;
import io.github.alphafuse.backbones.data.UserSequence;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.graphcf.LightGcn;
import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.strategy.LlmEsr;
import io.github.alphafuse.backbones.strategy.LlmInit;
import io.github.alphafuse.backbones.strategy.MoRec;
import io.github.alphafuse.backbones.strategy.RlmRec;
import io.github.alphafuse.backbones.train.GraphTrainer;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What saved models say they were made of. */
class SavedProvenanceTest {
  private static final int ITEMS = 14;
  private static final LanguageEmbeddings TEXT =
      LanguageEmbeddings.of(RandomNumbers.rows(5, ITEMS, 10));
  private static final SequenceDataset DATASET =
      SequenceDataset.of(
          ItemVocabulary.ofRows(ITEMS),
          IntStream.range(0, 40)
              .mapToObj(
                  u ->
                      UserSequence.of(
                          "u" + u,
                          IntStream.range(0, 6).map(i -> (u + i * (1 + u % 3)) % ITEMS).toArray()))
              .toList());

  @TempDir private Path folder;

  private static FusedItemEmbedding fused() {
    return FusedItemEmbedding.builder(
            NullSpaceProjector.builder().embeddingDim(8).nullDim(4).fit(TEXT), TEXT)
        .build();
  }

  private static DatasetSplit split() {
    return UserRatioSplit.create().seed(3).split(DATASET.distinct().lastItems(6));
  }

  private static RankingModel sasRec(ItemEmbedding items) {
    SasRec model = SasRec.builder(items).maxLength(4).build();
    Trainer.builder(model).loss(InfoNce.withNegatives(3)).epochs(2).fit(split());
    return model;
  }

  static Stream<RankingModel> trained() {
    DreamRec dreamRec =
        DreamRec.builder(fused())
            .schedule(NoiseSchedule.linear(20))
            .sampling(Sampling.ddim(5))
            .maxLength(4)
            .build();
    Trainer.builder(dreamRec).loss(DiffusionLoss.named("l2")).epochs(2).fit(split());
    InteractionSplit pairs = InteractionSplit.byOrder(DATASET.distinct().lastItems(6));
    InteractionGraph graph = InteractionGraph.of(pairs.train());
    LightGcn lightGcn = LightGcn.builder(graph).dim(8).build();
    GraphTrainer.builder(lightGcn).loss(Bpr.create()).epochs(2).fit(pairs);
    AlphaRec alphaRec = AlphaRec.builder(TEXT, graph).dim(8).build();
    GraphTrainer.builder(alphaRec).loss(InfoNce.withNegatives(3)).epochs(2).fit(pairs);
    return Stream.of(
        sasRec(fused()),
        sasRec(LlmInit.builder(TEXT).dim(8).build()),
        sasRec(MoRec.builder(TEXT).dim(8).build()),
        sasRec(RlmRec.builder(TEXT).dim(8).build()),
        sasRec(LlmEsr.builder(TEXT).dim(8).build()),
        dreamRec,
        lightGcn,
        alphaRec);
  }

  @ParameterizedTest
  @MethodSource("trained")
  void modelsOfEachKindKeepIt(RankingModel model) {
    Provenance expected = model.provenance().orElseThrow();
    Path file = folder.resolve("model");
    model.save(file);
    RankingModel loaded = SavedModel.load(file);
    assertThat(loaded.provenance()).contains(expected);
    SavedDescription description = SavedModel.describe(file);
    assertThat(description.provenance()).contains(expected);
    assertThat(description.arrays()).isNotEmpty();
    assertThat(expected.data().preparation()).startsWith("distinct", "lastItems 6").hasSize(3);
    assertThat(expected.data().text().isPresent()).isEqualTo(!(model instanceof LightGcn));
    expected.data().text().ifPresent(digest -> assertThat(digest).isEqualTo(TEXT.digest()));
    assertThat(expected.data().vocabulary()).isEqualTo(model.vocabulary().digest());
    assertThat(expected.settings()).containsKeys("loss", "seed", "learningRate", "model");
    assertThat(expected.outcome().epochs()).isEqualTo(2);
    assertThat(expected.outcome().validation()).isNotEmpty();
    assertThat(expected.madeAt()).isEmpty();
    assertThat(description.toString())
        .contains(expected.data().training(), "Training:", "Result:", "seed");
    Path again = folder.resolve("again");
    loaded.save(again);
    assertThat(again).hasSameBinaryContentAs(file);
  }

  @Test
  void theSameTrainingGivesTheSameBytesEverywhere() throws IOException {
    Locale locale = Locale.getDefault();
    TimeZone zone = TimeZone.getDefault();
    try {
      Path first = folder.resolve("first");
      TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
      Locale.setDefault(Locale.ROOT);
      sasRec(fused()).save(first);
      for (String place : List.of("Asia/Kolkata ar-EG", "America/New_York th-TH-u-nu-thai")) {
        TimeZone.setDefault(TimeZone.getTimeZone(place.split(" ")[0]));
        Locale.setDefault(Locale.forLanguageTag(place.split(" ")[1]));
        Path other = folder.resolve("other");
        sasRec(fused()).save(other);
        assertThat(Files.mismatch(first, other)).as(place).isEqualTo(-1);
      }
    } finally {
      Locale.setDefault(locale);
      TimeZone.setDefault(zone);
    }
  }

  @Test
  void notesAndTimeAreAddedByTheApplication() {
    RankingModel model = sasRec(fused());
    Provenance before = model.provenance().orElseThrow();
    Instant time = Instant.parse("2026-01-02T03:04:05Z");
    Provenance noted =
        before
            .withNotes(ImmutableMap.of("shop", "one", "night", "1"))
            .withNotes(ImmutableMap.of("night", "2"))
            .withTime(time);
    model.provenance(noted);
    Path file = folder.resolve("model");
    model.save(file);
    Provenance found = SavedModel.load(file).provenance().orElseThrow();
    assertThat(found).isEqualTo(noted);
    assertThat(found.notes()).containsExactly(Map.entry("shop", "one"), Map.entry("night", "2"));
    assertThat(SavedModel.describe(file).toString()).contains("Made at: " + time);
  }

  @Test
  void aModelThatWasNotTrainedHasNone() {
    Path file = folder.resolve("model");
    SasRec.builder(fused()).build().save(file);
    assertThat(SavedModel.load(file).provenance()).isEmpty();
    assertThat(SavedModel.describe(file).toString()).contains("Provenance: none");
  }

  @Test
  void malformedJsonIsRejected() {
    String json = sasRec(fused()).provenance().orElseThrow().toJson();
    assertThat(Provenance.fromJson(json).toJson()).isEqualTo(json);
    for (String broken :
        List.of(
            "",
            "[]",
            "{}",
            "7",
            json.replace("\"epochs\": 2", "\"epochs\": []"),
            json.replace("\"preparation\": [", "\"preparation\": [[],"),
            json.replaceFirst("\"unseen HR@1\": [^,]*|\"HR@1\": [^,]*", "\"HR@1\": NaN"),
            "[".repeat(100_000),
            json.substring(0, json.length() / 2))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Provenance.fromJson(broken))
          .withMessageStartingWith("provenance is malformed");
    }
  }

  @Test
  void digestsTellDataApart() {
    DatasetSplit split = split();
    assertThat(split.train().digest()).isEqualTo(split().train().digest());
    assertThat(split.train().digest())
        .isNotEqualTo(split.validation().digest())
        .isNotEqualTo(split.train().withPrefixes().digest())
        .isNotEqualTo(split.train().lastItems(2).digest());
    assertThat(ItemVocabulary.of(List.of("a", "bc")).digest())
        .isNotEqualTo(ItemVocabulary.of(List.of("ab", "c")).digest());
    assertThat(TEXT.digest())
        .isEqualTo(LanguageEmbeddings.of(RandomNumbers.rows(5, ITEMS, 10)).digest())
        .isNotEqualTo(TEXT.slice(0, ITEMS - 1).digest());
  }
}
