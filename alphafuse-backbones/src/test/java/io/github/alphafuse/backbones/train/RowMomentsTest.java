package io.github.alphafuse.backbones.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowMomentsTest {
  /**
   * Numbers in a bank: all; whole banks; a row more; room for a part of a row; one row; less than
   * one.
   */
  @ParameterizedTest
  @CsvSource({
    "1000, 10, 3",
    "48, 16, 3",
    "48, 17, 3",
    "40, 17, 3",
    "6, 5, 3",
    "1, 4, 3",
    "8, 1, 1",
    "100, 9, 0"
  })
  void keepsBothMomentsOfEachRow(int most, int height, int width) {
    RowMoments moments = new RowMoments(height, width, most);
    assertThat(moments.second().floats()).containsExactly(new float[height * width]);
    Tensor m = RandomNumbers.tensor(ElementType.FLOAT32, 1, height, width);
    Tensor v = RandomNumbers.tensor(ElementType.FLOAT32, 2, height, width);
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
    float[][] changed = {{1, 2, 3, 4}, {5, 6, 7, 8}};
    moments.store(height - 1, changed, 1);
    for (int j = 0; j < width; j++) {
      m.set((height - 1) * width + j, 2 + j);
      v.set((height - 1) * width + j, 6 + j);
    }
    assertThat(moments.first().floats()).containsExactly(m.floats());
    assertThat(moments.second().floats()).containsExactly(v.floats());
  }

  /** Numbers of one line after the other are set: each must have been read, whatever the bank. */
  @ParameterizedTest
  @CsvSource({"100000, 16", "2048, 16", "64, 16", "128, 16", "100000, 80", "2048, 80"})
  void readsAheadEachLineOfTheRowsAlone(int most, int width) {
    int[] rows = {3, 40, 99};
    for (int row : new int[] {3, 40, 99, 4, 39, 98}) {
      for (int at = 0; at < 2 * width; at += 16) {
        RowMoments moments = new RowMoments(100, width, most);
        float[][] mv = new float[2][width];
        mv[at / width][at % width] = 1;
        moments.store(row, mv, 0);
        boolean isRead = Arrays.binarySearch(rows, row) >= 0;
        assertThat(moments.touch(rows, 0, 3) > 0)
            .as("number %s of row %s", at, row)
            .isEqualTo(isRead);
      }
    }
  }
}
