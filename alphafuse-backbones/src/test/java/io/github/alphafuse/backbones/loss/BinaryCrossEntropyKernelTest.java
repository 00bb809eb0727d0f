package io.github.alphafuse.backbones.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel, which takes logarithms of products, against the formula term by term. */
class BinaryCrossEntropyKernelTest {
  private final BinaryCrossEntropyKernel kernel = new BinaryCrossEntropyKernel();

  /** log(1 + exp(x)) for any x. */
  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private void assertFollowsTheFormula(float[] scores) {
    int negatives = scores.length - 1;
    double expected = softplus(-scores[0]);
    for (int k = 1; k <= negatives; k++) {
      expected += softplus(scores[k]) / negatives;
    }
    float[] gradient = new float[scores.length];
    double loss = kernel.apply(scores, gradient);
    assertThat(loss).isCloseTo(expected, within(1e-12 * Math.max(1, expected)));
    double target = -1 / (1 + Math.exp(scores[0]));
    assertThat((double) gradient[0]).isCloseTo(target, within(1e-7 * -target));
    for (int k = 1; k <= negatives; k++) {
      double derivative = 1 / (1 + Math.exp(-scores[k])) / negatives;
      assertThat((double) gradient[k]).isCloseTo(derivative, within(1e-7 * derivative));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 5", "64, 0.01", "64, 1", "511, 1", "512, 0", "513, 3", "3000, 20"})
  void followsTheFormula(int negatives, float deviation) {
    SplittableRandom random = new SplittableRandom(negatives);
    for (int round = 0; round < 20; round++) {
      float[] scores = new float[1 + negatives];
      for (int k = 0; k < scores.length; k++) {
        scores[k] = (float) (deviation * random.nextGaussian());
      }
      assertFollowsTheFormula(scores);
    }
  }

  @ParameterizedTest
  @CsvSource({"80, -80", "-80, 80", "0, -0", "-0, 0", "30, 30", "-30, -30"})
  void followsTheFormulaFarOut(float target, float negative) {
    assertFollowsTheFormula(new float[] {target, negative, negative, -negative});
  }

  @Test
  void staysFiniteWhereScoresAreExtreme() {
    float[] scores = {-1e30f, 1e30f, -1e30f};
    float[] gradient = new float[3];
    assertThat(kernel.apply(scores, gradient)).isCloseTo(1.5e30, within(1e24));
    assertThat(gradient).containsExactly(-1, 0.5f, 0);
  }

  @Test
  void doesNotHideScoresThatAreNone() {
    float[] gradient = new float[3];
    assertThat(kernel.apply(new float[] {1, Float.NaN, 0}, gradient)).isNaN();
    assertThat(gradient[1]).isNaN();
  }
}
