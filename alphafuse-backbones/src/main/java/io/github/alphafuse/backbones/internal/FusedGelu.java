package io.github.alphafuse.backbones.internal;

/**
 * The exact GELU, x Phi(x), and its derivative, for the fused engine.
 *
 * <pre>
 * Phi(|x|) = 1 - q / 2,  q = (a1 t + .. + a5 t^5) exp(-x^2 / 2),  t = 1 / (1 + p |x| / sqrt 2)
 * gelu'(x) = Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi)
 * </pre>
 *
 * <p>The error of Phi is below 2e-7. Calls for parts that do not overlap are thread-safe.
 *
 * <p>See: Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.26.
 */
public final class FusedGelu {
  private static final int BLOCK = 1024;
  private static final float P = 0.3275911f;
  private static final float A1 = 0.254829592f;
  private static final float A2 = -0.284496736f;
  private static final float A3 = 1.421413741f;
  private static final float A4 = -1.453152027f;
  private static final float A5 = 1.061405429f;
  private static final float ROOT_HALF = (float) Math.sqrt(0.5);
  private static final float DENSITY = (float) (1 / Math.sqrt(2 * Math.PI));

  private final float[] derivative;

  /**
   * The function of arrays up to a length.
   *
   * @param length the largest length
   */
  public FusedGelu(int length) {
    this.derivative = new float[length];
  }

  /**
   * Replaces numbers by their GELU.
   *
   * @param x the numbers
   * @param from the first
   * @param to the one past the last
   */
  public void forward(float[] x, int from, int to) {
    FloatExp exponential = new FloatExp(BLOCK);
    float[] value = new float[BLOCK];
    float[] bell = new float[BLOCK];
    float[] below = new float[BLOCK];
    for (int first = from; first < to; first += BLOCK) {
      int count = Math.min(BLOCK, to - first);
      System.arraycopy(x, first, value, 0, count);
      for (int i = 0; i < count; i++) {
        bell[i] = -0.5f * value[i] * value[i];
      }
      exponential.apply(bell, count);
      for (int i = 0; i < count; i++) {
        float t = 1 / (1 + P * ROOT_HALF * Math.abs(value[i]));
        below[i] = 0.5f * ((((A5 * t + A4) * t + A3) * t + A2) * t + A1) * t * bell[i]; // Phi(-|x|)
      }
      for (int i = 0; i < count; i++) {
        float phi = value[i] < 0 ? below[i] : 1 - below[i];
        x[first + i] = value[i] * phi;
        derivative[first + i] = phi + value[i] * bell[i] * DENSITY;
      }
    }
  }

  /**
   * Multiplies the gradient of the results by the derivative.
   *
   * @param gradient the gradient, overwritten by that of the numbers
   * @param from the first
   * @param to the one past the last
   */
  public void backward(float[] gradient, int from, int to) {
    for (int i = from; i < to; i++) {
      gradient[i] *= derivative[i];
    }
  }
}
