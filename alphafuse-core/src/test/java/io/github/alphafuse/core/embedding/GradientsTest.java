package io.github.alphafuse.core.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients of a table, of which a step touches a few rows. */
class GradientsTest {
  private static final int ITEMS = 200;
  private static final int DIM = 8;

  enum Kind {
    ADDED,
    COVERED,
    IDS_ONLY;

    ItemEmbedding of(ElementType type) {
      return switch (this) {
        case ADDED -> projected(type, DIM, false);
        case COVERED -> projected(type, DIM - 3, true);
        case IDS_ONLY -> IdItemEmbedding.builder(ITEMS, DIM).elementType(type).build();
      };
    }

    private static ItemEmbedding projected(ElementType type, int columns, boolean cover) {
      return FusedItemEmbedding.ofProjected(
              RandomNumbers.tensor(ElementType.FLOAT64, 1, ITEMS, columns), 3, cover)
          .idInitializer(IdInitializer.normal())
          .elementType(type)
          .build();
    }
  }

  private static String tableOf(ItemEmbedding items) {
    return items.parameters().keySet().iterator().next();
  }

  private static int[] some(SplittableRandom random) {
    return random.ints(40, 0, ITEMS).sorted().distinct().toArray();
  }

  @ParameterizedTest
  @EnumSource
  void aStepStartsFromZeroInAllRows(Kind kind) {
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      ItemEmbedding items = kind.of(type);
      startsFromZero(items, Gradients.of(items.parameters()));
      startsFromZero(items, Gradients.of(items.parameters(), items.parameters().keySet()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void keepsTouchedRowsAlone(Kind kind) {
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      ItemEmbedding items = kind.of(type);
      String table = tableOf(items);
      Gradients gradients = Gradients.of(items.parameters(), items.parameters().keySet());
      assertThat(gradients.touchedGradients(table)).isEmpty();
      SplittableRandom random = new SplittableRandom(4);
      for (int step = 0; step < 8; step++) {
        int[] rows = some(random);
        Tensor rowGradients = RandomNumbers.tensor(type, step, rows.length + 2, DIM);
        items.start(rows, gradients);
        // Out of order, one of them twice, and the padding item, whose gradient is dropped.
        int[] ids = IntStream.range(0, rows.length + 2).map(i -> rows[i % rows.length]).toArray();
        int last = rows.length - 1;
        ids[0] = rows[last];
        ids[last] = rows[0];
        ids[rows.length + 1] = ITEMS;
        items.accumulate(ids, rowGradients, gradients);
        Tensor few = gradients.touchedGradients(table).orElseThrow();
        assertThat(gradients.touchedRows(table)).containsSame(rows);
        Gradients expected = Gradients.of(items.parameters());
        items.start(rows, expected);
        items.accumulate(ids, rowGradients, expected);
        int width = few.shape(1);
        for (int r = 0; r < rows.length * width; r++) {
          int at = rows[r / width] * width + r % width;
          assertThat(few.get(r)).isEqualTo(expected.read(table).get(at));
        }
        assertThat(gradients.firstNonFinite()).isEmpty();
        if (step == 3) {
          few.fill(0);
          gradients.cleared(table);
          assertThat(gradients.touchedRows(table).orElseThrow()).isEmpty();
        } else if (step == 5) {
          assertThat(gradients.read(table).to(ElementType.FLOAT64).doubles())
              .containsExactly(expected.read(table).to(ElementType.FLOAT64).doubles());
          assertThat(gradients.touchedGradients(table)).isEmpty();
          assertThat(gradients.touchedRows(table)).containsSame(rows);
        } else if (step == 6) {
          few.set(1, Double.NaN);
          assertThat(gradients.firstNonFinite()).isEqualTo(table);
          assertThat(gradients.get(table).get(rows[0] * width + 1)).isNaN();
          assertThat(gradients.touchedRows(table)).isEmpty();
        }
      }
    }
  }

  @Test
  void takesNoRowThatWasNotAnnounced() {
    ItemEmbedding items = Kind.IDS_ONLY.of(ElementType.FLOAT32);
    Gradients gradients = Gradients.of(items.parameters(), items.parameters().keySet());
    items.start(new int[] {3, 7}, gradients);
    Tensor row = RandomNumbers.tensor(ElementType.FLOAT32, 1, 1, DIM);
    assertThatIllegalStateException()
        .isThrownBy(() -> items.accumulate(new int[] {5}, row, gradients))
        .withMessage("row 5 was not among those that were about to be added to");
  }

  @Test
  void sparseTablesHaveTwoAxes() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Gradients.of(Map.of("bias", Tensor.zeros(ElementType.FLOAT32, 3)), Set.of("bias")))
        .withMessage("sparseTables must have two axes, found 'bias' [3]");
  }

  private static void startsFromZero(ItemEmbedding items, Gradients gradients) {
    ElementType type = items.elementType();
    String table = tableOf(items);
    // Nobody knows what is in there before the first step.
    gradients.get(table).fill(9);
    assertThat(gradients.touchedRows(table)).isEmpty();
    SplittableRandom random = new SplittableRandom(4);
    for (int step = 0; step < 6; step++) {
      int[] rows = some(random);
      Tensor rowGradients = RandomNumbers.tensor(type, step, rows.length, DIM);
      items.start(rows, gradients);
      assertThat(gradients.touchedRows(table)).containsSame(rows);
      assertThat(gradients.read(table).to(ElementType.FLOAT64).doubles()).containsOnly(0);
      items.accumulate(rows, rowGradients, gradients);
      assertHolds(items, gradients, rows, rowGradients);
    }
  }

  /** Rows that were accumulated once, and zeros in all others. */
  private static void assertHolds(
      ItemEmbedding items, Gradients gradients, int[] rows, Tensor rowGradients) {
    Tensor table = gradients.read(tableOf(items));
    int width = table.shape(1);
    for (int item = 0; item <= ITEMS; item++) {
      int at = Arrays.binarySearch(rows, item);
      for (int j = 0; j < width; j++) {
        double expected = at < 0 ? 0 : rowGradients.get(at * DIM + items.firstTrainedColumn() + j);
        assertThat(table.get(item * width + j)).isCloseTo(expected, within(1e-6));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoeverTakesAGradientToWriteDropsTheAccount(Kind kind) {
    ItemEmbedding items = kind.of(ElementType.FLOAT32);
    String table = tableOf(items);
    Gradients gradients = Gradients.of(items.parameters());
    items.start(new int[] {1, 2}, gradients);
    gradients.read(table);
    assertThat(gradients.touchedRows(table)).isPresent();
    gradients.get(table).fill(5);
    assertThat(gradients.touchedRows(table)).isEmpty();
    items.start(new int[] {3}, gradients);
    assertThat(gradients.read(table).floats()).containsOnly(0);
    items.accumulate(
        new int[] {3}, RandomNumbers.tensor(ElementType.FLOAT32, 1, 1, DIM), gradients);
    gradients.clear();
    assertThat(gradients.read(table).floats()).containsOnly(0);
    assertThat(gradients.touchedRows(table)).isEmpty();
  }

  @Test
  void startsManyRowsOnSeveralThreads() {
    int items = 60_000;
    ItemEmbedding wide = IdItemEmbedding.builder(items, 16).build();
    Gradients gradients = Gradients.of(wide.parameters());
    int[] all = IntStream.range(0, items).toArray();
    wide.start(all, gradients);
    wide.accumulate(all, RandomNumbers.tensor(ElementType.FLOAT32, 2, items, 16), gradients);
    assertThat(gradients.read(tableOf(wide)).get(items * 16 - 1)).isNotZero();
    wide.start(new int[] {7}, gradients);
    for (float number : gradients.read(tableOf(wide)).floats()) {
      if (number != 0) {
        throw new AssertionError("a row was left over");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void gathersIntoAPartOfABuffer(Kind kind) {
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      ItemEmbedding items = kind.of(type);
      int[] ids = {5, ITEMS, 0, 5, ITEMS - 1};
      Tensor alone = Tensor.zeros(type, ids.length, DIM);
      items.gather(ids, alone);
      Tensor buffer = Tensor.zeros(type, 12, DIM);
      buffer.fill(77);
      items.gather(ids, buffer, 4);
      Tensor table = items.table();
      for (int r = 0; r < 12; r++) {
        for (int j = 0; j < DIM; j++) {
          boolean inside = r >= 4 && r < 4 + ids.length;
          double expected = inside ? alone.get((r - 4) * DIM + j) : 77;
          assertThat(buffer.get(r * DIM + j)).isEqualTo(expected);
          if (inside && ids[r - 4] < ITEMS) {
            assertThat(buffer.get(r * DIM + j)).isEqualTo(table.get(ids[r - 4] * DIM + j));
          }
        }
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> items.gather(ids, buffer, 8))
          .withMessageStartingWith("rows must have shape [13, 8] or more rows, found [12, 8]");
    }
  }

  @Test
  void gathersManyRowsOnSeveralThreads() {
    ItemEmbedding items = Kind.ADDED.of(ElementType.FLOAT32);
    int[] ids = new SplittableRandom(3).ints(50_000, 0, ITEMS + 1).toArray();
    Tensor rows = Tensor.zeros(ElementType.FLOAT32, ids.length + 3, DIM);
    items.gather(ids, rows, 3);
    Tensor one = Tensor.zeros(ElementType.FLOAT32, 1, DIM);
    Tensor[] expected = new Tensor[ITEMS + 1];
    for (int item = 0; item <= ITEMS; item++) {
      items.gather(new int[] {item}, one);
      expected[item] = one.copy();
    }
    for (int r = 0; r < ids.length; r++) {
      int at = (r + 3) * DIM;
      assertThat(Arrays.equals(rows.floats(), at, at + DIM, expected[ids[r]].floats(), 0, DIM))
          .isTrue();
    }
  }
}
