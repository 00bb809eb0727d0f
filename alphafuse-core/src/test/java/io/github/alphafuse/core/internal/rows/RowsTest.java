package io.github.alphafuse.core.internal.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowsTest {
  private static final int COUNT = 70;
  private static final int WIDTH = 19;

  private static Tensor table(ElementType type, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Tensor table = Tensor.zeros(type, COUNT, WIDTH);
    for (int i = 0; i < table.size(); i++) {
      table.set(i, random.nextDouble() - 0.5);
    }
    return table;
  }

  private static Rows own(Tensor table) {
    Rows rows = Rows.zeros(table.elementType(), table.shape(0), table.shape(1));
    rows.copyFrom(Rows.of(table));
    return rows;
  }

  private static void assertSame(Rows found, Rows expected) {
    assertThat(found.toTensor().to(ElementType.FLOAT64).doubles())
        .containsExactly(expected.toTensor().to(ElementType.FLOAT64).doubles());
  }

  /** What is computed must not depend on where rows lie. */
  @ParameterizedTest
  @EnumSource
  void rowsOfATableAreLikeRowsInArraysOfTheirOwn(ElementType type) {
    Tensor other = table(type, 2);
    for (boolean isOtherOwn : new boolean[] {true, false}) {
      Rows y = isOtherOwn ? own(other) : Rows.of(other);
      Rows inTable = Rows.of(table(type, 1));
      Rows alone = own(table(type, 1));
      for (Rows x : new Rows[] {inTable, alone}) {
        x.addScaled(0, -0.3, y, 4);
        x.addScaled(5, 0.7, y, 0);
        x.scale(6, 3);
        x.leaky(7, 0.01);
        x.leakyBackward(0, 0.2, y);
        x.leakyBackward(8, 0.2, y);
        x.clear(9);
        x.copy(10, y, 11);
        x.set(12, 3, 8.5);
        x.add(y);
        x.addEach(y);
        x.addToEach(Rows.of(table(type, 3)));
      }
      assertSame(inTable, alone);
      assertThat(inTable.dot(3, y, 8)).isEqualTo(alone.dot(3, y, 8));
      assertThat(inTable.sum()).containsExactly(alone.sum());
      assertThat(inTable.get(12, 3)).isEqualTo(alone.get(12, 3));
    }
  }

  @ParameterizedTest
  @EnumSource
  void computesWhatItSays(ElementType type) {
    Tensor x = table(type, 1);
    Tensor y = table(type, 2);
    Rows rows = Rows.of(x.copy());
    rows.addScaled(2, 0.5, Rows.of(y), 3);
    rows.scale(4, -2);
    rows.leaky(5, 0.25);
    rows.leakyBackward(6, 0.25, Rows.of(y));
    double dot = 0;
    for (int j = 0; j < WIDTH; j++) {
      assertThat(rows.get(2, j))
          .isCloseTo(x.get(2 * WIDTH + j) + 0.5 * y.get(3 * WIDTH + j), within(1e-6));
      assertThat(rows.get(4, j)).isEqualTo(-2 * x.get(4 * WIDTH + j));
      double leaked = x.get(5 * WIDTH + j);
      assertThat(rows.get(5, j)).isCloseTo(leaked > 0 ? leaked : 0.25 * leaked, within(1e-6));
      double slope = y.get(6 * WIDTH + j) > 0 ? 1 : 0.25;
      assertThat(rows.get(6, j)).isCloseTo(slope * x.get(6 * WIDTH + j), within(1e-6));
      dot += x.get(j) * y.get(WIDTH + j);
    }
    assertThat(Rows.of(x).dot(0, Rows.of(y), 1)).isCloseTo(dot, within(1e-5));
  }

  @ParameterizedTest
  @EnumSource
  void partsOfATableShareItsNumbers(ElementType type) {
    Tensor x = table(type, 1);
    Rows part = Rows.of(x).rows(3, 6).columns(2, 4);
    assertThat(part.get(1, 3)).isEqualTo(x.get(4 * WIDTH + 5));
    part.clear();
    assertThat(x.get(5 * WIDTH + 5)).isZero();
    assertThat(x.get(5 * WIDTH + 6)).isNotZero();
    assertThat(x.get(6 * WIDTH + 2)).isNotZero();
    Rows flat = Rows.of(x).rows(1, 3).flat();
    assertThat(flat.count()).isOne();
    assertThat(flat.get(0, WIDTH + 2)).isEqualTo(x.get(2 * WIDTH + 2));
    assertThatIllegalStateException().isThrownBy(part::flat);
    assertThatIllegalStateException().isThrownBy(() -> own(x).rows(0, 1));
  }

  /** A table without columns has no numbers at which its rows could start. */
  @ParameterizedTest
  @EnumSource
  void rowsMayHaveNoColumns(ElementType type) {
    Tensor empty = Tensor.zeros(type, 4, 0);
    Rows rows = Rows.of(Tensor.zeros(type, 3, 5)).columns(5, 0);
    rows.copyFrom(Rows.of(empty));
    assertThat(rows.width()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void sumsWeightedRows(ElementType type) {
    Rows source = own(table(type, 1));
    int[] ids = new int[23];
    double[] weights = new double[COUNT];
    for (int i = 0; i < COUNT; i++) {
      weights[i] = 1.0 / (i + 2);
    }
    for (int e = 0; e < ids.length; e++) {
      ids[e] = e * 29 % COUNT;
    }
    for (boolean byId : new boolean[] {false, true}) {
      Rows sum = Rows.zeros(type, 2, WIDTH);
      sum.addSum(1, new Rows.WeightedRows(source, ids, weights, byId), 2, ids.length);
      double expected = 0;
      for (int e = 2; e < ids.length; e++) {
        expected += weights[byId ? ids[e] : e] * source.get(ids[e], 6);
      }
      assertThat(sum.get(1, 6)).isCloseTo(expected, within(1e-5));
      assertThat(sum.get(0, 6)).isZero();
    }
  }
}
