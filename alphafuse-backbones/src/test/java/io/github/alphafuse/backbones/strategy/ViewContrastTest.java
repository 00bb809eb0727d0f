package io.github.alphafuse.backbones.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.fixture.EngineCases;
import io.github.alphafuse.backbones.strategy.ViewContrast.Items;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loss against its definition, its gradient against finite differences of it. */
class ViewContrastTest {

  /** The definition, position by position. */
  private static double define(Items items) {
    int[] counts = items.counts();
    int d = items.rows().shape(1) / 2;
    int[] positions = new int[Arrays.stream(counts).sum()];
    int p = 0;
    for (int item = 0; item < counts.length; item++) {
      for (int i = 0; i < counts[item]; i++) {
        positions[p++] = item;
      }
    }
    double[][] g = new double[p][p];
    double[][] target = new double[p][p];
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        for (int c = 0; c < d; c++) {
          double x = items.rows().get(positions[i] * 2 * d + c);
          double y = items.rows().get(positions[i] * 2 * d + d + c);
          double otherX = items.rows().get(positions[j] * 2 * d + c);
          double otherY = items.rows().get(positions[j] * 2 * d + d + c);
          g[i][j] += x * otherY;
          target[i][j] += (x * otherX + y * otherY) / 2;
        }
      }
    }
    for (double[] row : target) {
      double of = logSumExp(row);
      for (int j = 0; j < p; j++) {
        row[j] = Math.exp(row[j] - of);
      }
    }
    return (crossEntropy(g, target) + crossEntropy(transpose(g), transpose(target))) / 2;
  }

  private static double crossEntropy(double[][] logits, double[][] targets) {
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      double of = logSumExp(logits[i]);
      for (int j = 0; j < logits.length; j++) {
        sum -= targets[i][j] * (logits[i][j] - of);
      }
    }
    return sum / logits.length;
  }

  private static double[][] transpose(double[][] x) {
    double[][] y = new double[x.length][x.length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[j][i] = x[i][j];
      }
    }
    return y;
  }

  private static double logSumExp(double[] row) {
    double largest = Arrays.stream(row).max().orElseThrow();
    return largest + Math.log(Arrays.stream(row).map(value -> Math.exp(value - largest)).sum());
  }

  private static Items items(ElementType type, int[] sizes, double scale) {
    Tensor rows = RandomNumbers.tensor(type, 4, sizes[0], 2 * sizes[1]);
    for (int i = 0; i < rows.size(); i++) {
      rows.set(i, scale * rows.get(i));
    }
    return new Items(rows, new SplittableRandom(6).ints(sizes[0], 1, 4).toArray());
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 1", "7, 4, 0.5", "12, 6, 1", "9, 3, 4"})
  void isTheDefinitionAndItsGradient(int count, int dim, double scale) {
    Items items = items(ElementType.FLOAT64, new int[] {count, dim}, scale);
    Tensor gradient = Tensor.zeros(ElementType.FLOAT64, count, 2 * dim);
    gradient.fill(7);
    try (ViewContrast contrast = ViewContrast.of(ElementType.FLOAT64)) {
      double expected = define(items);
      double loss = contrast.apply(items, 1, gradient);
      assertThat(loss).isCloseTo(expected, within(1e-11 * Math.max(1, expected)));
      Tensor weighted = gradient.copy();
      assertThat(contrast.apply(items, 0.1, weighted))
          .isCloseTo(0.1 * expected, within(1e-11 * Math.max(1, expected)));
      double step = 1e-6 / scale;
      for (int i = 0; i < gradient.size(); i++) {
        double start = items.rows().get(i);
        items.rows().set(i, start + step);
        double up = define(items);
        items.rows().set(i, start - step);
        double down = define(items);
        items.rows().set(i, start);
        double difference = (up - down) / (2 * step);
        assertThat(gradient.get(i))
            .isCloseTo(difference, within(1e-6 * Math.max(1, Math.abs(difference))));
        assertThat(weighted.get(i)).isCloseTo(0.1 * gradient.get(i), within(1e-12 * scale));
      }
    }
  }

  /** Sizes on both sides of what is worth a second thread, with buffers used again. */
  @Test
  void fusedAgreesWithFloat64() {
    try (ViewContrast fused = new FusedViewContrast();
        ViewContrast dense = new DenseViewContrast()) {
      for (int[] sizes :
          new int[][] {{40, 8}, {1, 8}, {150, 8}, {67, 8}, {30, 4}, {2, 16}, {200, 64}}) {
        for (double scale : new double[] {0.05, 1, 3}) {
          Items items = items(ElementType.FLOAT32, sizes, scale);
          Tensor found = Tensor.zeros(ElementType.FLOAT32, sizes[0], 2 * sizes[1]);
          Tensor expected = Tensor.zeros(ElementType.FLOAT64, sizes[0], 2 * sizes[1]);
          double loss = fused.apply(items, 0.1, found);
          double expectedLoss = dense.apply(items, 0.1, expected);
          assertThat(loss).isCloseTo(expectedLoss, within(2e-5 * Math.max(1, expectedLoss)));
          // One item alone has no gradient: both sides are rounding.
          if (sizes[0] > 1) {
            // An exponential is off by as much as its logit: one part in 10^7 of lengths squared.
            double rounding = 1e-7 * scale * scale * sizes[1];
            assertThat(EngineCases.error(found, expected))
                .as("%s items, scale %s", sizes[0], scale)
                .isLessThan(Math.max(2e-5, rounding));
          }
        }
      }
    }
  }
}
