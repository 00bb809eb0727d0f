package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.NpyWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NullSpaceProjectorTest {
  @TempDir Path folder;

  /** Rows whose columns have clearly different deviations, off centre. */
  static double[][] rows(long seed, int n, int d) {
    double[][] rows = RandomNumbers.rows(seed, n, d);
    double[] mix = SymmetricEigenSolverContract.basis(seed, d);
    double[][] mixed = new double[n][d];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        mixed[i][j] = 0.5 * (j % 2);
        for (int k = 0; k < d; k++) {
          mixed[i][j] += rows[i][k] * Math.pow(0.75, k) * mix[j * d + k];
        }
      }
    }
    return mixed;
  }

  /** Rows +-a_j e_j: the mean is 0 and the covariance diagonal, 2 a_j^2 / (2 d - 1). */
  private static double[][] cross(double... a) {
    double[][] rows = new double[2 * a.length][a.length];
    for (int j = 0; j < a.length; j++) {
      rows[2 * j][j] = a[j];
      rows[2 * j + 1][j] = -a[j];
    }
    return rows;
  }

  private static NullSpaceProjector.Builder plain() {
    return NullSpaceProjector.builder()
        .normalize(RowNormalization.NONE)
        .scale(1)
        .standardize(false)
        .nullDim(1);
  }

  private static double[] project(NullSpaceProjector projector, double[][] rows) {
    return projector.project(LanguageEmbeddings.of(rows), ElementType.FLOAT64).doubles();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 1, 40, 1000})
  void variancesGrowWithTheSquareOfTheScale(double scale) {
    NullSpaceProjector projector =
        plain().scale(scale).fit(LanguageEmbeddings.of(cross(3, 5, 1, 2)));
    double unit = 2.0 / 7 * scale * scale;
    assertThat(projector.singularValues())
        .containsExactly(
            new double[] {25 * unit, 9 * unit, 4 * unit, 1 * unit}, within(1e-12 * unit));
    assertThat(projector.mean()).containsExactly(new double[4], within(1e-12));
    assertThat(projector.rowFactor()).isEqualTo(scale);
    assertThat(projector.explainedVariance())
        .containsExactly(new double[] {25 / 39.0, 9 / 39.0, 4 / 39.0, 1 / 39.0}, within(1e-12));
    // Directions are the axes, in order of variance, with positive signs.
    assertThat(projector.project(new double[] {10, 20, 30, 40}))
        .containsExactly(
            new double[] {20 * scale, 10 * scale, 40 * scale, 30 * scale}, within(1e-9 * scale));
  }

  @Test
  void dividesByOneLessThanTheNumberOfItems() {
    double[][] rows = {{1, 0}, {-1, 0}, {0, 2}, {0, -2}, {0, 0}};
    assertThat(plain().fit(LanguageEmbeddings.of(rows)).singularValues())
        .containsExactly(new double[] {8 / 4.0, 2 / 4.0}, within(1e-14));
  }

  @ParameterizedTest
  @CsvSource({"0.286, 1", "0.29, 1", "1.15, 2", "2.6, 3", "7.0, 3"})
  void aThresholdCountsAllDirectionsAtOrBelowIt(double threshold, int nullDim) {
    NullSpaceProjector.Builder builder =
        NullSpaceProjector.builder()
            .normalize(RowNormalization.NONE)
            .scale(1)
            .nullThreshold(threshold);
    // Variances 50 / 7, 18 / 7, 8 / 7, 2 / 7 = 0.285714...
    assertThat(builder.fit(LanguageEmbeddings.of(cross(3, 5, 1, 2))).nullDim()).isEqualTo(nullDim);
  }

  @Test
  void aVarianceEqualToTheThresholdIsInTheNullSpace() {
    double[][] rows = {{1, 0}, {-1, 0}, {0, 2}, {0, -2}, {0, 0}};
    double smallest = plain().fit(LanguageEmbeddings.of(rows)).singularValues()[1];
    NullSpaceProjector projector = plain().nullThreshold(smallest).fit(LanguageEmbeddings.of(rows));
    assertThat(projector.nullDim()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"0.1, 3", "0.64, 3", "0.65, 2", "0.87, 2", "0.88, 1", "0.97, 1"})
  void energyLeavesWhatTheFewestLeadingDirectionsDoNotHold(double share, int nullDim) {
    // Shares 25 / 39 = 0.641, 34 / 39 = 0.872, 38 / 39 = 0.974, 1.
    NullSpaceProjector projector =
        NullSpaceProjector.builder()
            .normalize(RowNormalization.NONE)
            .energy(share)
            .fit(LanguageEmbeddings.of(cross(3, 5, 1, 2)));
    assertThat(projector.nullDim()).isEqualTo(nullDim);
    assertThat(projector.rowDim()).isEqualTo(4 - nullDim);
  }

  @Test
  void energyCountsWithinTheKeptColumns() {
    NullSpaceProjector projector =
        NullSpaceProjector.builder()
            .normalize(RowNormalization.NONE)
            .embeddingDim(3)
            .energy(0.65)
            .fit(LanguageEmbeddings.of(cross(3, 5, 1, 2)));
    assertThat(projector.rowDim()).isEqualTo(2);
    assertThat(projector.nullDim()).isEqualTo(1);
  }

  record Case(RowNormalization how, boolean standardize, boolean cover, boolean weighted, int dim) {
    NullSpaceProjector.Builder builder(double @Nullable [] weights) {
      NullSpaceProjector.Builder builder =
          NullSpaceProjector.builder()
              .normalize(how)
              .standardize(standardize)
              .cover(cover)
              .embeddingDim(dim)
              .nullDim(2)
              .scale(3);
      return weights == null ? builder : builder.itemWeights(weights);
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (RowNormalization how : RowNormalization.values()) {
      for (int bits = 0; bits < 16; bits++) {
        cases.add(
            new Case(
                how, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0 ? 6 : 4));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void projectsByTheDefinition(Case how) {
    int n = 70;
    int d = 6;
    double[][] given = rows(11, n, d);
    double[] weights = how.weighted ? weights(n) : null;
    NullSpaceProjector projector = how.builder(weights).fit(LanguageEmbeddings.of(given));

    double meanNorm = Arrays.stream(given).mapToDouble(NullSpaceProjectorTest::norm).sum() / n;
    double[][] rows = new double[n][d];
    for (int i = 0; i < n; i++) {
      double factor =
          switch (how.how) {
            case NONE -> 3;
            case ROWS -> 3 / norm(given[i]);
            case MEAN -> 3 / meanNorm;
          };
      for (int j = 0; j < d; j++) {
        rows[i][j] = factor * given[i][j];
      }
    }
    MomentAccumulatorTest.Reference reference =
        MomentAccumulatorTest.Reference.of(rows, weights, RowNormalization.NONE);
    assertThat(projector.mean()).containsExactly(reference.mean(), within(1e-12));
    SymmetricEigen eigen = SymmetricEigenSolver.ejml().decompose(reference.covariance());
    assertThat(projector.singularValues())
        .containsExactly(eigen.values(), within(1e-11 * eigen.values()[0]));
    int kept = how.cover ? how.dim - 2 : how.dim;
    assertThat(projector.projectedDim()).isEqualTo(kept);
    assertThat(projector.rowDim()).isEqualTo(how.dim - 2);
    assertThat(projector.embeddingDim()).isEqualTo(how.dim);
    double[] u = eigen.leadingVectors(kept);
    assertThat(projector.directions()).containsExactly(u, within(1e-8));
    double[] expected = new double[n * kept];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < kept; k++) {
        double deviation = how.standardize ? Math.sqrt(eigen.values()[k]) : 1;
        for (int j = 0; j < d; j++) {
          expected[i * kept + k] +=
              (rows[i][j] - reference.mean()[j]) * u[j * kept + k] / deviation;
        }
      }
    }
    double[] z = project(projector, given);
    assertThat(z).containsExactly(expected, within(how.weighted ? 1e-6 : 1e-7));
    for (int i = 0; i < n; i += 13) {
      assertThat(projector.project(given[i]))
          .containsExactly(Arrays.copyOfRange(z, i * kept, (i + 1) * kept), within(1e-12 * 100));
    }
    float[] floats = projector.project(LanguageEmbeddings.of(given), ElementType.FLOAT32).floats();
    for (int i = 0; i < floats.length; i++) {
      assertThat(floats[i]).isEqualTo((float) z[i]);
    }
    if (how.standardize) {
      checkVariance(z, kept, weights);
    }
  }

  private static void checkVariance(double[] z, int kept, double @Nullable [] weights) {
    int n = z.length / kept;
    double total = weights == null ? 0 : Arrays.stream(weights).sum();
    for (int k = 0; k < kept; k++) {
      double mean = 0;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double p = weights == null ? 1 : weights[i] / total;
        mean += p * z[i * kept + k];
        squares += p * z[i * kept + k] * z[i * kept + k];
      }
      assertThat(mean).isCloseTo(0, within(1e-9 * n));
      if (weights == null) {
        assertThat(squares / (n - 1)).isCloseTo(1, within(1e-9));
      } else {
        assertThat(squares).isBetween((n - 1) * (1 - 1e-9), (n - 1) * 1.1);
      }
    }
  }

  private static double norm(double[] row) {
    return Math.sqrt(Arrays.stream(row).map(x -> x * x).sum());
  }

  private static double[] weights(int n) {
    double[] weights = new double[n];
    for (int i = 0; i < n; i++) {
      weights[i] = i % 7 == 3 ? 0 : 1 + i % 5;
    }
    return weights;
  }

  @Test
  void meanNormalisationChangesNothingForUnitRows() {
    double[][] rows = rows(3, 40, 5);
    for (double[] row : rows) {
      double norm = norm(row);
      for (int j = 0; j < row.length; j++) {
        row[j] /= norm;
      }
    }
    double[] expected = null;
    for (RowNormalization how : RowNormalization.values()) {
      NullSpaceProjector projector =
          NullSpaceProjector.builder().normalize(how).nullDim(2).fit(LanguageEmbeddings.of(rows));
      double[] z = project(projector, rows);
      expected = expected == null ? z : expected;
      assertThat(z).containsExactly(expected, within(1e-9));
      assertThat(projector.rowFactor()).isCloseTo(40, within(1e-12));
    }
  }

  @Test
  void meanNormalisationMakesTheUnitOfTheEncoderIrrelevant() {
    double[][] rows = rows(3, 40, 5);
    double[][] larger =
        Arrays.stream(rows)
            .map(row -> Arrays.stream(row).map(x -> 123 * x).toArray())
            .toArray(double[][]::new);
    NullSpaceProjector a = NullSpaceProjector.builder().nullDim(2).fit(LanguageEmbeddings.of(rows));
    NullSpaceProjector b =
        NullSpaceProjector.builder().nullDim(2).fit(LanguageEmbeddings.of(larger));
    assertThat(b.singularValues())
        .containsExactly(a.singularValues(), within(1e-10 * a.singularValues()[0]));
    assertThat(project(b, larger)).containsExactly(project(a, rows), within(1e-8));
    assertThat(b.rowFactor() * 123).isCloseTo(a.rowFactor(), within(1e-9));
  }

  @Test
  void theFittedFactorAppliesToNewRows() {
    double[][] rows = rows(3, 40, 5);
    NullSpaceProjector projector =
        NullSpaceProjector.builder().nullDim(2).fit(LanguageEmbeddings.of(rows));
    double[] twice = Arrays.stream(rows[7]).map(x -> 2 * x).toArray();
    double[] once = projector.project(rows[7]);
    double[] zero = projector.project(new double[5]);
    double[] found = projector.project(twice);
    // Affine in the row: nothing of the new row's own length enters.
    for (int k = 0; k < 5; k++) {
      assertThat(found[k] - once[k]).isCloseTo(once[k] - zero[k], within(1e-9));
    }
  }

  @Test
  void isInvariantUnderTranslation() {
    double[][] rows = rows(5, 50, 6);
    double[][] moved =
        Arrays.stream(rows)
            .map(row -> Arrays.stream(row).map(x -> x + 7).toArray())
            .toArray(double[][]::new);
    NullSpaceProjector a = plain().standardize(true).fit(LanguageEmbeddings.of(rows));
    NullSpaceProjector b = plain().standardize(true).fit(LanguageEmbeddings.of(moved));
    assertThat(project(b, moved)).containsExactly(project(a, rows), within(1e-8));
  }

  @Test
  void isInvariantUnderRotationUpToSigns() {
    int d = 6;
    double[][] rows = rows(5, 50, d);
    double[] q = SymmetricEigenSolverContract.basis(77, d);
    double[][] turned = new double[50][d];
    for (int i = 0; i < 50; i++) {
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          turned[i][j] += rows[i][k] * q[k * d + j];
        }
      }
    }
    double[] a = project(plain().standardize(true).fit(LanguageEmbeddings.of(rows)), rows);
    double[] b = project(plain().standardize(true).fit(LanguageEmbeddings.of(turned)), turned);
    for (int k = 0; k < d; k++) {
      double sign = Math.signum(a[k] * b[k]);
      for (int i = 0; i < 50; i++) {
        assertThat(b[i * d + k]).isCloseTo(sign * a[i * d + k], within(1e-8));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fitsToMomentsAsToEmbeddings(boolean weighted) {
    double[][] rows = rows(9, 300, 5);
    double[] weights = weights(300);
    double[] flat = RandomNumbers.flat(rows);
    NullSpaceProjector.Builder builder = NullSpaceProjector.builder().nullDim(2);
    NullSpaceProjector whole =
        (weighted ? builder.itemWeights(weights) : builder).fit(LanguageEmbeddings.of(rows));
    NullSpaceProjector.Builder other = NullSpaceProjector.builder().nullDim(2);
    try (MomentAccumulator first = other.newAccumulator(5);
        MomentAccumulator second = other.newAccumulator(5)) {
      if (weighted) {
        first.addWeighted(Arrays.copyOf(flat, 500), Arrays.copyOf(weights, 100));
        second.addWeighted(
            Arrays.copyOfRange(flat, 500, 1500), Arrays.copyOfRange(weights, 100, 300));
      } else {
        first.add(Arrays.copyOf(flat, 500));
        second.add(Arrays.copyOfRange(flat, 500, 1500));
      }
      NullSpaceProjector merged = other.fit(second.merge(first));
      assertThat(project(merged, rows)).containsExactly(project(whole, rows), within(1e-8));
      assertThat(merged.rowFactor()).isCloseTo(whole.rowFactor(), within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fitsToAnySourceOfTheSameRows(boolean weighted) {
    int n = 5000;
    double[][] rows = rows(2, n, 4);
    float[][] floats = new float[n][4];
    double[] flat = new double[n * 4];
    for (int i = 0; i < n * 4; i++) {
      floats[i / 4][i % 4] = (float) rows[i / 4][i % 4];
      flat[i] = floats[i / 4][i % 4];
    }
    Path file = folder.resolve("rows.npy");
    NpyWriter.write(file, LanguageEmbeddings.of(floats).toTensor());
    LanguageEmbeddings streamed =
        LanguageEmbeddings.blocks(
            n,
            4,
            () ->
                Stream.of(
                    Arrays.copyOf(flat, 4 * 7),
                    Arrays.copyOfRange(flat, 4 * 7, 4 * 3000),
                    Arrays.copyOfRange(flat, 4 * 3000, 4 * n)));
    double[] expected = null;
    for (LanguageEmbeddings source :
        List.of(
            LanguageEmbeddings.of(floats),
            LanguageEmbeddings.of(Tensor.of(flat, n, 4)),
            LanguageEmbeddings.npy(file),
            streamed)) {
      NullSpaceProjector.Builder builder = NullSpaceProjector.builder().nullDim(2);
      if (weighted) {
        builder.itemWeights(weights(n));
      }
      double[] z = builder.fit(source).project(source, ElementType.FLOAT64).doubles();
      expected = expected == null ? z : expected;
      assertThat(z).containsExactly(expected, within(1e-10 * (weighted ? n : 1)));
    }
  }

  static Stream<NullSpaceProjector.Builder> saved() {
    return Stream.of(
        NullSpaceProjector.builder().nullDim(2),
        NullSpaceProjector.builder().nullDim(2).embeddingDim(3).cover(true).scale(7),
        NullSpaceProjector.builder().nullDim(3).embeddingDim(3).cover(true),
        NullSpaceProjector.builder().nullDim(0).standardize(false),
        NullSpaceProjector.builder().nullDim(5).normalize(RowNormalization.ROWS),
        NullSpaceProjector.builder()
            .energy(0.5)
            .normalize(RowNormalization.NONE)
            .varianceFloor(0.1),
        NullSpaceProjector.builder().nullDim(2).itemWeights(weights(40)));
  }

  @ParameterizedTest
  @MethodSource("saved")
  void isTheSameAfterSavingAndLoading(NullSpaceProjector.Builder builder) {
    double[][] rows = rows(6, 40, 5);
    NullSpaceProjector projector = builder.fit(LanguageEmbeddings.of(rows));
    Path file = folder.resolve("projector.zip");
    projector.save(file);
    NullSpaceProjector loaded = NullSpaceProjector.load(file);
    assertThat(project(loaded, rows)).containsExactly(project(projector, rows));
    assertThat(loaded.mean()).containsExactly(projector.mean());
    assertThat(loaded.singularValues()).containsExactly(projector.singularValues());
    assertThat(loaded.directions()).containsExactly(projector.directions());
    assertThat(loaded.rowFactor()).isEqualTo(projector.rowFactor());
    assertThat(loaded.scale()).isEqualTo(projector.scale());
    assertThat(loaded.normalization()).isEqualTo(projector.normalization());
    assertThat(loaded.standardize()).isEqualTo(projector.standardize());
    assertThat(loaded.cover()).isEqualTo(projector.cover());
    assertThat(loaded.nullDim()).isEqualTo(projector.nullDim());
    assertThat(loaded.residual()).isEqualTo(projector.residual());
    assertThat(loaded.orthonormalityError()).isEqualTo(projector.orthonormalityError());
    assertThat(loaded.solver()).isEqualTo(projector.solver());
    assertThat(loaded).hasToString(projector.toString());
  }

  @Test
  void reportsTheQualityOfItsDecomposition() {
    NullSpaceProjector projector =
        NullSpaceProjector.builder()
            .nullDim(64)
            .standardize(false)
            .fit(LanguageEmbeddings.of(rows(1, 400, 192)));
    assertThat(projector.residual()).isLessThan(1e-10);
    assertThat(projector.orthonormalityError()).isLessThan(1e-10);
    assertThat(projector.languageDim()).isEqualTo(192);
  }

  @Test
  void rowsAreScaledInTheEnd() {
    LanguageEmbeddings text = LanguageEmbeddings.of(RandomNumbers.rows(3, 60, 9));
    NullSpaceProjector plain = NullSpaceProjector.builder().embeddingDim(6).nullDim(2).fit(text);
    for (boolean standardize : new boolean[] {true, false}) {
      NullSpaceProjector.Builder builder =
          NullSpaceProjector.builder().embeddingDim(6).nullDim(2).standardize(standardize);
      NullSpaceProjector scaled = builder.rowScale(0.3).fit(text);
      double[] expected =
          builder.rowScale(1).fit(text).project(text, ElementType.FLOAT64).doubles();
      double[] found = scaled.project(text, ElementType.FLOAT64).doubles();
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isCloseTo(0.3 * expected[i], within(1e-12));
      }
    }
    NullSpaceProjector scaled =
        NullSpaceProjector.builder().embeddingDim(6).nullDim(2).rowScale(0.3).fit(text);
    double squares = 0;
    double[] rows = scaled.project(text, ElementType.FLOAT64).doubles();
    for (int i = 0; i < rows.length; i += 6) {
      squares += rows[i] * rows[i];
    }
    assertThat(Math.sqrt(squares / 59)).isCloseTo(0.3, within(1e-9));
    assertThat(scaled).asString().contains("rowScale=0.3");
    assertThat(plain).asString().doesNotContain("rowScale");
    Path file = folder.resolve("scaled.zip");
    scaled.save(file);
    NullSpaceProjector loaded = NullSpaceProjector.load(file);
    assertThat(loaded.rowScale()).isEqualTo(0.3);
    assertThat(loaded.project(text, ElementType.FLOAT64).doubles()).containsExactly(rows);
    for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> NullSpaceProjector.builder().rowScale(scale))
          .withMessage("rowScale must be positive and finite, found " + scale);
    }
  }
}
