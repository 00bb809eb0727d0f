package io.github.alphafuse.backbones.sasrec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.NegativeSampler;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SasRecTest {
  @TempDir private Path folder;

  private static FusedItemEmbedding items(int count, int dim, int nullDim) {
    return FusedItemEmbedding.ofProjected(
            Tensor.zeros(ElementType.FLOAT32, count, dim), nullDim, false)
        .build();
  }

  @Test
  void hasThePublishedNumberOfParameters() {
    int published = 44_014;
    SasRec backbone = SasRec.builder(items(2, 128, 0)).build();
    SasRec alphaFuse = SasRec.builder(items(published, 128, 64)).build();
    SasRec idOnly = SasRec.builder(IdItemEmbedding.builder(published, 128).build()).build();
    assertThat(backbone.parameterCount()).isEqualTo(84_864);
    assertThat(alphaFuse.parameterCount()).isEqualTo(2_901_824);
    assertThat(idOnly.parameterCount()).isEqualTo(5_718_784);
  }

  @ParameterizedTest
  @EnumSource
  void isTheSameAfterReload(ElementType type) {
    IdItemEmbedding items = IdItemEmbedding.builder(20, 8).elementType(type).build();
    SasRec model =
        SasRec.builder(items)
            .maxLength(4)
            .heads(2)
            .blocks(2)
            .dropout(0.3)
            .vocabulary(ItemVocabulary.of(IntStream.range(0, 20).mapToObj(i -> "é" + i).toList()))
            .build();
    Path file = folder.resolve("model.zip");
    model.save(file);
    SasRec loaded = SasRec.load(file);
    assertThat(loaded).hasToString(model.toString());
    assertThat(loaded.vocabulary()).isEqualTo(model.vocabulary());
    int[][] histories = {{1}, {2, 3, 4, 5, 6, 7}, {19, 19}};
    try (SasRecScorer before = model.scorer();
        SasRecScorer after = loaded.scorer()) {
      Tensor expected = before.score(histories);
      Tensor found = after.score(histories);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(found.get(i)).isEqualTo(expected.get(i));
      }
    }
  }

  @Test
  void rejectsFilesThatAreNotItsOwn() throws IOException {
    Path other = folder.resolve("other.zip");
    try (ArchiveWriter writer = ArchiveWriter.create(other, new ArchiveFormat("something", 1))) {
      writer.commit();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SasRec.load(other))
        .withMessageContaining("something")
        .withMessageContaining("sasrec");
    Path model = folder.resolve("model.zip");
    SasRec.builder(items(9, 8, 4)).build().save(model);
    byte[] bytes = Files.readAllBytes(model);
    bytes[bytes.length / 2] ^= 4;
    Files.write(model, bytes);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SasRec.load(model))
        .withMessageContaining("damaged");
  }

  @Test
  void looksAtTheLastItemsOnly() {
    SasRec model = SasRec.builder(IdItemEmbedding.builder(20, 8).build()).maxLength(3).build();
    try (SasRecScorer scorer = model.scorer()) {
      Tensor scores = scorer.score(new int[][] {{9, 8, 7, 1, 2, 3}, {1, 2, 3}});
      for (int i = 0; i < 20; i++) {
        assertThat(scores.get(i)).isEqualTo(scores.get(20 + i));
      }
    }
  }

  @Test
  void rejectsBadHistories() {
    SasRecScorer scorer = SasRec.builder(items(5, 8, 4)).build().scorer();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.score(new int[][] {{1}, {}}))
        .withMessage("history 1 must not be empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.score(new int[][] {{1, 5}}))
        .withMessage("item 1 of history 0 must lie in [0, 5), found 5");
    scorer.close();
    scorer.close();
    assertThatIllegalStateException().isThrownBy(() -> scorer.score(new int[][] {{1}}));
  }

  @Test
  void checksItsOptions() {
    SasRec.Builder builder = SasRec.builder(items(5, 8, 4));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.heads(3))
        .withMessage("heads must divide the embedding dimension 8, found 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.dropout(1))
        .withMessage("dropout must lie in [0, 1), found 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.vocabulary(ItemVocabulary.ofRows(4)))
        .withMessage("vocabulary must have an id for each of 5 items, found 4");
  }

  @Test
  void rejectsBatchesThatDoNotFit() {
    SasRec model = SasRec.builder(items(5, 8, 4)).maxLength(4).build();
    Examples examples = Examples.builder(5).add("u", new int[] {1, 2}, 3).build();
    Examples wider = Examples.builder(6).add("u", new int[] {1, 2}, 3).build();
    Gradients gradients = Gradients.of(model.parameters());
    SplittableRandom random = new SplittableRandom(1);
    int[] one = {0};
    try (Objective<TrainingBatch> objective = model.objective(InfoNce.withNegatives(2))) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  objective.gradients(
                      new TrainingBatch(examples.batch(one, 3), new int[2]), random, gradients))
          .withMessage("histories must be padded to the model's 4 positions, found 3");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  objective.gradients(
                      new TrainingBatch(wider.batch(one, 4), new int[2]), random, gradients))
          .withMessage("the batch must be padded with item 5, found 6");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  objective.gradients(
                      new TrainingBatch(examples.batch(one, 4), new int[3]), random, gradients))
          .withMessage("the loss takes 2 negatives for each target, found 3");
    }
  }

  @Test
  void trainingAndScoringFreeWhatTheyAllocate() {
    SasRec model = SasRec.builder(items(200, 32, 16)).build();
    Examples.Builder builder = Examples.builder(200);
    for (int i = 0; i < 64; i++) {
      builder.add("u" + i, new int[] {i, i + 1, i + 2}, i + 3);
    }
    Examples examples = builder.build();
    int[] all = IntStream.range(0, 64).toArray();
    SplittableRandom random = new SplittableRandom(1);
    Gradients gradients = Gradients.of(model.parameters());
    for (RankingLoss loss :
        List.of(
            InfoNce.withNegatives(16),
            BinaryCrossEntropy.withNegatives(16),
            FullSoftmax.ofCosines(0.1))) {
      try (Objective<TrainingBatch> objective = model.objective(loss)) {
        Runnable steps =
            () -> {
              for (int i = 0; i < 150; i++) {
                int[] negatives =
                    loss.negatives() == 0
                        ? new int[0]
                        : NegativeSampler.uniform(200)
                            .sample(examples.batch(all, 10).targets(), loss.negatives(), random);
                objective.gradients(
                    new TrainingBatch(examples.batch(all, 10), negatives), random, gradients);
              }
            };
        steps.run();
        long before = Pointer.totalBytes();
        steps.run();
        assertThat(Pointer.totalBytes() - before).as("bytes after %s", loss).isLessThan(2_000_000);
      }
    }
  }

  @Test
  void drawsPositionsAndItemsApart() {
    IdItemEmbedding items = IdItemEmbedding.builder(20, 8).seed(5).build();
    SasRec model = SasRec.builder(items).maxLength(4).seed(5).build();
    float[] positions =
        java.util.Objects.requireNonNull(model.parameters().get("position_embedding")).floats();
    assertThat(items.table().firstRows(4).floats()).doesNotContain(positions);
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 2", "3, 10, 8", "2, 50, 8", "5, 4, 2", "1, 1, 8", "4, 20, 128"})
  void trainsAnyLengthOnAnyWidth(int batch, int length, int dim) {
    SasRec model =
        SasRec.builder(IdItemEmbedding.builder(20, dim).build()).maxLength(length).build();
    Examples.Builder examples = Examples.builder(20);
    for (int i = 0; i < batch; i++) {
      examples.add("u" + i, new int[] {i, i + 1}, i + 2);
    }
    Gradients gradients = Gradients.of(model.parameters());
    try (Objective<TrainingBatch> objective = model.objective(InfoNce.withNegatives(2))) {
      double loss =
          objective.gradients(
              new TrainingBatch(
                  examples.build().batch(IntStream.range(0, batch).toArray(), length),
                  new int[2 * batch]),
              new SplittableRandom(1),
              gradients);
      assertThat(loss).isFinite();
      assertThat(gradients.firstNonFinite()).isEmpty();
    }
  }
}
