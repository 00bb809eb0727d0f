package io.github.alphafuse.backbones.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class RowMomentsTest {
  /**
   * Numbers in a bank: all, rows for a whole number of banks, a row less, one row, less than one.
   */
  @ParameterizedTest
  @CsvSource({
    "1000, 10, 3",
    "48, 16, 3",
    "48, 17, 3",
    "6, 5, 3",
    "1, 4, 3",
    "8, 1, 1",
    "100, 9, 0"
  })
  void keepsBothMomentsOfEachRow(int most, int height, int width) {
    RowMoments moments = new RowMoments(height, width, most);
    assertThat(moments.second().floats()).containsExactly(new float[height * width]);
    Tensor m = RandomNumbers.tensor(DataType.FLOAT, 1, height, width);
    Tensor v = RandomNumbers.tensor(DataType.FLOAT, 2, height, width);
    moments.setFirst(m);
    moments.setSecond(v);
    float[][] mv = new float[2][height * width + 1];
    for (int row = height - 1; row >= 0; row--) {
      moments.load(row, mv, row * width + 1);
    }
    for (int i = 0; i < height * width; i++) {
      assertThat(mv[0][i + 1]).isEqualTo(m.floats()[i]);
      assertThat(mv[1][i + 1]).isEqualTo(v.floats()[i]);
    }
    float[][] changed = {{7, 7, 7, 7}, {9, 9, 9, 9}};
    moments.store(height - 1, changed, 1);
    m.fillRow(height - 1, 7);
    v.fillRow(height - 1, 9);
    assertThat(moments.first().floats()).containsExactly(m.floats());
    assertThat(moments.second().floats()).containsExactly(v.floats());
  }

  /** Rows start with a cache line, of which one number each is read, whatever the bank. */
  @ParameterizedTest
  @CsvSource({"100000", "2048", "64", "128"})
  void readsAheadEachLineOfTheRowsAlone(int most) {
    RowMoments moments = new RowMoments(100, 16, most);
    Tensor ones = Tensor.zeros(DataType.FLOAT, 100, 16);
    ones.fill(1);
    moments.setFirst(ones);
    assertThat(moments.touch(new int[] {3, 40, 99}, 0, 3)).isBetween(3f, 6f);
    assertThat(moments.touch(new int[] {3, 40, 99}, 1, 2)).isBetween(1f, 2f);
    Tensor zeros = Tensor.zeros(DataType.FLOAT, 100, 16);
    for (int row : new int[] {3, 40, 99}) {
      zeros.fillRow(row, 1);
    }
    ones.copyFrom(zeros);
    moments.setFirst(ones);
    assertThat(moments.touch(new int[] {4, 39, 98}, 0, 3)).isZero();
  }
}
