package io.github.alphafuse.backbones.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.preset.DreamRecPreset;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Strategies over text with fewer directions than columns. */
class RankDeficientTextTest {
  private static final int WIDTH = 12;
  private static final int RANK = 9;
  @TempDir private Path folder;

  /** Two columns repeat others and one is constant, but for new items. */
  private static LanguageEmbeddings text(int items) {
    double[][] rows = RandomNumbers.rows(3, items, WIDTH);
    for (double[] row : rows) {
      row[4] = row[1];
      row[7] = row[2];
      row[9] = 0.5;
    }
    return LanguageEmbeddings.of(rows);
  }

  private static LanguageEmbeddings newItems() {
    return LanguageEmbeddings.of(RandomNumbers.rows(8, 3, WIDTH));
  }

  @ParameterizedTest
  @EnumSource
  void whiteningLeavesOutDirectionsWithoutVariance(ElementType type) {
    LanguageEmbeddings text = text(40);
    FusedItemEmbedding whole = IDreamRec.builder(text).elementType(type).build();
    assertThat(whole.dim()).isEqualTo(RANK);
    assertThat(whole.projector().orElseThrow().directionsLeftOut()).isEqualTo(3);
    requireWhite(whole.table());
    AdaptedItemEmbedding adapted = WhitenRec.builder(text).dim(5).elementType(type).build();
    assertThat(adapted.dim()).isEqualTo(5);
    assertThat(adapted.languageDim()).isEqualTo(RANK);
    assertThat(adapted.projector().orElseThrow().directionsLeftOut()).isEqualTo(3);
    assertThat(parameter(adapted, "item_adapter.weight").shape(1)).isEqualTo(RANK);
    Tensor elsewhere =
        WhitenRec.ofWhitened(whole.table().to(ElementType.FLOAT64))
            .dim(5)
            .elementType(type)
            .build()
            .table();
    assertThat(adapted.table().to(ElementType.FLOAT64).doubles())
        .containsExactly(elsewhere.to(ElementType.FLOAT64).doubles(), within(1e-5));
    assertThat(MoRec.builder(text).build().projector()).isEmpty();
  }

  private static void requireWhite(Tensor rows) {
    assertThat(rows.firstNonFinite()).isNegative();
    for (int j = 0; j < rows.shape(1); j++) {
      double squares = 0;
      for (int i = 0; i < rows.shape(0); i++) {
        squares += Math.pow(rows.get(i * rows.shape(1) + j), 2);
      }
      assertThat(squares / (rows.shape(0) - 1)).isCloseTo(1, within(1e-4));
    }
  }

  @Test
  void aFloorKeepsAllDirections() {
    LanguageEmbeddings text = text(40);
    assertThat(IDreamRec.builder(text).varianceFloor(1).build().dim()).isEqualTo(WIDTH);
    AdaptedItemEmbedding adapted = WhitenRec.builder(text).varianceFloor(1).build();
    assertThat(adapted.languageDim()).isEqualTo(WIDTH);
    assertThat(adapted.table().firstNonFinite()).isNegative();
    assertThat(LlmInit.builder(text).varianceFloor(1).build().dim()).isEqualTo(WIDTH);
    assertThat(LlmEsr.builder(text).varianceFloor(1).build().dim()).isEqualTo(2 * WIDTH);
    assertThat(LlmInit.builder(text).standardize(false).build().dim()).isEqualTo(WIDTH);
  }

  /** Fewer items than columns: as many directions as items, but one. */
  @Test
  void fewItemsHaveFewDirections() {
    LanguageEmbeddings text = LanguageEmbeddings.of(RandomNumbers.rows(1, 6, 10));
    requireWhite(IDreamRec.builder(text).build().table());
    assertThat(IDreamRec.builder(text).build().dim()).isEqualTo(5);
    assertThat(WhitenRec.builder(text).build().languageDim()).isEqualTo(5);
    requireWhite(LlmInit.builder(text).build().table());
    assertThat(LlmEsr.builder(text).build().views().toString()).isEqualTo("ID_AND_TEXT");
    assertThat(LlmEsr.builder(text).build().dim()).as("two views of 4").isEqualTo(8);
  }

  /** Views have an even width, for the attention between them. */
  @ParameterizedTest
  @CsvSource({"128, 9, 8", "9, 9, 8", "8, 8, 8", "7, 7, 6"})
  void idsStartFromAsManyDirectionsAsThereAre(int most, int ids, int view) {
    LanguageEmbeddings text = text(40);
    IdItemEmbedding init = LlmInit.builder(text).maxDim(most).build();
    assertThat(init.dim()).isEqualTo(ids);
    requireWhite(init.table());
    LlmEsr esr = LlmEsr.builder(text).maxDim(most).build();
    assertThat(esr.dim()).isEqualTo(2 * view);
    assertThat(esr.projector().embeddingDim()).isEqualTo(view);
    assertThat(esr.projector().directionsLeftOut()).isEqualTo(most > RANK ? 3 : 0);
    assertThat(esr.table().firstNonFinite()).isNegative();
    SasRec.builder(esr).build();
  }

  @Test
  void theDefaultIsTheMostThatTheTextAllows() {
    assertThat(LlmInit.builder(text(40)).build().dim()).isEqualTo(RANK);
    assertThat(LlmEsr.builder(text(40)).build().dim()).isEqualTo(2 * (RANK - 1));
    LanguageEmbeddings wide = LanguageEmbeddings.of(RandomNumbers.rows(1, 150, 130));
    assertThat(LlmInit.builder(wide).build().dim()).isEqualTo(128);
    assertThat(LlmEsr.builder(wide).build().dim()).isEqualTo(256);
    LanguageEmbeddings narrow = LanguageEmbeddings.of(RandomNumbers.rows(1, 150, 20));
    assertThat(LlmInit.builder(narrow).build().dim()).isEqualTo(20);
  }

  @Test
  void aWidthThatIsGivenIsAnErrorThatNamesTheLargestThatWorks() {
    LanguageEmbeddings text = text(40);
    for (int dim = RANK + 1; dim <= WIDTH; dim++) {
      LlmInit.Builder init = LlmInit.builder(text).maxDim(WIDTH).dim(dim);
      LlmEsr.Builder esr = LlmEsr.builder(text).dim(dim);
      assertThatIllegalArgumentException()
          .isThrownBy(init::build)
          .withMessageStartingWith("embeddings are rank-deficient: kept direction 10 of " + dim)
          .withMessageContaining("The largest embeddingDim that works is 9,");
      assertThatIllegalArgumentException()
          .isThrownBy(esr::build)
          .withMessageContaining("The largest embeddingDim that works is 9,");
    }
    assertThat(LlmInit.builder(text).dim(RANK).build().dim()).isEqualTo(RANK);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LlmInit.builder(text).dim(WIDTH + 1).build())
        .withMessage(
            "embeddingDim must lie in [1, 12], the width of the language embeddings, found 13");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LlmInit.builder(text).maxDim(0))
        .withMessage("maxDim must be at least 1, found 0");
  }

  @Test
  void theHiddenWidthMayLieHalfway() {
    LanguageEmbeddings text = text(40);
    assertThat(hidden(LlmEsr.builder(text))).isEqualTo(6);
    assertThat(hidden(LlmEsr.builder(text).halfwayHiddenDim())).isEqualTo((WIDTH + 8) / 2);
    assertThat(hidden(LlmEsr.builder(text).dim(4).halfwayHiddenDim())).isEqualTo(8);
    assertThat(hidden(LlmEsr.builder(text).hiddenDim(3))).isEqualTo(3);
  }

  @Test
  void widthsThatContradictAreAnError() {
    LanguageEmbeddings text = text(40);
    assertThatIllegalStateException()
        .isThrownBy(() -> LlmInit.builder(text).maxDim(6).dim(7))
        .withMessage("dim must be at most maxDim, which is set to 6, found 7");
    assertThatIllegalStateException()
        .isThrownBy(() -> LlmInit.builder(text).dim(8).maxDim(7))
        .withMessage("maxDim must be at least dim, which is set to 8, found 7");
    assertThat(LlmInit.builder(text).maxDim(3).maxDim(5).dim(4).build().dim()).isEqualTo(4);
    assertThatIllegalStateException()
        .isThrownBy(() -> LlmEsr.builder(text).halfwayHiddenDim().hiddenDim(3))
        .withMessage("hiddenDim excludes halfwayHiddenDim, which is set already");
    assertThatIllegalStateException()
        .isThrownBy(() -> LlmEsr.builder(text).hiddenDim(3).halfwayHiddenDim())
        .withMessage("halfwayHiddenDim excludes hiddenDim, which is set to 3 already");
  }

  private static int hidden(LlmEsr.Builder builder) {
    return parameter(builder.build(), "item_adapter.inner.bias").size();
  }

  private static Tensor parameter(ItemEmbedding items, String name) {
    return requireNonNull(items.parameters().get(name), name);
  }

  /** New items have all columns of the text, and vary where the others do not. */
  @Test
  void newItemsComeWithWholeRows() {
    LanguageEmbeddings text = text(40);
    AdaptedItemEmbedding adapted = WhitenRec.builder(text).dim(5).build();
    requireAdded(adapted.withNewItems(newItems()), 5);
    assertThat(adapted.newItems(newItems()).floats())
        .containsExactly(lastRows(adapted.withNewItems(newItems())), within(1e-6f));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> adapted.newItems(LanguageEmbeddings.of(RandomNumbers.rows(8, 3, RANK))))
        .withMessage("new items must have 12 columns as the catalogue, found 9");
    requireAdded(LlmEsr.builder(text).build().withNewItems(newItems()), 2 * (RANK - 1));
    requireAdded(IDreamRec.builder(text).build().withNewItems(newItems()), RANK);
  }

  private static float[] lastRows(ItemEmbedding items) {
    float[] all = items.table().floats();
    return java.util.Arrays.copyOfRange(all, all.length - 3 * items.dim(), all.length);
  }

  private static void requireAdded(ItemEmbedding items, int dim) {
    assertThat(items.itemCount()).isEqualTo(43);
    assertThat(items.dim()).isEqualTo(dim);
    assertThat(items.table().firstNonFinite()).isNegative();
  }

  @Test
  void modelsOverThemAreSavedAndLoaded() {
    LanguageEmbeddings text = text(40);
    for (ItemEmbedding items :
        new ItemEmbedding[] {
          WhitenRec.builder(text).dim(6).build(),
          LlmEsr.builder(text).build(),
          IDreamRec.builder(text).build()
        }) {
      Path file = folder.resolve("model.zip");
      SasRec.builder(items).build().save(file);
      ItemEmbedding loaded = SasRec.load(file).items();
      assertThat(loaded.table().floats()).containsExactly(items.table().floats());
      if (loaded instanceof AdaptedItemEmbedding adapted) {
        assertThat(adapted.projector().orElseThrow().directionsLeftOut()).isEqualTo(3);
        requireAdded(adapted.withNewItems(newItems()), 6);
      }
    }
  }

  /** The published DreamRec keeps all directions with variance; those at most at 0.25 are null. */
  @Test
  void theDreamRecPresetLeavesThemOut() {
    double[][] rows = RandomNumbers.rows(3, 60, WIDTH);
    for (double[] row : rows) {
      for (int j = 0; j < WIDTH; j++) {
        row[j] *= Math.pow(0.5, j);
      }
      row[4] = row[1];
    }
    LanguageEmbeddings text = LanguageEmbeddings.of(rows);
    DreamRecPreset preset = Presets.dreamRec().movies();
    NullSpaceProjector projector = preset.projector(text).fit(text);
    double[] variances = projector.singularValues();
    long above = java.util.Arrays.stream(variances).filter(s -> s > 0.25).count();
    assertThat(projector.embeddingDim()).isEqualTo(WIDTH - 1);
    assertThat(projector.directionsLeftOut()).isEqualTo(1);
    assertThat((long) projector.rowDim()).isEqualTo(above).isBetween(2L, (long) WIDTH - 2);
    FusedItemEmbedding items = preset.items(text).build();
    assertThat(items.table().firstNonFinite()).isNegative();
    DreamRec model =
        preset
            .builder(items)
            .schedule(NoiseSchedule.linear(20))
            .sampling(Sampling.ddim(10))
            .build();
    assertThat(model.items().dim()).isEqualTo(WIDTH - 1);
  }
}
