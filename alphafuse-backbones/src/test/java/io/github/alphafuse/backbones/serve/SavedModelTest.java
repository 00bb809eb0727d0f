package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.fixture.Mutations;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SavedModelTest {
  private static final int ITEMS = 12;

  @TempDir private Path folder;

  private static IdItemEmbedding items() {
    return IdItemEmbedding.builder(ITEMS, 8).build();
  }

  private static ItemVocabulary ids() {
    return ItemVocabulary.of(IntStream.range(0, ITEMS).mapToObj(i -> "item-" + i).toList());
  }

  private Path save(SequenceModel<?> model) {
    Path file = folder.resolve("model.zip");
    model.save(file);
    return file;
  }

  private static SequenceModel<?> dreamRec() {
    return DreamRec.builder(items())
        .schedule(NoiseSchedule.linear(20))
        .sampling(Sampling.ddim(5))
        .vocabulary(ids())
        .build();
  }

  @Test
  void isOfTheKindThatTheFileSays() {
    SequenceModel<?> sasRec = SasRec.builder(items()).vocabulary(ids()).build();
    for (SequenceModel<?> model : List.of(sasRec, dreamRec())) {
      Path file = save(model);
      RankingModel loaded = SavedModel.load(file);
      assertThat(loaded).hasSameClassAs(model).hasToString(model.toString());
      List<String> history = List.of("item-3", "item-5");
      try (Recommender expected = Recommender.builder(model).build();
          Recommender found = Recommender.load(file)) {
        assertThat(found.recommend(history, 5)).isEqualTo(expected.recommend(history, 5));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lightgcn-2026-11, graph.layers, 2147483647, 'layers must be from 1 to 100, found 2147483647'",
    "lightgcn-2026-11, graph.layers, 0, 'layers must be from 1 to 100, found 0'",
    "lightgcn-2026-11, graph.items, 2147483647, 'items: expected at most'",
    "alpharec-v1, graph.layers, 2147483647, 'layers must be from 0 to 100, found 2147483647'",
    "alpharec-v1, graph.layers, -1, 'layers must be from 0 to 100, found -1'",
    "dreamrec-2026-11, samples, 2147483647, 'samples must be from 1 to 10000, found 2147483647'",
    "dreamrec-2026-11, stride, 2147483647, 'stride must divide'",
    "sasrec-v1, encoder.maxLength, 2147483647, 'maxLength must be from 1 to 32768, found 2147483647'",
    "sasrec-v1, encoder.maxLength, 32768, 'maxLength: expected at most'",
    "sasrec-v1, encoder.blocks, 2147483647, 'setting encoder/blocks: expected at most'",
    "sasrec-v1, encoder.heads, 2147483647, 'heads must divide the embedding dimension'",
    "unisrec-v1, items.experts, 2147483647, 'setting items/experts: expected at most'",
    "unisrec-v1, items.dim, 2147483647, 'setting items/dim: expected at most'",
    "llm-esr-2026-11, items.texts.hiddenDim, 2147483647, 'items/texts/hiddenDim: expected at most'"
  })
  void countsThatWouldTakeForeverAreRefused(String model, String setting, int value, String message)
      throws IOException {
    Path forged = folder.resolve("forged.zip");
    Mutations.forge(
        Path.of("src/test/resources/formats", model + ".zip"),
        forged,
        (manifest, entries) -> {
          JsonObject at = manifest.getAsJsonObject("settings");
          List<String> names = List.of(setting.split("\\."));
          for (String section : names.subList(0, names.size() - 1)) {
            at = at.getAsJsonObject(section);
          }
          at.addProperty(names.get(names.size() - 1), value);
        });
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SavedModel.load(forged))
        .withMessageContaining(message);
  }

  @Test
  void rejectsWhatIsNoModel() throws IOException {
    Path other = folder.resolve("other.zip");
    try (ArchiveWriter writer = ArchiveWriter.create(other, new ArchiveFormat("projector", 1))) {
      writer.commit();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SavedModel.load(other))
        .withMessage(
            other + " holds a projector, expected a model: sasrec, dreamrec, lightgcn or alpharec");
    Path text = Files.writeString(folder.resolve("items.tsv"), "no archive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SavedModel.load(text))
        .withMessageContaining("items.tsv");
    assertThatThrownBy(() -> SavedModel.load(folder.resolve("nothing")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("nothing");
  }

  @Test
  void rejectsADamagedFile() throws IOException {
    Path file = save(dreamRec());
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 4;
    Files.write(file, bytes);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SavedModel.load(file))
        .withMessageContaining("damaged");
  }
}
