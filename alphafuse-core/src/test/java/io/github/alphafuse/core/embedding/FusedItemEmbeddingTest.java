package io.github.alphafuse.core.embedding;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FusedItemEmbeddingTest {
  private static final int ITEMS = 23;
  private static final int LANGUAGE_DIM = 7;
  @TempDir Path folder;

  record Case(ElementType type, boolean cover, int dim, int nullDim) {
    NullSpaceProjector projector() {
      return NullSpaceProjector.builder()
          .embeddingDim(dim)
          .nullDim(nullDim)
          .cover(cover)
          .fit(language());
    }

    FusedItemEmbedding build() {
      return FusedItemEmbedding.builder(projector(), language())
          .idInitializer(IdInitializer.normal())
          .elementType(type)
          .seed(5)
          .build();
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      for (boolean cover : new boolean[] {false, true}) {
        for (int nullDim : new int[] {0, 2, 4, 5}) {
          cases.add(new Case(type, cover, 5, nullDim));
        }
        cases.add(new Case(type, cover, LANGUAGE_DIM, 3));
      }
    }
    return cases.stream();
  }

  private static LanguageEmbeddings language() {
    return LanguageEmbeddings.of(RandomNumbers.rows(1, ITEMS, LANGUAGE_DIM));
  }

  private static int[] allIds() {
    return RowTable.range(ITEMS + 1);
  }

  private static Tensor gather(ItemEmbedding items, int... ids) {
    Tensor rows = Tensor.zeros(items.elementType(), ids.length, items.dim());
    rows.fill(99);
    items.gather(ids, rows);
    return rows;
  }

  private static Tensor idTable(FusedItemEmbedding items) {
    return requireNonNull(items.parameters().get(FusedItemEmbedding.ID_TABLE));
  }

  private static double[] values(Tensor tensor) {
    return tensor.to(ElementType.FLOAT64).doubles();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fusesByTheDefinition(Case how) {
    FusedItemEmbedding items = how.build();
    Tensor z = how.projector().project(language(), how.type);
    int shared = how.dim - how.nullDim;
    int kept = how.cover ? shared : how.dim;
    double[] fused = values(gather(items, allIds()));
    for (int i = 0; i <= ITEMS; i++) {
      for (int j = 0; j < how.dim; j++) {
        double text = j < kept && i < ITEMS ? z.get(i * kept + j) : 0;
        double id = j < shared ? 0 : idTable(items).get(i * how.nullDim + j - shared);
        double expected = how.type == ElementType.FLOAT32 ? (float) text + (float) id : text + id;
        assertThat(fused[i * how.dim + j]).isCloseTo(expected, within(1e-6));
      }
    }
    assertThat(values(items.table())).containsExactly(Arrays.copyOf(fused, ITEMS * how.dim));
    assertThat(items.itemCount()).isEqualTo(ITEMS);
    assertThat(items.dim()).isEqualTo(how.dim);
    assertThat(items.nullDim()).isEqualTo(how.nullDim);
    assertThat(items.cover()).isEqualTo(how.cover);
    assertThat(items.elementType()).isEqualTo(how.type);
    assertThat(items.parameters()).hasSize(how.nullDim == 0 ? 0 : 1);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void viewsSumUp(Case how) {
    FusedItemEmbedding items = how.build();
    double[] text = values(items.languageView());
    double[] id = values(items.idView());
    double[] table = values(items.table());
    int shared = how.dim - how.nullDim;
    for (int i = 0; i < table.length; i++) {
      assertThat(table[i]).isCloseTo(text[i] + id[i], within(1e-6));
      if (i % how.dim < shared) {
        assertThat(id[i]).isZero();
      } else if (how.cover) {
        assertThat(text[i]).isZero();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aNewItemIsTheLanguagePartOfAFittedOne(Case how) {
    FusedItemEmbedding items = how.build();
    double[] view = values(items.languageView());
    for (int i = 0; i < ITEMS; i += 5) {
      Tensor row = items.newItem(language().row(i));
      assertThat(row.shape()).containsExactly(1, how.dim);
      assertThat(row.elementType()).isEqualTo(how.type);
      assertThat(values(row))
          .containsExactly(Arrays.copyOfRange(view, i * how.dim, (i + 1) * how.dim), within(1e-5));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void newItemsGoBehindTheOthers(Case how) {
    FusedItemEmbedding items = how.build();
    LanguageEmbeddings added = LanguageEmbeddings.of(RandomNumbers.rows(9, 4, LANGUAGE_DIM));
    double[] before = values(items.table());
    FusedItemEmbedding larger = items.withNewItems(added);
    assertThat(larger.itemCount()).isEqualTo(ITEMS + 4);
    double[] all = values(larger.table());
    assertThat(Arrays.copyOf(all, before.length)).containsExactly(before);
    assertThat(Arrays.copyOfRange(all, before.length, all.length))
        .containsExactly(values(items.newItems(added)), within(1e-6));
    larger.parameters().values().forEach(table -> table.fill(-7));
    assertThat(values(items.table())).containsExactly(before);
  }

  /** The gradient of sum(G rows) with respect to E_ID, against differences of that sum. */
  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAreThoseOfTheGatheredRows(Case how) {
    FusedItemEmbedding items = how.build();
    SplittableRandom random = new SplittableRandom(4);
    int[] ids = new int[40];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i % 6 == 0 ? ITEMS : random.nextInt(9);
    }
    Tensor g = RandomNumbers.tensor(how.type, 8, ids.length, how.dim);
    Gradients gradients = Gradients.of(items.parameters());
    items.accumulate(ids, g, gradients);
    if (how.nullDim == 0) {
      assertThat(gradients.names()).isEmpty();
      return;
    }
    Tensor table = idTable(items);
    Tensor gradient = gradients.get(FusedItemEmbedding.ID_TABLE);
    for (int i = 0; i < table.size(); i++) {
      double start = table.get(i);
      table.set(i, start + 0.5);
      double up = sum(g, gather(items, ids));
      table.set(i, start - 0.5);
      double down = sum(g, gather(items, ids));
      table.set(i, start);
      boolean padding = i / how.nullDim == ITEMS;
      double tolerance = how.type == ElementType.FLOAT32 ? 1e-4 : 1e-9;
      assertThat(gradient.get(i)).isCloseTo(padding ? 0 : up - down, within(tolerance));
    }
    double[] once = values(gradient).clone();
    items.accumulate(ids, g, gradients);
    for (int i = 0; i < once.length; i++) {
      assertThat(gradient.get(i)).isCloseTo(2 * once[i], within(1e-4));
    }
  }

  private static double sum(Tensor g, Tensor rows) {
    double sum = 0;
    for (int i = 0; i < g.size(); i++) {
      sum += g.get(i) * rows.get(i);
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theGradientOfTheTableIsThatOfAllRows(Case how) {
    FusedItemEmbedding items = how.build();
    Tensor g = RandomNumbers.tensor(how.type, 8, ITEMS, how.dim);
    Gradients ofTable = Gradients.of(items.parameters());
    Gradients ofRows = Gradients.of(items.parameters());
    items.accumulateTable(g, ofTable);
    items.accumulate(RowTable.range(ITEMS), g, ofRows);
    for (String name : ofTable.names()) {
      assertThat(values(ofTable.get(name))).containsExactly(values(ofRows.get(name)));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isTheSameAfterSavingAndLoading(Case how) {
    FusedItemEmbedding items = how.build();
    Path file = folder.resolve("items.zip");
    items.save(file);
    FusedItemEmbedding loaded = FusedItemEmbedding.load(file);
    assertThat(values(gather(loaded, allIds()))).containsExactly(values(gather(items, allIds())));
    assertThat(loaded.elementType()).isEqualTo(how.type);
    assertThat(loaded).hasToString(items.toString());
    double[] row = RandomNumbers.gaussian(3, LANGUAGE_DIM);
    assertThat(values(loaded.newItem(row))).containsExactly(values(items.newItem(row)));
    assertThat(loaded.projector()).isPresent();
  }

  @Test
  void aCopyIsIndependent() {
    FusedItemEmbedding items = new Case(ElementType.FLOAT32, false, 5, 2).build();
    double[] before = values(items.table());
    FusedItemEmbedding copy = items.copy();
    idTable(copy).fill(3);
    assertThat(values(items.table())).containsExactly(before);
    assertThat(values(copy.table())).isNotEqualTo(before);
  }

  @Test
  void takesRowsThatWereProjectedElsewhere() {
    Tensor z = Tensor.of(new double[] {1, 2, 3, 4}, 2, 2);
    Tensor id = Tensor.of(new double[] {10, 20, 30}, 3, 1);
    FusedItemEmbedding added =
        FusedItemEmbedding.ofProjected(z, 1, false)
            .idEmbedding(id)
            .elementType(ElementType.FLOAT64)
            .build();
    assertThat(added.table().doubles()).containsExactly(1, 12, 3, 24);
    FusedItemEmbedding covered =
        FusedItemEmbedding.ofProjected(z, 1, true)
            .idEmbedding(id)
            .elementType(ElementType.FLOAT64)
            .build();
    assertThat(covered.table().doubles()).containsExactly(1, 2, 10, 3, 4, 20);
    z.fill(0);
    id.fill(0);
    assertThat(added.table().doubles()).containsExactly(1, 12, 3, 24);
    assertThat(added.projector()).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> added.newItem(new double[2]))
        .withMessage("new items need the projector, and these rows were projected elsewhere");
    Path file = folder.resolve("items.zip");
    covered.save(file);
    FusedItemEmbedding loaded = FusedItemEmbedding.load(file);
    assertThat(loaded.table().doubles()).containsExactly(1, 2, 10, 3, 4, 20);
    assertThat(loaded.projector()).isEmpty();
  }

  @Test
  void rejectsWhatDoesNotFit() {
    FusedItemEmbedding items = new Case(ElementType.FLOAT32, false, 5, 2).build();
    Gradients gradients = Gradients.of(items.parameters());
    for (int bad : new int[] {-1, ITEMS + 1}) {
      String message = "ids[1] must lie in [0, 23], 23 being the padding item, found " + bad;
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> items.gather(new int[] {0, bad}, Tensor.zeros(ElementType.FLOAT32, 2, 5)))
          .withMessage(message);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  items.accumulate(
                      new int[] {0, bad}, Tensor.zeros(ElementType.FLOAT32, 2, 5), gradients))
          .withMessage(message);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.gather(new int[2], Tensor.zeros(ElementType.FLOAT32, 2, 4)))
        .withMessage("rows must have shape [2, 5] or more rows, found [2, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.gather(new int[2], Tensor.zeros(ElementType.FLOAT64, 2, 5)))
        .withMessage("rows must be of type FLOAT32, found FLOAT64");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.newItem(new double[3]))
        .withMessageContaining("7 columns");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                FusedItemEmbedding.builder(
                    items.projector().orElseThrow(),
                    LanguageEmbeddings.of(RandomNumbers.rows(1, 5, 6))))
        .withMessage("embeddings must have 7 columns as the projector was fitted to, found 6");
    Tensor z = RandomNumbers.tensor(ElementType.FLOAT32, 1, 4, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FusedItemEmbedding.ofProjected(z, 4, false))
        .withMessage("nullDim must lie in [0, 3], found 4");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                FusedItemEmbedding.ofProjected(z, 2, false)
                    .idEmbedding(Tensor.zeros(ElementType.FLOAT32, 4, 2))
                    .build())
        .withMessage("idEmbedding must have 5 rows, one per item and the padding row, found 4");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                FusedItemEmbedding.ofProjected(z, 2, false)
                    .idEmbedding(Tensor.zeros(ElementType.FLOAT32, 5, 3)));
    z.set(7, Double.NaN);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FusedItemEmbedding.ofProjected(z, 2, false))
        .withMessage("projected must be finite, found NaN at row 2, column 1");
  }

  @Test
  void startValuesAreSetInOneWay() {
    Tensor z = RandomNumbers.tensor(ElementType.FLOAT32, 1, 4, 3);
    Tensor ids = Tensor.zeros(ElementType.FLOAT32, 5, 2);
    IdInitializer normal = IdInitializer.normal();
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                FusedItemEmbedding.ofProjected(z, 2, false).idInitializer(normal).idEmbedding(ids))
        .withMessage("idEmbedding excludes idInitializer, which is set to normal already");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                FusedItemEmbedding.ofProjected(z, 2, false).idEmbedding(ids).idInitializer(normal))
        .withMessage("idInitializer excludes idEmbedding, which is set already");
  }
}
