package io.github.alphafuse.examples.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.data.DataFolder;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.storage.NpyWriter;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shortest programs that users write: what is not said here has a default, and each stays as
 * short as it is.
 */
class ShortProgramsTest {
  @TempDir Path folder;

  @BeforeEach
  void writeData() {
    GeneratedCatalogue.builder().items(120).users(200).dim(24).build().write(folder);
  }

  @Test
  void anExperimentFromFilesToAResult() {
    LanguageEmbeddings text = LanguageEmbeddings.npy(folder.resolve("item_embeddings.npy"));
    DatasetSplit data = DataFolder.open(folder).withText(text).split();
    for (int nullDim : new int[] {0, 8, 128}) {
      SasRecPreset preset = Presets.recommended().nullDim(nullDim);
      SasRec model = preset.model(text, data.vocabulary());
      preset.trainer(model).fit(data);
      double ndcg = Evaluator.fullRanking().evaluate(model, data.test()).ndcg(20);
      assertThat(ndcg).isBetween(0.01, 1.0);
    }
  }

  @Test
  void oneBlockWithoutABackend() {
    LanguageEmbeddings text = LanguageEmbeddings.npy(folder.resolve("item_embeddings.npy"));
    NullSpaceProjector projector = NullSpaceProjector.builder().energy(0.95).fit(text);
    assertThat(projector.explainedVariance(projector.rowDim())).isBetween(0.95, 1.0);
    assertThat(projector.explainedVariance(0)).isZero();
    assertThat(projector.explainedVariance(24))
        .isEqualTo(1, org.assertj.core.data.Offset.offset(1e-9));
    NpyWriter.write(folder.resolve("z.npy"), projector.project(text));
    assertThat(LanguageEmbeddings.npy(folder.resolve("z.npy")).itemCount()).isEqualTo(120);
  }

  @Test
  void newItemsWithoutTraining() {
    LanguageEmbeddings text = LanguageEmbeddings.npy(folder.resolve("item_embeddings.npy"));
    DatasetSplit data = DataFolder.open(folder).withText(text).split();
    SasRec model = Presets.recommended().model(text, data.vocabulary());
    SasRec larger = model.withNewItems(List.of("sku-400"), text.slice(7, 8));
    try (Recommender recommender = Recommender.builder(larger).build()) {
      assertThat(recommender.recommend(List.of("sku-400"), 3)).hasSize(3);
    }
  }
}
