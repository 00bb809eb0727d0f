package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MomentAccumulatorTest {

  /** The definition in two passes: numpy's cov of (E - mu) sqrt(p), or of E without weights. */
  record Reference(double[] mean, double[] covariance, double meanNorm) {
    static Reference of(double[][] given, double @Nullable [] weights, RowNormalization how) {
      int n = given.length;
      int d = given[0].length;
      double normSum = 0;
      double[][] rows = new double[n][];
      for (int i = 0; i < n; i++) {
        double norm = Math.sqrt(Arrays.stream(given[i]).map(x -> x * x).sum());
        normSum += norm;
        rows[i] =
            how == RowNormalization.ROWS
                ? Arrays.stream(given[i]).map(x -> x / norm).toArray()
                : given[i];
      }
      double total = weights == null ? n : Arrays.stream(weights).sum();
      double[] mean = new double[d];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < d; j++) {
          mean[j] += (weights == null ? 1 : weights[i]) / total * rows[i][j];
        }
      }
      double[][] centred = new double[n][d];
      double[] centre = new double[d];
      for (int i = 0; i < n; i++) {
        double root = weights == null ? 1 : Math.sqrt(weights[i] / total);
        for (int j = 0; j < d; j++) {
          centred[i][j] = (rows[i][j] - mean[j]) * root;
          centre[j] += centred[i][j] / n;
        }
      }
      double[] covariance = new double[d * d];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < d; j++) {
          for (int k = 0; k < d; k++) {
            covariance[j * d + k] +=
                (centred[i][j] - centre[j]) * (centred[i][k] - centre[k]) / (n - 1);
          }
        }
      }
      return new Reference(mean, covariance, normSum / n);
    }
  }

  private static double[] weights(long seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] weights = new double[n];
    for (int i = 0; i < n; i++) {
      weights[i] = random.nextInt(4) == 0 ? 0 : Math.floor(Math.exp(random.nextGaussian() * 2));
    }
    weights[n - 1] = 3;
    return weights;
  }

  private static double[][] shifted(long seed, int n, int d, double mean) {
    double[][] rows = RandomNumbers.rows(seed, n, d);
    for (double[] row : rows) {
      for (int j = 0; j < d; j++) {
        row[j] = row[j] * (j + 1) + mean * (j % 3 - 1.3);
      }
    }
    return rows;
  }

  private static void compare(MomentAccumulator found, Reference expected, double tolerance) {
    double largest = Arrays.stream(expected.covariance).map(Math::abs).max().orElse(0);
    double largestMean = Arrays.stream(expected.mean).map(Math::abs).max().orElse(0);
    assertThat(found.mean())
        .containsExactly(expected.mean, within(tolerance * Math.max(1, largestMean)));
    assertThat(found.covariance())
        .containsExactly(expected.covariance, within(tolerance * largest));
    assertThat(found.meanNorm()).isCloseTo(expected.meanNorm, within(1e-12 * expected.meanNorm));
  }

  @ParameterizedTest
  @CsvSource({
    "2, 1, 0",
    "3, 5, 0",
    "50, 5, 0",
    "50, 5, 1e4",
    "2047, 3, 10",
    "2048, 3, 10",
    "2049, 3, 10",
    "5000, 4, 1e6"
  })
  void equalsTwoPasses(int n, int d, double mean) {
    double[][] rows = shifted(n, n, d, mean);
    // Centring loses mean / deviation of the digits in any order of summation.
    double tolerance = 1e-12 * Math.max(1, mean);
    try (MomentAccumulator moments = MomentAccumulator.create(d, RowNormalization.NONE)) {
      moments.add(RandomNumbers.flat(rows));
      assertThat(moments.count()).isEqualTo(n);
      compare(moments, Reference.of(rows, null, RowNormalization.NONE), tolerance);
    }
    double[] weights = weights(n, n);
    try (MomentAccumulator moments = MomentAccumulator.create(d, RowNormalization.NONE)) {
      moments.addWeighted(RandomNumbers.flat(rows), weights);
      assertThat(moments.count()).isEqualTo(n);
      compare(moments, Reference.of(rows, weights, RowNormalization.NONE), tolerance);
    }
  }

  @ParameterizedTest
  @EnumSource
  void normalisesRows(RowNormalization how) {
    double[][] rows = shifted(4, 60, 5, 2);
    double[] weights = weights(4, 60);
    try (MomentAccumulator uniform = MomentAccumulator.create(5, how);
        MomentAccumulator weighted = MomentAccumulator.create(5, how)) {
      uniform.add(RandomNumbers.flat(rows));
      weighted.addWeighted(RandomNumbers.flat(rows), weights);
      compare(uniform, Reference.of(rows, null, how), 1e-12);
      compare(weighted, Reference.of(rows, weights, how), 1e-12);
      assertThat(uniform.normalization()).isEqualTo(how);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void mergesAnyPartitionInAnyOrder(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = 20 + random.nextInt(3000);
    int d = 1 + random.nextInt(5);
    boolean weighted = random.nextBoolean();
    RowNormalization how = RowNormalization.values()[random.nextInt(3)];
    double[][] rows = shifted(seed, n, d, 3);
    double[] weights = weighted ? weights(seed, n) : null;

    List<MomentAccumulator> parts = new ArrayList<>();
    int from = 0;
    while (from < n) {
      int to = Math.min(n, from + random.nextInt(n / 3));
      MomentAccumulator part = MomentAccumulator.create(d, how);
      double[] block = RandomNumbers.flat(Arrays.copyOfRange(rows, from, to));
      if (weights == null) {
        part.add(block);
      } else {
        part.addWeighted(block, Arrays.copyOfRange(weights, from, to));
      }
      parts.add(part);
      from = to;
    }
    parts.add(MomentAccumulator.create(d, how));
    Collections.shuffle(parts, new Random(seed));
    while (parts.size() > 1) {
      int into = random.nextInt(parts.size());
      int which = (into + 1 + random.nextInt(parts.size() - 1)) % parts.size();
      MomentAccumulator merged = parts.get(which);
      parts.get(into).merge(merged);
      parts.remove(which);
      merged.close();
    }
    try (MomentAccumulator whole = parts.get(0)) {
      assertThat(whole.count()).isEqualTo(n);
      compare(whole, Reference.of(rows, weights, how), 1e-12);
    }
  }

  @Test
  void mergesPartsWithoutWeightOnEitherSide() {
    double[][] rows = shifted(5, 30, 3, 1);
    double[] weights = new double[30];
    Arrays.fill(weights, 10, 30, 2);
    weights[12] = 7;
    double[] flat = RandomNumbers.flat(rows);
    for (boolean zeroFirst : new boolean[] {true, false}) {
      try (MomentAccumulator zero = MomentAccumulator.create(3, RowNormalization.NONE);
          MomentAccumulator rest = MomentAccumulator.create(3, RowNormalization.NONE)) {
        zero.addWeighted(Arrays.copyOf(flat, 30), Arrays.copyOf(weights, 10));
        rest.addWeighted(Arrays.copyOfRange(flat, 30, 90), Arrays.copyOfRange(weights, 10, 30));
        MomentAccumulator merged = zeroFirst ? zero.merge(rest) : rest.merge(zero);
        compare(merged, Reference.of(rows, weights, RowNormalization.NONE), 1e-12);
      }
    }
  }

  @Test
  void doesNotDependOnTheUnitOfWeights() {
    double[][] rows = shifted(6, 40, 4, 1);
    double[] weights = weights(6, 40);
    double[] shares = Arrays.stream(weights).map(w -> w * 1e-7).toArray();
    try (MomentAccumulator a = MomentAccumulator.create(4, RowNormalization.NONE);
        MomentAccumulator b = MomentAccumulator.create(4, RowNormalization.NONE)) {
      a.addWeighted(RandomNumbers.flat(rows), weights);
      b.addWeighted(RandomNumbers.flat(rows), shares);
      assertThat(b.mean()).containsExactly(a.mean(), within(1e-12));
      assertThat(b.covariance()).containsExactly(a.covariance(), within(1e-12));
    }
  }

  @Test
  void rejectsBadRowsAndAddsNothingThen() {
    double[] good = RandomNumbers.gaussian(1, 30);
    double[] bad = RandomNumbers.gaussian(2, 12);
    bad[8] = Double.NaN;
    double[] zero = RandomNumbers.gaussian(2, 12);
    Arrays.fill(zero, 6, 9, 0);
    double[] huge = RandomNumbers.gaussian(2, 12);
    huge[0] = 1e200;
    try (MomentAccumulator moments = MomentAccumulator.create(3, RowNormalization.ROWS);
        MomentAccumulator expected = MomentAccumulator.create(3, RowNormalization.ROWS)) {
      moments.add(good);
      expected.add(good);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> moments.add(bad))
          .withMessage("row 12, column 2 must be finite, found NaN");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> moments.add(zero))
          .withMessage("row 12 must not be all zeros to be normalised to norm 1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> moments.add(huge))
          .withMessage("row 10 is too large: its squared norm overflows");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> moments.add(new double[4]))
          .withMessage("rows must hold a whole number of rows of 3 columns, found 4 numbers");
      assertThatIllegalStateException()
          .isThrownBy(() -> moments.addWeighted(good, new double[10]))
          .withMessageContaining("cannot be mixed");
      assertThat(moments.count()).isEqualTo(10);
      assertThat(moments.mean()).containsExactly(expected.mean());
      assertThat(moments.covariance()).containsExactly(expected.covariance());
      assertThat(moments.meanNorm()).isEqualTo(expected.meanNorm());
    }
  }

  @Test
  void rejectsBadWeightsAndAddsNothingThen() {
    double[] rows = RandomNumbers.gaussian(1, 9);
    try (MomentAccumulator moments = MomentAccumulator.create(3, RowNormalization.NONE)) {
      moments.addWeighted(rows, new double[] {1, 2, 3});
      double[] before = moments.covariance();
      for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> moments.addWeighted(rows, new double[] {1, bad, 1}))
            .withMessage("weight of row 4 must be finite and at least 0, found " + bad);
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> moments.addWeighted(rows, new double[2]))
          .withMessage("weights must hold one number per row (3), found 2");
      assertThatIllegalStateException().isThrownBy(() -> moments.add(rows));
      assertThat(moments.covariance()).containsExactly(before);
      assertThat(moments.count()).isEqualTo(3);
    }
  }

  @Test
  void rejectsWhatHasNoCovariance() {
    try (MomentAccumulator moments = MomentAccumulator.create(2, RowNormalization.NONE)) {
      assertThat(moments.meanNorm()).isZero();
      assertThatIllegalStateException()
          .isThrownBy(moments::covariance)
          .withMessage("a covariance needs at least 2 rows, found 0");
      moments.addWeighted(new double[] {1, 2, 3, 4}, new double[2]);
      assertThatIllegalStateException()
          .isThrownBy(moments::covariance)
          .withMessage("all weights are 0: a weighted mean needs at least one above 0");
    }
  }

  @Test
  void rejectsMergesThatDoNotFit() {
    try (MomentAccumulator moments = MomentAccumulator.create(2, RowNormalization.NONE);
        MomentAccumulator wider = MomentAccumulator.create(3, RowNormalization.NONE);
        MomentAccumulator unit = MomentAccumulator.create(2, RowNormalization.ROWS);
        MomentAccumulator weighted = MomentAccumulator.create(2, RowNormalization.NONE)) {
      moments.add(new double[] {1, 2, 3, 4});
      weighted.addWeighted(new double[] {1, 2}, new double[] {1});
      assertThatIllegalArgumentException().isThrownBy(() -> moments.merge(moments));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> moments.merge(wider))
          .withMessage("cannot merge 3 columns into 2 columns");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> moments.merge(unit))
          .withMessage("cannot merge rows normalised by ROWS into rows normalised by NONE");
      assertThatIllegalArgumentException().isThrownBy(() -> moments.merge(weighted));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> MomentAccumulator.create(0, RowNormalization.NONE));
    }
  }

  @Test
  void cannotBeUsedOnceClosed() {
    MomentAccumulator closed = MomentAccumulator.create(2, RowNormalization.NONE);
    closed.add(new double[] {1, 2, 3, 4});
    closed.close();
    closed.close();
    assertThatIllegalStateException().isThrownBy(() -> closed.add(new double[2]));
    assertThatIllegalStateException().isThrownBy(closed::covariance);
    try (MomentAccumulator open = MomentAccumulator.create(2, RowNormalization.NONE)) {
      assertThatIllegalStateException().isThrownBy(() -> open.merge(closed));
    }
  }
}
