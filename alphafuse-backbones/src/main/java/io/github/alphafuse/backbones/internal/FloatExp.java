package io.github.alphafuse.backbones.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * A fast exponential of arrays of numbers in float32: x = k ln 2 + r with |r| at most ln 2 / 2, and
 * a polynomial of degree 5 for e^r.
 *
 * <p>Each stage is a loop that the JIT compiles to SIMD code. It does not do so for conversions
 * between bits and floats, so these are copies through a buffer. The relative error is below 3e-7.
 * Results below about e^-60 are zero. This does not change a softmax, and it avoids denormal
 * numbers, which would make later computations slow. Results are limited to about e^80, which is
 * far from overflow. Not thread-safe.
 */
public final class FloatExp {
  /** The power of two below those of results other than zero, and the largest. */
  private static final int ZERO_POWER = -88;

  private static final int MOST_POWER = 115;

  /** The bound of r: ln 2 / 2, unless x is too large to be rounded. */
  private static final float MOST_LEFT = 0.35f;

  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding 1.5 2^23 rounds to an integer, which is then in the low bits. */
  private static final float ROUNDING = 12582912f;

  private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);
  private static final int BIAS = 127;
  private static final int MANTISSA_BITS = 23;

  /** Exponents count from {@link #ZERO_POWER}, so that powers below it have the bits of 0. */
  private static final float EXPONENT_SCALE = (float) Math.scalb(1.0, BIAS + ZERO_POWER);

  // 1 + c1 r + ... + c5 r^5 times the scale, with the least maximal relative error, 1e-7, for |r|
  // up to 0.348.
  private static final float C0 = EXPONENT_SCALE;
  private static final float C1 = 0.9999997f * EXPONENT_SCALE;
  private static final float C2 = 0.49999136f * EXPONENT_SCALE;
  private static final float C3 = 0.16667652f * EXPONENT_SCALE;
  private static final float C4 = 0.04189981f * EXPONENT_SCALE;
  private static final float C5 = 0.008289967f * EXPONENT_SCALE;

  private final FloatBuffer floats;
  private final IntBuffer ints;
  private final float[] rounded;
  private final float[] left;
  private final int[] bits;

  /**
   * An exponential of arrays up to a length.
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
   * x = e^x, 0 below about e^-60 and at most about e^80.
   *
   * @param x the numbers, overwritten
   * @param length their number
   */
  public void apply(float[] x, int length) {
    for (int i = 0; i < length; i++) {
      // (y + |y|) / 2 is max(y, 0) in a form that the JIT compiles to SIMD code. It loses the last
      // digits of y. They do not matter to k, and r is computed from x itself.
      float above = x[i] * LOG2_E - ZERO_POWER;
      rounded[i] = (above + Math.abs(above)) * 0.5f + (ZERO_POWER + ROUNDING);
    }
    floats.put(0, rounded, 0, length);
    ints.get(0, bits, 0, length);
    for (int i = 0; i < length; i++) {
      // y & ~(y >> 31) is max(y, 0).
      int below = MOST_POWER + ROUNDING_BITS - bits[i];
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
      x[i] = (((((C5 * r + C4) * r + C3) * r + C2) * r + C1) * r + C0) * rounded[i];
    }
  }

  /**
   * x = e^(scale x - shift), 0 below about e^-60 and at most about e^80.
   *
   * @param x the numbers, overwritten
   * @param length their number
   * @param scale the factor
   * @param shift the number that is subtracted
   */
  public void apply(float[] x, int length, float scale, float shift) {
    for (int i = 0; i < length; i++) {
      x[i] = x[i] * scale - shift;
    }
    apply(x, length);
  }
}
