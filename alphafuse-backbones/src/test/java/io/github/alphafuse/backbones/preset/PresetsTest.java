package io.github.alphafuse.backbones.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.graphcf.LightGcn;
import io.github.alphafuse.backbones.graphcf.Projector;
import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresetsTest {

  private static LanguageEmbeddings text(int items, int columns) {
    SplittableRandom random = new SplittableRandom(7);
    float[][] rows = new float[items][columns];
    for (float[] row : rows) {
      for (int j = 0; j < columns; j++) {
        row[j] = (float) random.nextDouble(-1, 1);
      }
    }
    return LanguageEmbeddings.of(rows);
  }

  @ParameterizedTest
  @CsvSource({
    "movies, 1e-3, zeros",
    "toys, 1e-3, normal",
    "sports, 1e-2, normal",
    "yelp, 1e-4, zeros",
    "fashion, 1e-4, zeros",
    "beauty, 1e-4, zeros"
  })
  void sasRecHasThePublishedSettings(String data, double rate, String ids) {
    SasRecPreset preset = (SasRecPreset) Presets.named("AlphaFuse_" + data);
    assertThat(preset.embeddingDim()).isEqualTo(128);
    assertThat(preset.nullDim()).isEqualTo(64);
    assertThat(preset.learningRate()).isEqualTo(rate);
    assertThat(preset.idInitializer().name()).isEqualTo(ids);
    assertThat(preset.loss()).isEqualTo(InfoNce.withNegatives(64));
  }

  @ParameterizedTest
  @CsvSource({"movies, 1536", "toys, 3072", "sports, 3072", "beauty, 3072"})
  void dreamRecHasThePublishedSettings(String data, int languageDim) {
    DreamRecPreset preset = (DreamRecPreset) Presets.named("dreamrec-" + data);
    assertThat(preset.languageDim()).isEqualTo(languageDim);
    assertThat(preset.nullThreshold()).isEqualTo(0.25);
    assertThat(preset.learningRate()).isEqualTo(1e-5);
    assertThat(preset.idInitializer().name()).isEqualTo("normal");
    assertThat(preset.loss()).isEqualTo(DiffusionLoss.L2);
  }

  @ParameterizedTest
  @CsvSource({
    "movies, 2, 0, 1e-3, 1e-3, 500",
    "beauty, 3, 0, 1e-3, 1e-3, 500",
    "beauty-infonce, 3, 0.15, 5e-4, 1e-2, 500",
    "baby, 3, 0, 1e-3, 5e-3, 100",
    "baby-infonce, 3, 0.25, 1e-3, 1e-3, 500"
  })
  void lightGcnHasThePublishedSettings(
      String data, int layers, double tau, double rate, double decay, int epochs) {
    LightGcnPreset preset = (LightGcnPreset) Presets.graphNamed("LightGCN_" + data);
    assertThat(preset.layers()).isEqualTo(layers);
    assertThat(preset.loss())
        .isEqualTo(tau == 0 ? Bpr.create() : InfoNce.withNegatives(256).temperature(tau));
    assertThat(preset.learningRate()).isEqualTo(rate);
    assertThat(preset.egoDecay()).isEqualTo(decay);
    assertThat(preset.epochs()).isEqualTo(epochs);
  }

  @ParameterizedTest
  @CsvSource({"movies, 2, 0.15, 4096, 1e-6", "beauty, 3, 0.15, 2048, 0", "baby, 3, 0.25, 2048, 0"})
  void alphaRecHasThePublishedSettings(
      String data, int layers, double tau, int batch, double decay) {
    AlphaRecPreset preset = (AlphaRecPreset) Presets.graphNamed("alpharec-" + data);
    assertThat(preset.layers()).isEqualTo(layers);
    assertThat(preset.loss()).isEqualTo(InfoNce.withNegatives(256).temperature(tau));
    assertThat(preset.learningRate()).isEqualTo(5e-4);
    assertThat(preset.batchSize()).isEqualTo(batch);
    assertThat(preset.weightDecay()).isEqualTo(decay);
  }

  @Test
  void theBuildersOfGraphModelsAreFilled() {
    InteractionGraph graph = InteractionGraph.of(UserItems.of(4, new int[][] {{0, 1}, {2}}));
    LightGcn lightGcn = Presets.graph().lightGcnBabyInfoNce().builder(graph).build();
    assertThat(lightGcn.layers()).isEqualTo(3);
    assertThat(lightGcn.dim()).isEqualTo(64);
    assertThat(lightGcn.similarity()).isEqualTo(Similarity.COSINE);
    assertThat(Presets.graph().lightGcnMovies().builder(graph).build().similarity())
        .isEqualTo(Similarity.INNER_PRODUCT);
    AlphaRec alphaRec = Presets.graph().alphaRecMovies().builder(text(4, 6), graph).build();
    assertThat(alphaRec.layers()).isEqualTo(2);
    assertThat(alphaRec.projector()).isEqualTo(Projector.MLP);
  }

  @Test
  void namesTheGraphPresetsThereAre() {
    assertThatThrownBy(() -> Presets.graphNamed("alpharec-books"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("alpharec-movies")
        .hasMessageContaining("found 'alpharec-books'");
  }

  @Test
  void theBuildersAreFilled() {
    LanguageEmbeddings text = text(300, 140);
    SasRecPreset preset = Presets.alphaFuse().movies();
    FusedItemEmbedding items = preset.items(text).build();
    assertThat(items.dim()).isEqualTo(128);
    assertThat(items.nullDim()).isEqualTo(64);
    SasRec model = preset.builder(items).build();
    assertThat(model.maxLength()).isEqualTo(10);
    // Table 6 of the paper: the backbone's numbers, and an ID part of N + 1 rows.
    assertThat(model.parameterCount()).isEqualTo(84_864 + 301 * 64);
  }

  @Test
  void dreamRecKeepsAllColumns() {
    LanguageEmbeddings text = text(60, 24);
    DreamRecPreset preset = Presets.dreamRec().movies();
    // Uniform noise at scale 40 has no direction of little variance: a threshold between some.
    DreamRecPreset higher =
        new DreamRecPreset(
            "x", 24, 60, preset.idInitializer(), preset.learningRate(), preset.loss());
    FusedItemEmbedding items = higher.items(text).build();
    assertThat(items.dim()).isEqualTo(24);
    assertThat(items.nullDim()).isBetween(1, 23);
    DreamRec model = preset.builder(items).build();
    assertThat(model.schedule().steps()).isEqualTo(2000);
    assertThat(model.sampling().stride()).isEqualTo(100);
    assertThat(model.sampling().guidance()).isEqualTo(5);
    assertThat(model.conditionDropout()).isEqualTo(0.1);
  }

  @Test
  void unknownNamesAreRejectedWithTheKnownOnes() {
    assertThatThrownBy(() -> Presets.named("alphafuse-books"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("alphafuse-movies")
        .hasMessageContaining("'alphafuse-books'");
  }
}
