package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.fixture.RandomNumbers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifiedEigenSolverTest extends SymmetricEigenSolverContract {
  private static final double[] MATRIX = decaying(1, 12, 0.7);

  @Override
  SymmetricEigenSolver solver() {
    return SymmetricEigenSolver.verified();
  }

  /** Right values, vectors that are off by noise, no error: what broken BLAS builds return. */
  private static SymmetricEigenSolver noisy(double noise) {
    return matrix -> {
      SymmetricEigen right = SymmetricEigenSolver.ejml().decompose(matrix);
      int n = right.dim();
      double[] values = new double[n];
      double[] vectors = new double[n * n];
      double[] errors = RandomNumbers.gaussian(3, n * n);
      for (int j = 0; j < n; j++) {
        values[j] = right.values()[n - 1 - j];
        for (int i = 0; i < n; i++) {
          vectors[i * n + j] =
              right.leadingVectors(n)[i * n + n - 1 - j] + noise * errors[i * n + j];
        }
      }
      return new SymmetricEigen("noisy", matrix, new SymmetricEigen.Columns(values, vectors));
    };
  }

  private static final SymmetricEigenSolver NEVER =
      matrix -> {
        throw new AssertionError("the fallback was not to be asked");
      };

  @Test
  void takesTheFirstResultThatIsRight() {
    SymmetricEigen eigen = SymmetricEigenSolver.verified(noisy(0), NEVER).decompose(MATRIX);
    assertThat(eigen.solver()).isEqualTo("noisy");
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 1e-3, 1e-8, Double.NaN, Double.POSITIVE_INFINITY, 1e200})
  void fallsBackWhereVectorsAreWrongAndValuesRight(double noise) {
    SymmetricEigen eigen =
        SymmetricEigenSolver.verified(noisy(noise), SymmetricEigenSolver.ejml()).decompose(MATRIX);
    assertThat(eigen.solver()).isEqualTo("java");
    assertThat(eigen.residual()).isLessThan(1e-12);
  }

  @Test
  void fallsBackWhereVectorsAreOrthonormalButNotThoseOfTheMatrix() {
    SymmetricEigenSolver others =
        matrix -> {
          double[] values = new double[12];
          double[] found = SymmetricEigenSolver.ejml().decompose(matrix).values();
          for (int j = 0; j < 12; j++) {
            values[j] = found[11 - j];
          }
          return new SymmetricEigen(
              "others", matrix, new SymmetricEigen.Columns(values, basis(5, 12)));
        };
    assertThat(
            SymmetricEigenSolver.verified(others, SymmetricEigenSolver.ejml())
                .decompose(MATRIX)
                .solver())
        .isEqualTo("java");
  }

  @Test
  void fallsBackWhereTheFirstDoesNotConverge() {
    SymmetricEigenSolver throwing =
        matrix -> {
          throw new ArithmeticException("no convergence");
        };
    SymmetricEigen eigen =
        SymmetricEigenSolver.verified(throwing, SymmetricEigenSolver.ejml()).decompose(MATRIX);
    assertThat(eigen.solver()).isEqualTo("java");
  }

  /** Finds a part that is wrong, by noise in what it is given, and all as another solver does. */
  private static SymmetricEigenSolver wrongInPart(SymmetricEigenSolver whole) {
    return new SymmetricEigenSolver() {
      @Override
      public SymmetricEigen decompose(double[] matrix) {
        return whole.decompose(matrix);
      }

      @Override
      public SymmetricEigen decompose(double[] matrix, int count) {
        double[] values = new double[12];
        double[] found = SymmetricEigenSolver.ejml().decompose(matrix).values();
        for (int j = 0; j < 12; j++) {
          values[j] = found[11 - j];
        }
        double[] vectors = new double[12 * count];
        for (int j = 0; j < count; j++) {
          vectors[j * count + j] = 1;
        }
        return new SymmetricEigen("part", matrix, new SymmetricEigen.Columns(values, vectors));
      }
    };
  }

  @Test
  void asksForAllWhereAPartIsWrong() {
    SymmetricEigen eigen =
        SymmetricEigenSolver.verified(wrongInPart(noisy(0)), NEVER).decompose(MATRIX, 3);
    assertThat(eigen.solver()).isEqualTo("noisy");
    assertThat(eigen.leadingVectors(3))
        .containsExactly(
            SymmetricEigenSolver.ejml().decompose(MATRIX).leadingVectors(3), within(1e-12));
  }

  @Test
  void fallsBackWherePartAndWholeAreWrong() {
    SymmetricEigen eigen =
        SymmetricEigenSolver.verified(wrongInPart(noisy(1)), SymmetricEigenSolver.ejml())
            .decompose(MATRIX, 3);
    assertThat(eigen.solver()).isEqualTo("java");
    assertThat(eigen.vectorCount()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 11})
  void fallsBackWhereAValueWithoutAVectorIsWrong(int wrong) {
    SymmetricEigenSolver solver =
        new SymmetricEigenSolver() {
          @Override
          public SymmetricEigen decompose(double[] matrix) {
            throw new ArithmeticException("no convergence");
          }

          @Override
          public SymmetricEigen decompose(double[] matrix, int count) {
            SymmetricEigen right = SymmetricEigenSolver.ejml().decompose(matrix, count);
            double[] values = new double[12];
            double[] vectors = new double[12 * count];
            for (int j = 0; j < 12; j++) {
              values[j] = right.values()[11 - j];
            }
            values[11 - wrong] += 1e-7 * right.values()[0];
            for (int i = 0; i < 12; i++) {
              for (int j = 0; j < count; j++) {
                vectors[i * count + j] = right.leadingVectors(count)[(i + 1) * count - 1 - j];
              }
            }
            return new SymmetricEigen("part", matrix, new SymmetricEigen.Columns(values, vectors));
          }
        };
    assertThat(
            SymmetricEigenSolver.verified(solver, SymmetricEigenSolver.ejml())
                .decompose(MATRIX, 3)
                .solver())
        .isEqualTo("java");
  }

  @Test
  void aSolverOfTheWholeAloneMayBeAskedForAPart() {
    SymmetricEigenSolver lambda = noisy(0);
    assertThat(lambda.decompose(MATRIX, 2).vectorCount()).isEqualTo(12);
  }

  @Test
  void failsWhereBothAreWrong() {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> SymmetricEigenSolver.verified(noisy(1), noisy(1e-3)).decompose(MATRIX))
        .withMessageStartingWith("no solver gave right eigenvectors")
        .withMessageContaining("noisy: residual");
  }
}
