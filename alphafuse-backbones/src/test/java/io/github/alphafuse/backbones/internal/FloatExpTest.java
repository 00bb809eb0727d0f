package io.github.alphafuse.backbones.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatExpTest {

  private static float[] apply(float... x) {
    float[] y = x.clone();
    new FloatExp(x.length).apply(y, x.length);
    return y;
  }

  @ParameterizedTest
  @ValueSource(doubles = {60, 10, 1, 0.35, 1e-3, 1e-6})
  void isCloseToTheExponential(double range) {
    int count = 20_001;
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) (-range * i / (count - 1));
    }
    float[] y = apply(x);
    double worst = 0;
    for (int i = 0; i < count; i++) {
      double exact = Math.exp(x[i]);
      worst = Math.max(worst, Math.abs(y[i] - exact) / exact);
    }
    assertThat(worst).isLessThan(5e-7);
  }

  /** Where the power of two changes. */
  @Test
  void isCloseToTheExponentialBesideItsSteps() {
    for (int k = 0; k < 86; k++) {
      float border = (float) (-(k + 0.5) * Math.log(2));
      for (float x : new float[] {Math.nextDown(border), border, Math.nextUp(border)}) {
        double exact = Math.exp(x);
        assertThat((double) apply(x)[0]).isCloseTo(exact, within(5e-7 * exact));
      }
    }
  }

  @Test
  void knowsItsEnds() {
    float[] y = apply(0, -0f, -60, -61, -88, -1e30f, 80, 100, 1e30f);
    assertThat(y[0]).isEqualTo(1);
    assertThat(y[1]).isEqualTo(1);
    assertThat((double) y[2]).isCloseTo(Math.exp(-60), within(1e-6 * Math.exp(-60)));
    for (int i = 3; i < 6; i++) {
      assertThat(y[i]).isZero();
    }
    assertThat((double) y[6]).isCloseTo(Math.exp(80), within(1e-5 * Math.exp(80)));
    for (int i = 7; i < y.length; i++) {
      assertThat(y[i]).isBetween(2e34f, 1e36f);
    }
  }

  @Test
  void doesNotHideNaN() {
    assertThat(apply(-1, Float.NaN, -2)).containsExactly(apply(-1)[0], Float.NaN, apply(-2)[0]);
  }

  @Test
  void leavesWhatIsBehindThePart() {
    float[] x = {-1, -2, -3, -4};
    new FloatExp(4).apply(x, 2);
    assertThat(x).containsExactly(apply(-1)[0], apply(-2)[0], -3, -4);
  }

  @Test
  void givesZeroForAllSmallNumbers() {
    float[] y = apply(-61, -70, -1e4f, -3e6f, -6e6f, -1e7f, -1e30f, -1e38f);
    assertThat(y).containsOnly(0f);
  }

  @Test
  void holdsAllLargeNumbersNearOne() {
    for (float y : apply(81, 1e4f, 3e6f, 6e6f, 1e7f, 1e30f, 1e38f)) {
      assertThat(y).isBetween(2e34f, 1e36f);
    }
  }

  @Test
  void scalesAndShifts() {
    float[] x = {1, 2};
    new FloatExp(2).apply(x, 2, 0.5f, 3);
    assertThat(x).containsExactly(apply(-2.5f)[0], apply(-2)[0]);
  }

  @Test
  void forgetsTheNumbersOfTheCallBefore() {
    FloatExp exponential = new FloatExp(8);
    float[] first = {-1, -2, -3, -4, -5, -6, -7, -8};
    exponential.apply(first, 8);
    float[] second = {-0.5f, -70};
    exponential.apply(second, 2);
    assertThat(second).containsExactly(apply(-0.5f)[0], apply(-70)[0]);
  }
}
