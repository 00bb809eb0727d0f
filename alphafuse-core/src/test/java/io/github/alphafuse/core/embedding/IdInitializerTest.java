package io.github.alphafuse.core.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdInitializerTest {

  private static Tensor fill(IdInitializer how, ElementType type, int rows, int columns) {
    Tensor table = Tensor.zeros(type, rows, columns);
    table.fill(77);
    how.fill(table, new SplittableRandom(3));
    return table;
  }

  private static double[] filled(IdInitializer how) {
    return fill(how, ElementType.FLOAT64, 2000, 10).doubles();
  }

  private static double mean(double[] numbers) {
    return Arrays.stream(numbers).average().orElseThrow();
  }

  private static double deviation(double[] numbers) {
    double mean = mean(numbers);
    return Math.sqrt(Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).average().orElse(0));
  }

  @Test
  void zeros() {
    assertThat(filled(IdInitializer.zeros())).containsOnly(0);
  }

  @Test
  void normal() {
    double[] numbers = filled(IdInitializer.normal());
    assertThat(mean(numbers)).isCloseTo(0, within(0.03));
    assertThat(deviation(numbers)).isCloseTo(1, within(0.02));
    double beyondTwo = Arrays.stream(numbers).filter(x -> Math.abs(x) > 2).count() / 20000.0;
    assertThat(beyondTwo).isCloseTo(0.0455, within(0.006));
  }

  @Test
  void uniform() {
    double[] numbers = filled(IdInitializer.uniform());
    assertThat(mean(numbers)).isCloseTo(0.5, within(0.01));
    assertThat(deviation(numbers)).isCloseTo(Math.sqrt(1 / 12.0), within(0.005));
    assertThat(Arrays.stream(numbers).min().orElseThrow()).isBetween(0.0, 0.001);
    assertThat(Arrays.stream(numbers).max().orElseThrow()).isBetween(0.999, 1.0);
  }

  @Test
  void xavierUniform() {
    double[] numbers = filled(IdInitializer.xavierUniform());
    double bound = Math.sqrt(6 / 2010.0);
    assertThat(Arrays.stream(numbers).map(Math::abs).max().orElseThrow())
        .isBetween(0.999 * bound, bound);
    assertThat(deviation(numbers)).isCloseTo(bound / Math.sqrt(3), within(0.02 * bound));
    assertThat(mean(numbers)).isCloseTo(0, within(0.02 * bound));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "99, 1", "100, 1", "101, 2", "1000, 10", "1001, 11"})
  void sparseHasOnePercentOfZerosInEachColumn(int rows, int zeros) {
    Tensor table = fill(IdInitializer.sparse(), ElementType.FLOAT32, rows, 6);
    for (int j = 0; j < 6; j++) {
      int found = 0;
      for (int i = 0; i < rows; i++) {
        found += table.get(i * 6 + j) == 0 ? 1 : 0;
      }
      assertThat(found).isEqualTo(zeros);
    }
  }

  @Test
  void sparseIsNormalElsewhere() {
    double[] rest = Arrays.stream(filled(IdInitializer.sparse())).filter(x -> x != 0).toArray();
    assertThat(deviation(rest)).isCloseTo(1, within(0.02));
  }

  @ParameterizedTest
  @CsvSource({"40, 7", "7, 40", "9, 9", "1, 5", "5, 1", "1, 1"})
  void orthogonalHasOrthonormalColumnsOrRows(int rows, int columns) {
    double[] q = fill(IdInitializer.orthogonal(), ElementType.FLOAT64, rows, columns).doubles();
    boolean tall = rows >= columns;
    int count = Math.min(rows, columns);
    for (int a = 0; a < count; a++) {
      for (int b = 0; b < count; b++) {
        double dot = 0;
        for (int i = 0; i < Math.max(rows, columns); i++) {
          dot +=
              tall
                  ? q[i * columns + a] * q[i * columns + b]
                  : q[a * columns + i] * q[b * columns + i];
        }
        assertThat(dot).isCloseTo(a == b ? 1 : 0, within(1e-12));
      }
    }
  }

  @Test
  void orthogonalHasNoPreferredSign() {
    int positive = 0;
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 400; round++) {
      Tensor table = Tensor.zeros(ElementType.FLOAT64, 4, 2);
      IdInitializer.orthogonal().fill(table, random);
      positive += table.get(0) > 0 ? 1 : 0;
    }
    assertThat(positive).isBetween(150, 250);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zeros", "normal", "uniform", "orthogonal", "xavier", "sparse"})
  void repeatsItselfWithASeed(String name) {
    IdInitializer how = IdInitializer.named(name);
    assertThat(how.name()).isEqualTo(name);
    Tensor table = fill(how, ElementType.FLOAT64, 30, 4);
    assertThat(fill(how, ElementType.FLOAT64, 30, 4).doubles()).containsExactly(table.doubles());
    float[] floats = fill(how, ElementType.FLOAT32, 30, 4).floats();
    for (int i = 0; i < floats.length; i++) {
      assertThat(floats[i]).isEqualTo((float) table.get(i));
    }
    Tensor other = Tensor.zeros(ElementType.FLOAT64, 30, 4);
    how.fill(other, new SplittableRandom(4));
    assertThat(Arrays.equals(other.doubles(), table.doubles())).isEqualTo(name.equals("zeros"));
    how.fill(Tensor.zeros(ElementType.FLOAT64, 5, 0), new SplittableRandom(4));
  }

  @Test
  void findsNamesInAnyCase() {
    assertThat(IdInitializer.named("Xavier_Uniform")).isSameAs(IdInitializer.xavierUniform());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IdInitializer.named("ones"))
        .withMessage(
            "ID initialiser must be one of [zeros, normal, uniform, orthogonal, xavier, sparse],"
                + " found 'ones'");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                IdInitializer.normal()
                    .fill(Tensor.zeros(ElementType.FLOAT32, 3), new SplittableRandom(1)));
  }

  @Test
  void startValuesAreScaled() {
    Tensor plain = Tensor.zeros(ElementType.FLOAT64, 5, 4);
    Tensor scaled = Tensor.zeros(ElementType.FLOAT64, 5, 4);
    IdInitializer.normal().fill(plain, new SplittableRandom(1));
    IdInitializer.normal().scaled(0.1).fill(scaled, new SplittableRandom(1));
    for (int i = 0; i < plain.size(); i++) {
      assertThat(scaled.get(i)).isEqualTo(plain.get(i) * 0.1);
    }
    assertThat(IdInitializer.normal().scaled(0.1).name()).isEqualTo("normal");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IdInitializer.normal().scaled(0))
        .withMessage("factor must be positive and finite, found 0.0");
  }
}
