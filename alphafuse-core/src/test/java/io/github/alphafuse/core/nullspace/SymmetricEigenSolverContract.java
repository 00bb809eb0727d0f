package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every solver of the library must do. */
abstract class SymmetricEigenSolverContract {
  private static final double TOLERANCE = 1e-10;

  abstract SymmetricEigenSolver solver();

  private static double[] diagonal(double... values) {
    double[] matrix = new double[values.length * values.length];
    for (int i = 0; i < values.length; i++) {
      matrix[i * values.length + i] = values[i];
    }
    return matrix;
  }

  /** G G', with columns of G that decay by a factor: a covariance as embeddings have it. */
  static double[] decaying(long seed, int n, double factor) {
    double[] g = RandomNumbers.gaussian(seed, n * n);
    double[] matrix = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        double weight = 1;
        for (int k = 0; k < n; k++) {
          sum += weight * g[i * n + k] * g[j * n + k];
          weight *= factor;
        }
        matrix[i * n + j] = sum;
        matrix[j * n + i] = sum;
      }
    }
    return matrix;
  }

  /** An orthonormal basis, by Gram and Schmidt, twice. One vector a column. */
  static double[] basis(long seed, int n) {
    double[] q = RandomNumbers.gaussian(seed, n * n);
    for (int j = 0; j < n; j++) {
      for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < j; k++) {
          double dot = 0;
          for (int i = 0; i < n; i++) {
            dot += q[i * n + j] * q[i * n + k];
          }
          for (int i = 0; i < n; i++) {
            q[i * n + j] -= dot * q[i * n + k];
          }
        }
      }
      double squares = 0;
      for (int i = 0; i < n; i++) {
        squares += q[i * n + j] * q[i * n + j];
      }
      for (int i = 0; i < n; i++) {
        q[i * n + j] /= Math.sqrt(squares);
      }
    }
    return q;
  }

  static double[] withSpectrum(double[] basis, double... values) {
    int n = values.length;
    double[] matrix = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          matrix[i * n + j] += basis[i * n + k] * values[k] * basis[j * n + k];
        }
      }
    }
    return matrix;
  }

  private SymmetricEigen check(double[] matrix) {
    double[] given = matrix.clone();
    SymmetricEigen eigen = solver().decompose(matrix);
    assertThat(matrix).containsExactly(given);
    int n = eigen.dim();
    assertThat(n * n).isEqualTo(matrix.length);
    double[] s = eigen.values();
    double[] v = eigen.leadingVectors(n);
    double largest = Double.MIN_NORMAL;
    for (int j = 0; j < n; j++) {
      largest = Math.max(largest, Math.abs(s[j]));
      assertThat(j == 0 || s[j] <= s[j - 1]).as("value %s in descending order", j).isTrue();
    }
    double residual = 0;
    double orthonormality = 0;
    for (int j = 0; j < n; j++) {
      double extreme = 0;
      for (int i = 0; i < n; i++) {
        double product = 0;
        double dot = 0;
        for (int k = 0; k < n; k++) {
          product += matrix[i * n + k] * v[k * n + j];
          dot += v[k * n + i] * v[k * n + j];
        }
        residual = Math.max(residual, Math.abs(product - v[i * n + j] * s[j]) / largest);
        orthonormality = Math.max(orthonormality, Math.abs(dot - (i == j ? 1 : 0)));
        if (Math.abs(v[i * n + j]) > Math.abs(extreme)) {
          extreme = v[i * n + j];
        }
      }
      assertThat(extreme).as("largest component of vector %s", j).isPositive();
    }
    assertThat(residual).isLessThan(TOLERANCE);
    assertThat(orthonormality).isLessThan(TOLERANCE);
    assertThat(eigen.residual()).isCloseTo(residual, within(1e-12));
    assertThat(eigen.orthonormalityError()).isCloseTo(orthonormality, within(1e-12));
    assertThat(eigen.solver()).isNotEmpty();
    return eigen;
  }

  @ParameterizedTest
  @CsvSource({"1, 0.9", "2, 0.9", "5, 0.5", "33, 1", "64, 0.5", "192, 0.97", "256, 0.9", "300, 1"})
  void decomposesACovariance(int n, double factor) {
    check(decaying(n, n, factor));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void decomposesTheIdentity(int n) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    assertThat(check(diagonal(ones)).values()).containsExactly(ones, within(1e-14));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void decomposesZero(int n) {
    assertThat(check(new double[n * n]).values()).containsExactly(new double[n]);
  }

  @Test
  void decomposesADiagonal() {
    SymmetricEigen eigen = check(diagonal(3, -1, 0, 7, 2.5));
    assertThat(eigen.values()).containsExactly(new double[] {7, 3, 2.5, 0, -1}, within(1e-14));
    assertThat(eigen.leadingVectors(2))
        .containsExactly(new double[] {0, 1, 0, 0, 0, 0, 1, 0, 0, 0}, within(1e-14));
  }

  @Test
  void decomposesNegativeValues() {
    double[] basis = basis(4, 6);
    assertThat(check(withSpectrum(basis, -1, 5, -30, 2, 0, 4)).values())
        .containsExactly(new double[] {5, 4, 2, 0, -1, -30}, within(1e-12));
  }

  @Test
  void findsTheSubspacesOfRepeatedValues() {
    int n = 9;
    double[] basis = basis(8, n);
    SymmetricEigen eigen = check(withSpectrum(basis, 4, 4, 4, 4, 1, 1, 1, 0, 0));
    assertThat(eigen.values())
        .containsExactly(new double[] {4, 4, 4, 4, 1, 1, 1, 0, 0}, within(1e-12));
    assertThat(projector(eigen.leadingVectors(n), n, 0, 4))
        .containsExactly(projector(basis, n, 0, 4), within(1e-12));
    assertThat(projector(eigen.leadingVectors(n), n, 4, 7))
        .containsExactly(projector(basis, n, 4, 7), within(1e-12));
  }

  private static double[] projector(double[] vectors, int n, int from, int to) {
    double[] projector = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = from; k < to; k++) {
          projector[i * n + j] += vectors[i * n + k] * vectors[j * n + k];
        }
      }
    }
    return projector;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-150, 1e-30, 1e30, 1e150})
  void decomposesAtAnyScale(double scale) {
    double[] matrix = decaying(3, 24, 0.7);
    double[] expected = check(matrix).values();
    double[] scaled = Arrays.stream(matrix).map(x -> x * scale).toArray();
    double[] found = Arrays.stream(check(scaled).values()).map(x -> x / scale).toArray();
    assertThat(found).containsExactly(expected, within(1e-12 * expected[0]));
  }

  @Test
  void findsASpectrumOverManyOrdersOfMagnitude() {
    double[] values = new double[40];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.pow(10, -i);
    }
    double[] found = check(withSpectrum(basis(2, values.length), values)).values();
    assertThat(found).containsExactly(values, within(1e-14));
  }

  @Test
  void repeatsItself() {
    double[] matrix = decaying(6, 48, 0.8);
    SymmetricEigen first = solver().decompose(matrix);
    SymmetricEigen second = solver().decompose(matrix);
    assertThat(second.values()).containsExactly(first.values());
    assertThat(second.leadingVectors(48)).containsExactly(first.leadingVectors(48));
  }

  @Test
  void agreesWithAnotherSolverInSign() {
    double[] matrix = withSpectrum(basis(12, 5), 9, 7, 4, 2, 1);
    assertThat(solver().decompose(matrix).leadingVectors(5))
        .containsExactly(
            SymmetricEigenSolver.ejml().decompose(matrix).leadingVectors(5), within(1e-12));
  }

  /** Spectra as embeddings have them, and such as solvers of a part find hard. */
  enum Spectrum {
    DECAYING,
    FLAT,
    CLUSTERED,
    REPEATED,
    TINY,
    RANK_DEFICIENT,
    INDEFINITE,
    GRADED;

    double value(int i, int n) {
      return switch (this) {
        case DECAYING -> Math.pow(0.9, i);
        case FLAT -> n - i;
        case CLUSTERED -> 1 + i / 4 + 1e-13 * (i % 4);
        case REPEATED -> 3 - (3 * i) / n;
        case TINY -> i < n / 3 ? 5 - 4.0 * i / n : 1e-17 * (n - i);
        case RANK_DEFICIENT -> i < n / 4 ? 1 + i : 0;
        case INDEFINITE -> i % 2 == 0 ? n - i : i - n;
        case GRADED -> Math.pow(10, -0.6 * i);
      };
    }

    double[] values(int n) {
      double[] values = new double[n];
      for (int i = 0; i < n; i++) {
        values[i] = value(i, n);
      }
      return values;
    }
  }

  /** A part must be as good as the whole, and the same wherever the matrix leaves no choice. */
  private void checkPart(double[] matrix, double[] spectrum, int count) {
    int n = spectrum.length;
    double[] given = matrix.clone();
    SymmetricEigen part = solver().decompose(matrix, count);
    assertThat(matrix).containsExactly(given);
    assertThat(part.vectorCount()).isBetween(count, n);
    double[] expected = Arrays.stream(spectrum).sorted().toArray();
    double largest = Math.max(Math.abs(expected[0]), Math.abs(expected[n - 1]));
    double[] s = part.values();
    assertThat(s.length).isEqualTo(part.valueCount()).isBetween(count, n);
    for (int j = 0; j < s.length; j++) {
      assertThat(s[j])
          .as("value %s", j)
          .isCloseTo(expected[n - 1 - j], within(1e-13 * n * largest));
    }
    double[] v = part.leadingVectors(count);
    for (int j = 0; j < count; j++) {
      double extreme = 0;
      for (int i = 0; i < n; i++) {
        double product = 0;
        for (int k = 0; k < n; k++) {
          product += matrix[i * n + k] * v[k * count + j];
        }
        assertThat(product)
            .as("vector %s of %s, component %s", j, count, i)
            .isCloseTo(s[j] * v[i * count + j], within(1e-13 * n * largest));
        if (Math.abs(v[i * count + j]) > Math.abs(extreme)) {
          extreme = v[i * count + j];
        }
      }
      assertThat(extreme).as("largest component of vector %s", j).isPositive();
      for (int k = 0; k <= j; k++) {
        double dot = 0;
        for (int i = 0; i < n; i++) {
          dot += v[i * count + j] * v[i * count + k];
        }
        assertThat(dot)
            .as("product of vectors %s and %s of %s", j, k, count)
            .isCloseTo(j == k ? 1 : 0, within(1e-12));
      }
    }
    assertThat(part.residual()).isLessThan(1e-13 * n);
    assertThat(part.orthonormalityError()).isLessThan(1e-12);
    // The space of the leading vectors is that of the whole where a gap follows it.
    double gap =
        count == n
            ? Double.POSITIVE_INFINITY
            : expected[n - Math.max(count, 1)] - expected[n - 1 - count];
    if (count > 0 && gap > 1e-3 * largest) {
      double[] whole = SymmetricEigenSolver.ejml().decompose(matrix).leadingVectors(count);
      assertThat(projector(v, count)).containsExactly(projector(whole, count), within(1e-10));
    }
  }

  private static double[] projector(double[] vectors, int count) {
    int n = vectors.length / count;
    double[] projector = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < count; k++) {
          projector[i * n + j] += vectors[i * count + k] * vectors[j * count + k];
        }
      }
    }
    return projector;
  }

  @ParameterizedTest
  @EnumSource
  void findsEveryCountOfLeadingVectors(Spectrum spectrum) {
    for (int n : new int[] {1, 2, 3, 12, 33}) {
      double[] values = spectrum.values(n);
      double[] matrix = symmetric(withSpectrum(basis(n, n), values));
      for (int count = 0; count <= n; count++) {
        checkPart(matrix, values, count);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void findsAFewLeadingVectorsOfALargerMatrix(Spectrum spectrum) {
    int n = 150;
    double[] values = spectrum.values(n);
    double[] matrix = symmetric(withSpectrum(basis(7, n), values));
    for (int count : new int[] {1, 30, 74, 75, 76}) {
      checkPart(matrix, values, count);
    }
  }

  private static double[] symmetric(double[] matrix) {
    int n = (int) Math.sqrt(matrix.length);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        matrix[j * n + i] = matrix[i * n + j];
      }
    }
    return matrix;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void findsLeadingVectorsOfMatricesWithoutChoice(int n) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    for (int count = 0; count <= n; count++) {
      checkPart(diagonal(ones), ones, count);
      checkPart(new double[n * n], new double[n], count);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 1e-150, 1e-30, 1e30, 1e150})
  void findsLeadingVectorsAtAnyScale(double scale) {
    double[] values = Spectrum.DECAYING.values(24);
    double[] matrix = symmetric(withSpectrum(basis(4, 24), values));
    SymmetricEigen expected = solver().decompose(matrix, 5);
    SymmetricEigen found =
        solver().decompose(Arrays.stream(matrix).map(x -> x * scale).toArray(), 5);
    assertThat(Arrays.stream(found.values()).map(x -> x / scale).toArray())
        .containsExactly(expected.values(), within(1e-12));
    assertThat(found.leadingVectors(5)).containsExactly(expected.leadingVectors(5), within(1e-11));
  }

  @Test
  void repeatsItselfForAPart() {
    double[] matrix = decaying(6, 96, 0.8);
    assertThat(solver().decompose(matrix, 9).leadingVectors(9))
        .containsExactly(solver().decompose(matrix, 9).leadingVectors(9));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3})
  void rejectsACountOutsideTheMatrix(int count) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> solver().decompose(diagonal(1, 2), count))
        .withMessage("count must lie in [0, 2], found " + count);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 3, 5, 8})
  void rejectsWhatIsNotSquare(int length) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> solver().decompose(new double[length]))
        .withMessage("matrix must be square and not empty, found " + length + " numbers");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void rejectsWhatIsNotFinite(double bad) {
    double[] matrix = diagonal(1, 2, 3);
    matrix[5] = bad;
    matrix[7] = bad;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> solver().decompose(matrix))
        .withMessage("matrix entry 5 must be finite, found " + bad);
  }

  @Test
  void rejectsMoreVectorsThanThereAre() {
    SymmetricEigen eigen = solver().decompose(diagonal(1, 2));
    assertThat(eigen.leadingVectors(0)).isEmpty();
    assertThatThrownBy(() -> eigen.leadingVectors(3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("count must lie in [0, 2], found 3");
  }
}
