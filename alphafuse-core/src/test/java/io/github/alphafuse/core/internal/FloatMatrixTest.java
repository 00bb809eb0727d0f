package io.github.alphafuse.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.internal.FloatMatrix.View;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatMatrixTest {

  /** A block of a larger matrix of random numbers. */
  private record Block(FloatMatrix matrix, int row, int column, View view)
      implements AutoCloseable {

    static Block random(SplittableRandom random, int rows, int columns) {
      int row = random.nextInt(3);
      int column = random.nextInt(3);
      FloatMatrix matrix =
          filled(random, row + rows + random.nextInt(3), column + columns + random.nextInt(3));
      View view = matrix.rows(row, row + rows).columns(column, columns);
      return new Block(matrix, row, column, view);
    }

    /** A block whose transpose is [rows, columns]. */
    static Block transposed(SplittableRandom random, int rows, int columns) {
      Block block = random(random, columns, rows);
      return new Block(block.matrix, block.row, block.column, block.view.transpose());
    }

    double at(int i, int j) {
      int r = row + (view.transposed() ? j : i);
      int c = column + (view.transposed() ? i : j);
      return values(matrix)[r * matrix.columns() + c];
    }

    boolean contains(int r, int c) {
      return r >= row && r < row + view.rows() && c >= column && c < column + view.columns();
    }

    @Override
    public void close() {
      matrix.close();
    }
  }

  private static FloatMatrix filled(SplittableRandom random, int rows, int columns) {
    FloatMatrix matrix = FloatMatrix.allocate(rows, columns);
    float[] numbers =
        RandomNumbers.tensor(ElementType.FLOAT32, random.nextLong(), rows, columns).floats();
    matrix.put(0, numbers, 0, numbers.length);
    return matrix;
  }

  private static float[] values(FloatMatrix matrix) {
    float[] values = new float[matrix.rows() * matrix.columns()];
    matrix.get(0, values, 0, values.length);
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 17})
  void multipliesBlocksAndTheirTransposes(int most) {
    SplittableRandom random = new SplittableRandom(most);
    for (int round = 0; round < 80; round++) {
      // The first rounds have one row: a path of its own.
      int m = round < 20 ? 1 : 1 + random.nextInt(most);
      int k = 1 + random.nextInt(most);
      int n = 1 + random.nextInt(most);
      try (Block a =
              random.nextBoolean() ? Block.random(random, m, k) : Block.transposed(random, m, k);
          Block b =
              random.nextBoolean() ? Block.random(random, k, n) : Block.transposed(random, k, n);
          Block c = Block.random(random, m, n)) {
        boolean accumulate = random.nextBoolean();
        float[] before = values(c.matrix);
        FloatMatrix.multiply(a.view, b.view, c.view, accumulate);
        float[] after = values(c.matrix);
        for (int row = 0; row < c.matrix.rows(); row++) {
          for (int column = 0; column < c.matrix.columns(); column++) {
            int at = row * c.matrix.columns() + column;
            if (!c.contains(row, column)) {
              assertThat(after[at]).as("outside of the block").isEqualTo(before[at]);
              continue;
            }
            double sum = accumulate ? before[at] : 0;
            for (int p = 0; p < k; p++) {
              sum += a.at(row - c.row, p) * b.at(p, column - c.column);
            }
            assertThat((double) after[at])
                .as("%s x %s x %s, round %s", m, k, n, round)
                .isCloseTo(sum, within(3e-5));
          }
        }
      }
    }
  }

  @Test
  void overwritesWhateverWasThere() {
    try (FloatMatrix a = filled(new SplittableRandom(1), 1, 4);
        FloatMatrix b = filled(new SplittableRandom(2), 3, 4);
        FloatMatrix c = FloatMatrix.allocate(1, 3)) {
      c.put(0, new float[] {Float.NaN, Float.POSITIVE_INFINITY, 3}, 0, 3);
      FloatMatrix.multiply(a.view(), b.view().transpose(), c.view(), false);
      assertThat(values(c)).doesNotContain(Float.NaN, Float.POSITIVE_INFINITY);
      FloatMatrix.multiply(a.view(), b.view().transpose(), c.view(), true);
      float doubled = 0;
      for (int j = 0; j < 4; j++) {
        doubled += 2 * values(a)[j] * values(b)[j];
      }
      assertThat(values(c)[0]).isCloseTo(doubled, within(1e-5f));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aProductOverNothingIsZero(int rows) {
    try (FloatMatrix a = FloatMatrix.allocate(rows, 0);
        FloatMatrix b = FloatMatrix.allocate(3, 0);
        FloatMatrix c = filled(new SplittableRandom(1), rows, 3)) {
      float[] before = values(c);
      FloatMatrix.multiply(a.view(), b.view().transpose(), c.view(), true);
      assertThat(values(c)).isEqualTo(before);
      FloatMatrix.multiply(a.view(), b.view().transpose(), c.view(), false);
      assertThat(values(c)).containsOnly(0);
    }
  }

  @Test
  void aProductOfNoRowsDoesNothing() {
    try (FloatMatrix a = filled(new SplittableRandom(1), 3, 4);
        FloatMatrix c = filled(new SplittableRandom(2), 3, 3)) {
      float[] before = values(c);
      FloatMatrix.multiply(a.rows(0, 0), a.view().transpose(), c.rows(0, 0), false);
      FloatMatrix.multiply(a.view(), a.rows(0, 0).transpose(), c.view().columns(1, 0), false);
      assertThat(values(c)).isEqualTo(before);
    }
  }

  @Test
  void multipliesRowsAtEvenDistances() {
    SplittableRandom random = new SplittableRandom(8);
    try (FloatMatrix vectors = filled(random, 3, 5);
        FloatMatrix table = filled(random, 23, 5);
        FloatMatrix product = filled(random, 3, 7)) {
      FloatMatrix.multiply(
          vectors.view(), table.everyRow(1, 3, 7).transpose(), product.view(), false);
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 7; j++) {
          double expected = 0;
          for (int k = 0; k < 5; k++) {
            expected += (double) values(vectors)[i * 5 + k] * values(table)[(1 + 3 * j) * 5 + k];
          }
          assertThat((double) values(product)[i * 7 + j]).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  @Test
  void copiesParts() {
    try (FloatMatrix matrix = FloatMatrix.allocate(3, 2)) {
      assertThat(matrix.rows()).isEqualTo(3);
      assertThat(matrix.columns()).isEqualTo(2);
      matrix.put(0, new float[6], 0, 6);
      matrix.put(1, new float[] {9, 1, 2, 3, 9}, 1, 3);
      assertThat(values(matrix)).containsExactly(0, 0, 1, 2, 3, 0);
      float[] target = {7, 7, 7, 7};
      matrix.get(1, target, 1, 2);
      assertThat(target).containsExactly(7, 1, 2, 7);
    }
  }

  @Test
  void touchesEachCacheLineOfSomeRows() {
    try (FloatMatrix matrix = FloatMatrix.allocate(4, 32)) {
      float[] numbers = new float[4 * 32];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = i;
      }
      matrix.put(0, numbers, 0, numbers.length);
      assertThat(matrix.touch(1, 3)).isEqualTo(32 + 48 + 64 + 80);
      assertThat(matrix.touch(4, 4)).isZero();
    }
  }

  @Test
  void rejectsWhatDoesNotFit() {
    try (FloatMatrix a = FloatMatrix.allocate(2, 3);
        FloatMatrix c = FloatMatrix.allocate(2, 2)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FloatMatrix.multiply(a.view(), a.view(), c.view(), false))
          .withMessage("factors 2 x 3 and 2 x 3 do not fit a product 2 x 2");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FloatMatrix.multiply(a.view(), a.view().transpose(), a.view(), false))
          .withMessage("factors 2 x 3 and 3 x 2 do not fit a product 2 x 3");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  FloatMatrix.multiply(
                      a.view(), a.view().transpose(), c.view().transpose(), false));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FloatMatrix.allocate(1 << 16, 1 << 15))
        .withMessage("a matrix must have at most 536870911 numbers, found 65536 x 32768");
  }

  @Test
  void aClosedMatrixIsAnError() {
    FloatMatrix closed = FloatMatrix.allocate(1, 1);
    View view = closed.view();
    closed.close();
    try (FloatMatrix open = FloatMatrix.allocate(1, 1)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> FloatMatrix.multiply(open.view(), view, open.view(), false))
          .withMessage("a matrix of a product must be open, found a closed one");
    }
  }

  @Test
  void aStrideOfZeroIsAnError() {
    try (FloatMatrix matrix = FloatMatrix.allocate(2, 1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> matrix.everyRow(0, 0, 2))
          .withMessage("stride must be at least 1, found 0");
    }
  }
}
