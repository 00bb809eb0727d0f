package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
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
