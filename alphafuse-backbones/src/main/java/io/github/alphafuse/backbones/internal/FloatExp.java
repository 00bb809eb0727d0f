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
 * Results below about e^-60 are zero: a softmax does not notice, and the denormal numbers that such
 * small ones lead to would slow what follows down many times. Results above about e^80 are held
 * there, far from overflow. Not thread-safe.
 */
public final class FloatExp {
  /** The power of two below those of results other than zero, and the largest. */
  private static final int ZERO_POWER = -88;

  private static final int MOST_POWER = 115;

  /** Below {@link #ZERO_POWER}: smaller numbers are rounded as it is. */
  private static final float LEAST_ROUNDED = -200;

  /** What is left of x is within ln 2 / 2, but where x is too large to be rounded. */
  private static final float MOST_LEFT = 0.35f;

  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding 1.5 2^23 rounds to an integer, which then stands in the low bits. */
  private static final float ROUNDING = 12582912f;

  private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);
  private static final int BIAS = 127;
  private static final int MANTISSA_BITS = 23;

  /** Exponents count from {@link #ZERO_POWER}, so that what lies below has the bits of 0. */
  private static final float EXPONENT_SCALE = (float) Math.scalb(1.0, BIAS + ZERO_POWER);

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
   * x = e^(scale x - shift), 0 below about e^-60 and at most about e^80.
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
   * x = e^x, 0 below about e^-60 and at most about e^80.
   *
   * @param x the numbers, overwritten
   * @param length how many
   */
  public void apply(float[] x, int length) {
    for (int i = 0; i < length; i++) {
      // (y + |y|) / 2 is max(y, 0), for which there is SIMD code. It costs the last digits of y,
      // which do not matter to k; r comes from x itself.
      float above = x[i] * LOG2_E - LEAST_ROUNDED;
      rounded[i] = (above + Math.abs(above)) * 0.5f + (LEAST_ROUNDED + ROUNDING);
    }
    floats.put(0, rounded, 0, length);
    ints.get(0, bits, 0, length);
    for (int i = 0; i < length; i++) {
      // y & ~(y >> 31) is max(y, 0).
      int above = bits[i] - ROUNDING_BITS - ZERO_POWER;
      int below = MOST_POWER - ZERO_POWER - (above & ~(above >> 31));
      bits[i] = (MOST_POWER - ZERO_POWER - (below & ~(below >> 31))) << MANTISSA_BITS;
    }
    ints.put(0, bits, 0, length);
    for (int i = 0; i < length; i++) {
      float k = rounded[i] - ROUNDING;
      float r = x[i] - k * LN2_HIGH - k * LN2_LOW;
      left[i] = (Math.abs(r + MOST_LEFT) - Math.abs(r - MOST_LEFT)) * 0.5f;
    }
    floats.get(0, rounded, 0, length);
    for (int i = 0; i < length; i++) {
      float r = left[i];
      float p = 1.3888889e-3f * r + 8.3333333e-3f;
      p = p * r + 4.1666667e-2f;
      p = p * r + 0.16666667f;
      p = p * r + 0.5f;
      x[i] = (p * r * r + r + 1) * (rounded[i] * EXPONENT_SCALE);
    }
  }
}
