package io.github.alphafuse.core.internal.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Operand;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatrixTest {
  private static Tensor table(ElementType type, int rows, int columns) {
    SplittableRandom random = new SplittableRandom(31L * rows + columns);
    Tensor table = Tensor.zeros(type, rows, columns);
    for (int i = 0; i < table.size(); i++) {
      table.set(i, random.nextDouble() - 0.5);
    }
    return table;
  }

  private static Tensor turned(Tensor table) {
    Tensor turned = Tensor.zeros(table.elementType(), table.shape(1), table.shape(0));
    for (int i = 0; i < table.size(); i++) {
      turned.set(i % table.shape(1) * table.shape(0) + i / table.shape(1), table.get(i));
    }
    return turned;
  }

  @ParameterizedTest
  @EnumSource
  void multipliesWhatIsStoredOrItsTranspose(ElementType type) {
    Tensor a = table(type, 90, 7);
    Tensor b = table(type, 7, 11);
    for (int flags = 0; flags < 8; flags++) {
      boolean isAccumulated = (flags & 4) > 0;
      try (Matrix left = Matrix.copyOf(Rows.of((flags & 1) > 0 ? turned(a) : a));
          Matrix right = Matrix.copyOf(Rows.of((flags & 2) > 0 ? turned(b) : b));
          Matrix product = Matrix.copyOf(Rows.of(table(type, 90, 11)));
          Matrix part = Matrix.copyOf(Rows.of(table(type, 90, 11)))) {
        Operand x = (flags & 1) > 0 ? left.operand().transpose() : left.operand();
        Operand y = (flags & 2) > 0 ? right.operand().transpose() : right.operand();
        product.multiply(x, y, isAccumulated);
        part.multiplyHere(x, y, isAccumulated);
        Rows found = Rows.zeros(type, 90, 11);
        product.write(found);
        Rows here = Rows.of(Tensor.zeros(type, 90, 11));
        part.write(here);
        Tensor before = table(type, 90, 11);
        for (int i = 0; i < 90; i += 13) {
          double sum = isAccumulated ? before.get(i * 11 + 3) : 0;
          for (int k = 0; k < 7; k++) {
            sum += a.get(i * 7 + k) * b.get(k * 11 + 3);
          }
          assertThat(found.get(i, 3)).isCloseTo(sum, within(1e-5));
          assertThat(here.get(i, 3)).isCloseTo(sum, within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesAndGivesSomeRows(ElementType type) {
    Tensor a = table(type, 6, 5);
    try (Matrix matrix = Matrix.allocate(type, 8, 5)) {
      matrix.read(Rows.of(a));
      Rows some = Rows.zeros(type, 2, 5);
      matrix.write(some);
      assertThat(some.get(1, 4)).isEqualTo(a.get(9));
      matrix.read(some);
      assertThat(matrix.firstRows(6).rows()).isEqualTo(6);
      Rows columns = Rows.of(Tensor.zeros(type, 6, 9)).columns(2, 5);
      matrix.write(columns);
      assertThat(columns.toTensor().to(ElementType.FLOAT64).doubles())
          .containsExactly(a.to(ElementType.FLOAT64).doubles());
      try (Matrix exact = Matrix.copyOf(columns)) {
        exact.addTo(columns);
      }
      assertThat(columns.get(5, 4)).isEqualTo(2 * a.get(29));
    }
  }
}
