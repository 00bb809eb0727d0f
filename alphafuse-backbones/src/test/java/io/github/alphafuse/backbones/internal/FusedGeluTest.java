package io.github.alphafuse.backbones.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FusedGeluTest {

  /** The integral of the normal density up to x, by Simpson's rule from 0. */
  private static double phi(double x) {
    int steps = 2_000;
    double width = x / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double t = i * width;
      double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * Math.exp(-t * t / 2);
    }
    return 0.5 + sum * width / 3 / Math.sqrt(2 * Math.PI);
  }

  private static double gelu(double x) {
    return x * phi(x);
  }

  private static float[] inputs() {
    // More than one block of the implementation.
    float[] x = new float[2_600];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (i < 1300 ? 3 * random.nextGaussian() : -13 + i * 0.01);
    }
    x[0] = 0;
    x[1] = -0f;
    x[2] = 1e-20f;
    x[3] = -1e-20f;
    return x;
  }

  @Test
  void isTheExactFunction() {
    float[] x = inputs();
    float[] y = x.clone();
    new FusedGelu(x.length).forward(y, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      assertThat((double) y[i])
          .as("gelu(%s)", x[i])
          .isCloseTo(gelu(x[i]), within(1e-6 * Math.max(1, Math.abs(x[i]))));
    }
  }

  @Test
  void hasTheDerivativeOfItsValue() {
    float[] x = inputs();
    float[] y = x.clone();
    FusedGelu function = new FusedGelu(x.length);
    function.forward(y, 0, x.length);
    float[] gradient = new float[x.length];
    Arrays.fill(gradient, 2);
    function.backward(gradient, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      double step = 1e-4;
      double expected = (gelu(x[i] + step) - gelu(x[i] - step)) / (2 * step);
      assertThat(gradient[i] / 2.0).as("gelu'(%s)", x[i]).isCloseTo(expected, within(1e-6));
    }
  }

  @Test
  void isTheIdentityFarAboveAndZeroFarBelow() {
    float[] x = {20, 1e4f, 1e10f, -20, -1e4f, -1e10f};
    FusedGelu function = new FusedGelu(x.length);
    function.forward(x, 0, x.length);
    assertThat(x).containsExactly(new float[] {20, 1e4f, 1e10f, 0, 0, 0}, within(1e-12f));
    float[] gradient = {1, 1, 1, 1, 1, 1};
    function.backward(gradient, 0, x.length);
    assertThat(gradient).containsExactly(new float[] {1, 1, 1, 0, 0, 0}, within(1e-12f));
  }

  @Test
  void touchesOnlyThePartItIsAskedFor() {
    float[] x = inputs();
    FusedGelu whole = new FusedGelu(x.length);
    float[] expected = x.clone();
    whole.forward(expected, 0, x.length);
    FusedGelu function = new FusedGelu(x.length);
    float[] found = x.clone();
    function.forward(found, 100, 1500);
    for (int i = 0; i < x.length; i++) {
      assertThat(found[i]).isEqualTo(i >= 100 && i < 1500 ? expected[i] : x[i]);
    }
    float[] all = new float[x.length];
    Arrays.fill(all, 1);
    float[] part = all.clone();
    whole.backward(all, 0, x.length);
    function.backward(part, 100, 1500);
    for (int i = 0; i < x.length; i++) {
      assertThat(part[i]).isEqualTo(i >= 100 && i < 1500 ? all[i] : 1);
    }
  }
}
