package io.github.alphafuse.backbones.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.fixture.Mutations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are no longer what was saved give documented errors only. */
class CheckpointFuzzTest {
  private static final int ITEMS = 12;

  @TempDir private Path folder;

  private static Examples examples(int count) {
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int i = 0; i < count; i++) {
      examples.add("u" + i, new int[] {i % ITEMS, (i + 1) % ITEMS}, (i + 2) % ITEMS);
    }
    return examples.build();
  }

  private static void train(Path checkpoint) {
    train(model(), checkpoint);
  }

  private static SasRec model() {
    return SasRec.builder(IdItemEmbedding.builder(ITEMS, 4).build()).maxLength(3).build();
  }

  private static void train(SasRec model, Path checkpoint) {
    Trainer.builder(model)
        .loss(InfoNce.withNegatives(2))
        .epochs(2)
        .checkpoint(checkpoint)
        .fit(examples(20), examples(8));
  }

  /** A checkpoint that is refused leaves the model as it was. */
  private static void trainOrKeep(Path checkpoint) {
    SasRec model = model();
    try {
      train(model, checkpoint);
    } catch (IllegalArgumentException e) {
      CheckpointTest.assertSameWeights(model, model());
      throw e;
    }
  }

  @Test
  void checkpoints() throws IOException {
    Path file = folder.resolve("run.c");
    train(file);
    int files = Mutations.count(150);
    Map<String, Integer> outcomes =
        new Mutations(7)
            .loadAll(file, folder.resolve("changed"), files, CheckpointFuzzTest::trainOrKeep);
    assertThat(outcomes.get("IllegalArgumentException")).isGreaterThan(files / 2);
    assertThat(outcomes.keySet()).doesNotContain("UncheckedIOException");
  }
}
