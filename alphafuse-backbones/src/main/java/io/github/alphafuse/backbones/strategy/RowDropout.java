package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.rows.Rows;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Inverted dropout of rows: a number becomes 0 with the dropout probability, otherwise it is
 * divided by the probability of being kept.
 *
 * <p>The dropped numbers of a row depend only on a seed, so the backward pass draws them again
 * instead of storing them. They come from a hashed counter, because the state of a generator would
 * make each number wait for the one before, and loops could not become SIMD code. The probability
 * is rounded to a multiple of 2^-16. Not thread-safe.
 */
final class RowDropout {
  private static final int STEPS = 1 << 16;
  private static final int STRIDE = 0x9E3779B9;

  private final int length;
  private final int dropped;
  private final double kept;
  private final int[] places;
  private final int[] firstHalf;
  private final int[] secondHalf;
  private final float[] factors;
  private final Tensor row;
  private final IntBuffer asInts;
  private final FloatBuffer asFloats;

  /** Dropout of rows of some type and length. */
  RowDropout(double probability, ElementType type, int length) {
    checkArgument(
        probability >= 0 && probability < 1, "dropout must lie in [0, 1), found %s", probability);
    this.length = length;
    this.dropped = (int) Math.min(STEPS - 1, Math.round(probability * STEPS));
    this.kept = 1 / (1 - probability);
    this.places = new int[(length + 1) / 2];
    for (int i = 0; i < places.length; i++) {
      places[i] = i * STRIDE;
    }
    this.firstHalf = new int[places.length];
    this.secondHalf = new int[places.length];
    this.factors = new float[length];
    this.row = Tensor.zeros(type, length);
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(length * Float.BYTES).order(ByteOrder.nativeOrder());
    this.asInts = bytes.asIntBuffer();
    this.asFloats = bytes.asFloatBuffer();
  }

  /** target[to] = source[from] with some numbers dropped. */
  void apply(long seed, Rows source, int from, Rows target, int to) {
    Rows own = Rows.of(row);
    own.copy(0, source, from);
    if (row.elementType() == ElementType.FLOAT32) {
      draw(seed, Float.floatToRawIntBits((float) kept));
      asInts.put(0, firstHalf, 0, places.length);
      asInts.put(places.length, secondHalf, 0, length - places.length);
      asFloats.get(0, factors, 0, length);
      float[] values = row.floats();
      for (int i = 0; i < length; i++) {
        values[i] *= factors[i];
      }
    } else {
      draw(seed, 1);
      double[] values = row.doubles();
      for (int i = 0; i < length; i++) {
        int bit = i < places.length ? firstHalf[i] : secondHalf[i - places.length];
        values[i] = bit == 1 ? kept * values[i] : 0;
      }
    }
    target.copy(to, own, 0);
  }

  /**
   * Sets the bits of the kept numbers to given bits and those of the others to 0. Each half of a
   * hash decides on one number.
   */
  private void draw(long seed, int ones) {
    int first = (int) seed;
    int second = (int) (seed >>> Integer.SIZE);
    int last = dropped - 1;
    for (int i = 0; i < places.length; i++) {
      int hash = places[i] + first;
      hash = (hash ^ (hash >>> 16)) * 0x85EBCA6B + second;
      hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
      hash = (hash ^ (hash >>> 15)) * 0x2C1B3C6D;
      hash ^= hash >>> 16;
      firstHalf[i] = ((last - (hash >>> 16)) >> 31) & ones;
      secondHalf[i] = ((last - (hash & 0xFFFF)) >> 31) & ones;
    }
  }
}
