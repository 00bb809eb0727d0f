package io.github.alphafuse.backbones.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FusedNormTest {
  private static final int ROWS = 6;

  private static float[] numbers(long seed, int count) {
    return RandomNumbers.tensor(ElementType.FLOAT32, seed, count).floats();
  }

  /** The definition of one row in float64. */
  private static double[] norm(double[] x, double[] gain, double[] bias) {
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    double[] y = new double[x.length];
    Arrays.setAll(y, j -> gain[j] * (x[j] - mean) / Math.sqrt(variance + 1e-5) + bias[j]);
    return y;
  }

  private static double[] row(float[] x, int row, int dim) {
    double[] values = new double[dim];
    Arrays.setAll(values, j -> x[row * dim + j]);
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 16, 33})
  void normalisesRows(int dim) {
    float[] gain = numbers(1, dim);
    float[] bias = numbers(2, dim);
    float[] x = numbers(3, ROWS * dim);
    float[] kept = x.clone();
    float[] y = new float[ROWS * dim];
    Arrays.fill(y, 77);
    FusedNorm norm = new FusedNorm(ROWS, gain, bias);
    norm.forward(x, y, 1, ROWS);
    assertThat(x).isEqualTo(kept);
    for (int j = 0; j < dim; j++) {
      assertThat(y[j]).isEqualTo(77);
    }
    for (int b = 1; b < ROWS; b++) {
      double[] expected = norm(row(x, b, dim), row(gain, 0, dim), row(bias, 0, dim));
      for (int j = 0; j < dim; j++) {
        assertThat((double) y[b * dim + j]).isCloseTo(expected[j], within(1e-5));
      }
    }
    float[] inPlace = x.clone();
    norm.forward(inPlace, inPlace, 1, ROWS);
    assertThat(Arrays.copyOfRange(inPlace, dim, ROWS * dim))
        .isEqualTo(Arrays.copyOfRange(y, dim, ROWS * dim));
  }

  @Test
  void staysExactFarFromZero() {
    int dim = 16;
    float[] ones = new float[dim];
    Arrays.fill(ones, 1);
    float[] x = new float[dim];
    for (int j = 0; j < dim; j++) {
      x[j] = 4096 + j;
    }
    float[] y = new float[dim];
    new FusedNorm(1, ones, new float[dim]).forward(x, y, 0, 1);
    double[] expected = norm(row(x, 0, dim), row(ones, 0, dim), new double[dim]);
    for (int j = 0; j < dim; j++) {
      assertThat((double) y[j]).isCloseTo(expected[j], within(1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 7, 16, 33})
  void goesBackAsFiniteDifferencesDo(int dim) {
    float[] gain = numbers(1, dim);
    float[] bias = numbers(2, dim);
    float[] x = numbers(3, ROWS * dim);
    float[] dy = numbers(4, ROWS * dim);
    FusedNorm norm = new FusedNorm(ROWS, gain, bias);
    norm.forward(x, new float[ROWS * dim], 0, ROWS);
    float[] dx = new float[ROWS * dim];
    // Parts that different threads may take.
    norm.backward(dy, dx, 0, 2);
    norm.backward(dy, dx, 2, ROWS);
    double step = 1e-5;
    for (int b = 0; b < ROWS; b++) {
      for (int j = 0; j < dim; j++) {
        double[] above = row(x, b, dim);
        double[] below = row(x, b, dim);
        above[j] += step;
        below[j] -= step;
        double expected =
            (along(dy, b, norm(above, row(gain, 0, dim), row(bias, 0, dim)))
                    - along(dy, b, norm(below, row(gain, 0, dim), row(bias, 0, dim))))
                / (2 * step);
        assertThat((double) dx[b * dim + j])
            .isCloseTo(expected, within(2e-4 * Math.max(1, Math.abs(expected))));
      }
    }
    float[] inPlace = dy.clone();
    norm.backward(inPlace, inPlace, 0, ROWS);
    assertThat(inPlace).isEqualTo(dx);
  }

  private static double along(float[] dy, int row, double[] y) {
    double sum = 0;
    for (int j = 0; j < y.length; j++) {
      sum += dy[row * y.length + j] * y[j];
    }
    return sum;
  }

  @Test
  void sumsTheGradientsOfGainAndBiasOverTheFirstRows() {
    int dim = 9;
    float[] ones = new float[dim];
    Arrays.fill(ones, 1);
    float[] x = numbers(3, ROWS * dim);
    float[] dy = numbers(4, ROWS * dim);
    FusedNorm norm = new FusedNorm(ROWS, ones, new float[dim]);
    float[] unit = new float[ROWS * dim];
    norm.forward(x, unit, 0, ROWS);
    float[] upstream = dy.clone();
    norm.backward(upstream, upstream, 0, ROWS);
    for (int rows : new int[] {ROWS, 4, 1}) {
      float[] ofGain = new float[dim];
      float[] ofBias = new float[dim];
      Arrays.fill(ofGain, 5);
      Arrays.fill(ofBias, 5);
      norm.gradients(rows, ofGain, ofBias);
      for (int j = 0; j < dim; j++) {
        double gain = 0;
        double bias = 0;
        for (int b = 0; b < rows; b++) {
          gain += dy[b * dim + j] * unit[b * dim + j];
          bias += dy[b * dim + j];
        }
        assertThat((double) ofGain[j]).isCloseTo(gain, within(1e-5));
        assertThat((double) ofBias[j]).isCloseTo(bias, within(1e-5));
      }
    }
  }
}
