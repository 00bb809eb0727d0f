package io.github.alphafuse.backbones.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * The exponential of arrays of numbers in float32, many times as fast as {@link Math#exp}: x = k ln
 * 2 + r with |r| at most ln 2 / 2, and a polynomial of degree 6 for e^r.
 *
 * <p>Each stage is a loop that the JIT makes SIMD code of; numbers change between bits and floats
 * by copies through a buffer, for which it has no such code. The relative error is below 3e-7.
 * Results are held between about e^-60 and e^80: a softmax does not notice the first, and the
 * denormal numbers that smaller ones lead to would slow what follows down many times; the second is
 * far from overflow. Not thread-safe.
 */
public final class FloatExp {
  /** The powers of two of e^-60 and e^80. */
  private static final float LEAST_POWER = -87;

  private static final float MOST_POWER = 115;

  /** What is left of x is within ln 2 / 2, but where the power was cut off. */
  private static final float MOST_LEFT = 0.35f;

  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding 1.5 2^23 rounds to an integer, which then stands in the low bits. */
  private static final float ROUNDING = 12582912f;

  private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);
  private static final int BIAS = 127;
  private static final int MANTISSA_BITS = 23;

  private final FloatBuffer floats;
  private final IntBuffer ints;
  private final float[] rounded;
  private final float[] left;
  private final int[] bits;

  /**
   * An exponential of up to so many numbers at once.
   *
   * @param length the length of the longest array
   */
  public FloatExp(int length) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(length * Float.BYTES).order(ByteOrder.nativeOrder());
    this.floats = bytes.asFloatBuffer();
    this.ints = bytes.asIntBuffer();
    this.rounded = new float[length];
    this.left = new float[length];
    this.bits = new int[length];
  }

  /**
   * The smallest result, about e^-60, which every number from there downwards gives.
   *
   * @return e^-60.65
   */
  public static float least() {
    float[] x = {-1000};
    new FloatExp(1).apply(x, 1);
    return x[0];
  }

  /**
   * x = e^(scale x - shift), within about e^-60 and e^80.
   *
   * @param x the numbers, overwritten
   * @param length how many
   * @param scale the factor
   * @param shift what is taken off
   */
  public void apply(float[] x, int length, float scale, float shift) {
    for (int i = 0; i < length; i++) {
      x[i] = x[i] * scale - shift;
    }
    apply(x, length);
  }

  /**
   * x = e^x, within about e^-60 and e^80.
   *
   * @param x the numbers, overwritten
   * @param length how many
   */
  public void apply(float[] x, int length) {
    for (int i = 0; i < length; i++) {
      // (y + |y|) / 2 is max(y, 0), for which there is SIMD code. It costs the last digits of y,
      // which do not matter to k; r comes from x itself.
      float above = x[i] * LOG2_E - LEAST_POWER;
      float below = MOST_POWER - LEAST_POWER - (above + Math.abs(above)) * 0.5f;
      rounded[i] = (MOST_POWER - (below + Math.abs(below)) * 0.5f) + ROUNDING;
    }
    floats.put(0, rounded, 0, length);
    ints.get(0, bits, 0, length);
    for (int i = 0; i < length; i++) {
      bits[i] = (bits[i] - ROUNDING_BITS + BIAS) << MANTISSA_BITS; // 2^k
    }
    for (int i = 0; i < length; i++) {
      float k = rounded[i] - ROUNDING;
      float r = x[i] - k * LN2_HIGH - k * LN2_LOW;
      float above = r + MOST_LEFT;
      float below = 2 * MOST_LEFT - (above + Math.abs(above)) * 0.5f;
      left[i] = MOST_LEFT - (below + Math.abs(below)) * 0.5f;
    }
    for (int i = 0; i < length; i++) {
      float r = left[i];
      float p = 1.3888889e-3f * r + 8.3333333e-3f;
      p = p * r + 4.1666667e-2f;
      p = p * r + 0.16666667f;
      p = p * r + 0.5f;
      left[i] = p * r * r + r + 1;
    }
    ints.put(0, bits, 0, length);
    floats.get(0, rounded, 0, length);
    for (int i = 0; i < length; i++) {
      x[i] = rounded[i] * left[i];
    }
  }
}
