package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RandomizedEigenSolverTest extends SymmetricEigenSolverContract {

  /** Held to the accuracy of the exact solvers, for the contract's sake. */
  @Override
  SymmetricEigenSolver solver() {
    return RandomizedEigenSolver.builder().tolerance(1e-13).maxProducts(400).build();
  }

  private static final SymmetricEigenSolver NEVER =
      matrix -> {
        throw new AssertionError("the exact solver was not to be asked");
      };

  /** Reflected by a few random directions: dense, with these eigenvalues. */
  static double[] dense(long seed, double... values) {
    int n = values.length;
    double[] matrix = new double[n * n];
    for (int i = 0; i < n; i++) {
      matrix[i * n + i] = values[i];
    }
    for (int k = 0; k < 6; k++) {
      double[] h = RandomNumbers.gaussian(seed * 31 + k, n);
      double unit = Math.sqrt(Arrays.stream(h).map(x -> x * x).sum());
      double[] ah = new double[n];
      double hah = 0;
      for (int i = 0; i < n; i++) {
        h[i] /= unit;
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          ah[i] += matrix[i * n + j] * h[j];
        }
        hah += h[i] * ah[i];
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          matrix[i * n + j] += 4 * hah * h[i] * h[j] - 2 * (h[i] * ah[j] + ah[i] * h[j]);
        }
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        matrix[i * n + j] = matrix[j * n + i];
      }
    }
    return matrix;
  }

  private static double[] exponential(int n, double scale) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = Math.exp(-i / scale);
    }
    return values;
  }

  /** The error by its definition. */
  private static double residualNorm(double[] matrix, SymmetricEigen eigen) {
    int n = eigen.dim();
    int count = eigen.vectorCount();
    double[] v = eigen.leadingVectors(count);
    double worst = 0;
    for (int j = 0; j < count; j++) {
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double product = -eigen.values()[j] * v[i * count + j];
        for (int k = 0; k < n; k++) {
          product += matrix[i * n + k] * v[k * count + j];
        }
        squares += product * product;
      }
      worst = Math.max(worst, Math.sqrt(squares));
    }
    return worst / eigen.values()[0];
  }

  private static void checkAgainst(double[] spectrum, double[] matrix, SymmetricEigen eigen) {
    int count = eigen.vectorCount();
    assertThat(eigen.solver()).startsWith("randomized (");
    assertThat(eigen.valueCount()).isEqualTo(count);
    assertThat(eigen.dim()).isEqualTo(spectrum.length);
    double[] expected = Arrays.stream(spectrum).map(x -> -x).sorted().map(x -> -x).toArray();
    double bound = Math.max(eigen.residualNorm(), 1e-14) * 10 * expected[0];
    assertThat(eigen.values())
        .containsExactly(Arrays.copyOf(expected, count), within(bound + 1e-13 * expected[0]));
    assertThat(eigen.residualNorm()).isCloseTo(residualNorm(matrix, eigen), within(1e-14));
    assertThat(eigen.residual()).isLessThanOrEqualTo(eigen.residualNorm());
    assertThat(eigen.orthonormalityError()).isLessThan(1e-12);
  }

  @ParameterizedTest
  @CsvSource({
    "120, 10, 8",
    "120, 10, 1",
    "200, 1, 30",
    "200, 17, 20",
    "200, 50, 20",
    "200, 100, 50",
    "300, 3000, 20"
  })
  void findsTheLeadingPartOfDecayingSpectra(int n, double scale, int count) {
    double[] spectrum = exponential(n, scale);
    double[] matrix = dense(n, spectrum);
    for (double tolerance : new double[] {1e-3, 1e-6, 1e-10}) {
      SymmetricEigen eigen =
          RandomizedEigenSolver.builder()
              .tolerance(tolerance)
              .maxProducts(300)
              .fallingBackOn(NEVER)
              .decompose(matrix, count);
      assertThat(eigen.vectorCount()).isEqualTo(count);
      assertThat(eigen.residualNorm()).isLessThanOrEqualTo(tolerance);
      checkAgainst(spectrum, matrix, eigen);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void findsTheLeadingPartOfAnySpectrum(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = 60 + random.nextInt(120);
    int count = 1 + random.nextInt(n / 4);
    double power = 0.2 + 3 * random.nextDouble();
    int rank = random.nextBoolean() ? n : count + random.nextInt(n - count);
    double[] spectrum = new double[n];
    for (int i = 0; i < rank; i++) {
      spectrum[i] = Math.pow(1 + i / (random.nextInt(3) + 1), -power) * 1e3;
    }
    double[] matrix = dense(seed, spectrum);
    SymmetricEigen eigen =
        RandomizedEigenSolver.builder()
            .maxProducts(1000)
            .seed(seed)
            .fallingBackOn(NEVER)
            .decompose(matrix, count);
    assertThat(eigen.residualNorm()).isLessThanOrEqualTo(1e-10);
    checkAgainst(spectrum, matrix, eigen);
  }

  @Test
  void spansTheLeadingSpaceOfTheExactSolver() {
    double[] matrix = dense(5, exponential(160, 13));
    double[] exact = SymmetricEigenSolver.ejml().decompose(matrix).leadingVectors(16);
    double[] found =
        RandomizedEigenSolver.builder()
            .fallingBackOn(NEVER)
            .decompose(matrix, 16)
            .leadingVectors(16);
    // Gaps are exp(-15 / 13) / 13 = 0.024 at least, of a largest value of 1.
    assertThat(found).containsExactly(exact, within(1e-10 / 0.02));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-200, 1e-30, 1e30, 1e150})
  void iteratesAtAnyScale(double scale) {
    double[] spectrum = exponential(80, 7);
    double[] matrix = dense(2, spectrum);
    double[] scaled = Arrays.stream(matrix).map(x -> x * scale).toArray();
    RandomizedEigenSolver solver = RandomizedEigenSolver.builder().fallingBackOn(NEVER);
    SymmetricEigen expected = solver.decompose(matrix, 6);
    SymmetricEigen eigen = solver.decompose(scaled, 6);
    assertThat(Arrays.stream(eigen.values()).map(x -> x / scale).toArray())
        .containsExactly(expected.values(), within(1e-12));
    assertThat(eigen.leadingVectors(6)).containsExactly(expected.leadingVectors(6), within(1e-7));
    assertThat(eigen.residualNorm()).isBetween(1e-18, 1e-10);
  }

  @Test
  void findsMatricesWithoutChoice() {
    RandomizedEigenSolver solver = RandomizedEigenSolver.builder().fallingBackOn(NEVER);
    double[] ones = new double[50];
    Arrays.fill(ones, 3);
    double[] matrix = dense(1, ones);
    checkAgainst(ones, matrix, solver.decompose(matrix, 7));
    SymmetricEigen zero = solver.decompose(new double[50 * 50], 7);
    assertThat(zero.values()).containsExactly(new double[7]);
    assertThat(zero.orthonormalityError()).isLessThan(1e-12);
    assertThat(zero.residualNorm()).isZero();
    double[] one = new double[50];
    one[0] = 5;
    double[] rankOne = dense(3, one);
    checkAgainst(one, rankOne, solver.decompose(rankOne, 7));
  }

  @Test
  void repeatsItselfForASeed() {
    double[] matrix = dense(9, exponential(150, 12));
    Supplier<RandomizedEigenSolver.Builder> options =
        () -> RandomizedEigenSolver.builder().tolerance(1e-8);
    double[] first = options.get().seed(4).build().decompose(matrix, 10).leadingVectors(10);
    double[] second = options.get().seed(4).build().decompose(matrix, 10).leadingVectors(10);
    double[] other = options.get().seed(5).build().decompose(matrix, 10).leadingVectors(10);
    assertThat(second).containsExactly(first);
    assertThat(other).isNotEqualTo(first).containsExactly(first, within(1e-6));
  }

  /** Says what it found, so that it is known who was asked. */
  private static SymmetricEigenSolver exact() {
    return SymmetricEigenSolver.ejml();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 9})
  void asksTheExactSolverWhereAFlatSpectrumConvergesSlowly(int maxProducts) {
    double[] spectrum = new double[120];
    for (int i = 0; i < 120; i++) {
      spectrum[i] = 2 - i / 120.0;
    }
    double[] matrix = dense(6, spectrum);
    SymmetricEigen eigen =
        RandomizedEigenSolver.builder()
            .maxProducts(maxProducts)
            .fallingBackOn(exact())
            .decompose(matrix, 5);
    assertThat(eigen.solver()).isEqualTo("java");
    assertThat(eigen.valueCount()).isEqualTo(120);
    assertThat(eigen.residual()).isLessThan(1e-12);
    // A user content with a large error gets what is left of it, and is told how much that is.
    SymmetricEigen rough =
        RandomizedEigenSolver.builder()
            .tolerance(0.3)
            .maxProducts(maxProducts)
            .fallingBackOn(NEVER)
            .decompose(matrix, 5);
    assertThat(rough.residualNorm())
        .isBetween(1e-6, 0.3)
        .isCloseTo(residualNorm(matrix, rough), within(1e-12));
  }

  @Test
  void asksTheExactSolverWhereNegativeValuesHideLeadingOnes() {
    double[] spectrum = new double[60];
    Arrays.fill(spectrum, -8);
    spectrum[7] = 10;
    spectrum[11] = 9;
    spectrum[30] = 1;
    double[] matrix = dense(8, spectrum);
    SymmetricEigen eigen =
        RandomizedEigenSolver.builder().oversampling(1).fallingBackOn(exact()).decompose(matrix, 3);
    assertThat(eigen.solver()).isEqualTo("java");
    assertThat(Arrays.copyOf(eigen.values(), 3))
        .containsExactly(new double[] {10, 9, 1}, within(1e-12));
  }

  @Test
  void asksTheExactSolverForTheWholeAndForMoreThanHalf() {
    double[] matrix = dense(4, exponential(40, 5));
    RandomizedEigenSolver solver = RandomizedEigenSolver.builder().fallingBackOn(exact());
    assertThat(solver.decompose(matrix).solver()).isEqualTo("java");
    assertThat(solver.decompose(matrix, 0).solver()).isEqualTo("java");
    assertThat(solver.decompose(matrix, 11).solver()).isEqualTo("java");
    assertThat(solver.decompose(matrix, 11).valueCount()).isEqualTo(40);
    assertThat(solver.decompose(matrix, 10).solver()).startsWith("randomized");
  }

  @Test
  void checksItsOptions() {
    RandomizedEigenSolver.Builder builder = RandomizedEigenSolver.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.oversampling(0))
        .withMessage("oversampling must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxProducts(1))
        .withMessage("maxProducts must be at least 2, found 1");
    for (double bad : new double[] {0, 1, -1e-3, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.tolerance(bad))
          .withMessage("tolerance must lie in (0, 1), found " + bad);
    }
    assertThat(builder.seed(3).oversampling(12).build())
        .hasToString(
            "RandomizedEigenSolver[oversampling=12, maxProducts=100, tolerance=1.0E-10, seed=3]");
  }
}
