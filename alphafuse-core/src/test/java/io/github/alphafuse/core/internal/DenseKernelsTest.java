package io.github.alphafuse.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.internal.DenseKernels.RowProduct;
import io.github.alphafuse.core.internal.DenseKernels.ScatterMatrix;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DenseKernelsTest {
  private static final Offset<Double> TINY = within(1e-11);

  enum Kernels {
    SELECTED,
    JAVA;

    DenseKernels get() {
      return this == SELECTED ? DenseKernels.get() : new JavaKernels();
    }
  }

  private static double at(DoubleOperand a, int i, int j) {
    return a.transposed() ? a.values()[j * a.columns() + i] : a.values()[i * a.columns() + j];
  }

  @ParameterizedTest
  @EnumSource
  void multiplies(Kernels kernels) {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 60; round++) {
      int m = 1 + random.nextInt(17);
      int k = 1 + random.nextInt(17);
      int n = 1 + random.nextInt(17);
      // A buffer may be longer than the matrix in it.
      int spare = random.nextInt(2) * 5;
      double[] left = RandomNumbers.gaussian(round, m * k + spare);
      double[] right = RandomNumbers.gaussian(round + 1000, k * n + spare);
      DoubleOperand a =
          random.nextBoolean()
              ? DoubleOperand.of(left, m, k)
              : DoubleOperand.of(left, k, m).transpose();
      DoubleOperand b =
          random.nextBoolean()
              ? DoubleOperand.of(right, k, n)
              : DoubleOperand.of(right, n, k).transpose();
      double[] c = RandomNumbers.gaussian(7, m * n + spare);
      kernels.get().multiply(a, b, c);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int p = 0; p < k; p++) {
            sum += at(a, i, p) * at(b, p, j);
          }
          assertThat(c[i * n + j]).isCloseTo(sum, TINY);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void multipliesAMatrixByItself(Kernels kernels) {
    double[] a = RandomNumbers.gaussian(3, 6);
    double[] c = new double[9];
    kernels.get().multiply(DoubleOperand.of(a, 2, 3).transpose(), DoubleOperand.of(a, 2, 3), c);
    assertThat(c[1]).isCloseTo(a[0] * a[1] + a[3] * a[4], TINY);
    assertThat(c[3]).isEqualTo(c[1]);
    assertThat(c[8]).isCloseTo(a[2] * a[2] + a[5] * a[5], TINY);
  }

  @ParameterizedTest
  @EnumSource
  void rejectsFactorsThatDoNotFit(Kernels kernels) {
    DoubleOperand a = DoubleOperand.of(new double[6], 2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kernels.get().multiply(a, a, new double[9]))
        .withMessage("factors 3 and 2 do not fit");
  }

  @ParameterizedTest
  @EnumSource
  void sumsOuterProducts(Kernels kernels) {
    int dim = 7;
    double[] first = RandomNumbers.gaussian(1, 11 * dim);
    double[] second = RandomNumbers.gaussian(2, 2 * dim);
    double[] expected = new double[dim * dim];
    addNaively(expected, first, 11);
    addNaively(expected, second, 2);
    addNaively(expected, first, 3);
    double[] third = new double[dim * dim];
    addNaively(third, first, 3);
    try (ScatterMatrix scatter = kernels.get().newScatterMatrix(dim)) {
      scatter.addOuterProducts(first, 11);
      scatter.addOuterProducts(second, 2);
      scatter.add(third);
      double[] sum = scatter.toArray();
      assertThat(sum).containsExactly(expected, TINY);
      for (int i = 0; i < dim; i++) {
        for (int j = 0; j < i; j++) {
          assertThat(sum[i * dim + j]).isEqualTo(sum[j * dim + i]);
        }
      }
      sum[0] = 99;
      assertThat(scatter.toArray()[0]).isNotEqualTo(99);
    }
  }

  private static void addNaively(double[] matrix, double[] rows, int count) {
    int dim = (int) Math.sqrt(matrix.length);
    for (int r = 0; r < count; r++) {
      for (int i = 0; i < dim; i++) {
        for (int j = 0; j < dim; j++) {
          matrix[i * dim + j] += rows[r * dim + i] * rows[r * dim + j];
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesRowsFromAWriter(Kernels kernels) {
    for (int dim : new int[] {1, 7, 300, 9000}) {
      double[] factor = RandomNumbers.gaussian(4, 3 * dim);
      // Blocks of several sizes, one after another: buffers are used again.
      try (RowProduct plain = kernels.get().newRowProduct(DoubleOperand.of(factor, dim, 3));
          RowProduct transposed =
              kernels.get().newRowProduct(DoubleOperand.of(factor, 3, dim).transpose())) {
        for (int count : new int[] {5, 260, 0, 33}) {
          double[] rows = RandomNumbers.gaussian(count, count * dim);
          DenseKernels.RowWriter writer =
              (row, target) -> System.arraycopy(rows, row * dim, target, 0, dim);
          double[] product = new double[count * 3];
          double[] expected = new double[count * 3];
          plain.multiply(writer, count, product);
          kernels
              .get()
              .multiply(
                  DoubleOperand.of(rows, count, dim), DoubleOperand.of(factor, dim, 3), expected);
          assertThat(product).containsExactly(expected, within(1e-9));
          transposed.multiply(writer, count, product);
          kernels
              .get()
              .multiply(
                  DoubleOperand.of(rows, count, dim),
                  DoubleOperand.of(factor, 3, dim).transpose(),
                  expected);
          assertThat(product).containsExactly(expected, within(1e-9));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void sumsOuterProductsOfWrittenRows(Kernels kernels) {
    for (int dim : new int[] {1, 7, 300}) {
      try (ScatterMatrix written = kernels.get().newScatterMatrix(dim);
          ScatterMatrix given = kernels.get().newScatterMatrix(dim)) {
        for (int count : new int[] {5, 401, 0, 33}) {
          double[] rows = RandomNumbers.gaussian(count, count * dim);
          written.addOuterProducts(
              (row, target) -> System.arraycopy(rows, row * dim, target, 0, dim), count);
          given.addOuterProducts(rows, count);
        }
        assertThat(written.toArray()).containsExactly(given.toArray());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7})
  void sumsOuterProductsOnSomeThreads(int threads) {
    int dim = 203;
    int count = 801;
    double[] rows = RandomNumbers.gaussian(threads, count * dim);
    double[] expected = new double[dim * dim];
    addNaively(expected, rows, count);
    addNaively(expected, rows, 3);
    try (ScatterMatrix scatter = new NativeKernels.NativeScatterMatrix(dim, threads)) {
      scatter.addOuterProducts(rows, count);
      scatter.addOuterProducts(rows, 3);
      assertThat(scatter.toArray()).containsExactly(expected, within(1e-10));
    }
  }

  @ParameterizedTest
  @EnumSource
  void multipliesFactorsWithoutNumbers(Kernels kernels) {
    double[] product = {1, 2, 3, 4, 5, 6, 7};
    DoubleOperand nothing = DoubleOperand.of(new double[0], 2, 0);
    kernels.get().multiply(nothing, DoubleOperand.of(new double[0], 0, 3), product);
    assertThat(product).containsExactly(0, 0, 0, 0, 0, 0, 7);
  }

  @ParameterizedTest
  @EnumSource
  void multipliesLargeFactors(Kernels kernels) {
    int m = 777;
    double[] a = RandomNumbers.gaussian(5, m * 40);
    double[] b = RandomNumbers.gaussian(6, 40 * 9);
    double[] expected = new double[m * 9];
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < 40; k++) {
        for (int j = 0; j < 9; j++) {
          expected[i * 9 + j] += a[i * 40 + k] * b[k * 9 + j];
        }
      }
    }
    double[] product = new double[m * 9];
    kernels.get().multiply(DoubleOperand.of(a, m, 40), DoubleOperand.of(b, 40, 9), product);
    assertThat(product).containsExactly(expected, TINY);
  }

  @ParameterizedTest
  @EnumSource
  void givesTheVectorsOfTheLastValues(Kernels kernels) {
    double[] matrix = {2, 1, 0, -77, 2, 0, -77, -77, 7};
    for (int count = 0; count <= 3; count++) {
      double[] values = new double[3];
      double[] vectors = kernels.get().leadingEigenvectors(matrix, values, count);
      assertThat(matrix).containsExactly(2, 1, 0, -77, 2, 0, -77, -77, 7);
      assertThat(values).containsExactly(new double[] {1, 3, 7}, TINY);
      assertThat(vectors).hasSize(3 * count);
      for (int j = 0; j < count; j++) {
        int of = 3 - count + j;
        assertThat(Math.abs(vectors[2 * count + j])).isCloseTo(of == 2 ? 1 : 0, TINY);
        assertThat(Math.abs(vectors[j])).isCloseTo(of == 2 ? 0 : Math.sqrt(0.5), TINY);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void readsTheUpperTriangleOnly(Kernels kernels) {
    double[] matrix = {2, 1, -77, 2};
    double[] values = new double[2];
    kernels.get().symmetricEigen(matrix, values);
    assertThat(values).containsExactly(new double[] {1, 3}, TINY);
    assertThat(Math.abs(matrix[0])).isCloseTo(Math.sqrt(0.5), TINY);
    assertThat(matrix[1]).isCloseTo(matrix[3], TINY);
    assertThat(matrix[0]).isCloseTo(-matrix[2], TINY);
  }
}
