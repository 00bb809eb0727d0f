package io.github.alphafuse.backbones.internal.encoder;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Inverted dropout as factors: 0 with the dropout probability, else 1 / (1 - probability).
 *
 * <p>Each example of a batch draws from a stream of its own, in the order input, attention,
 * feed-forward network. Engines with the same seeds therefore get the same factors, whatever the
 * order of examples and the number of threads. Factors are drawn on the host, because ND4J's
 * dropout operations have no gradient and also drop at inference. The probability is rounded to a
 * multiple of 2^-16.
 */
final class EncoderDropout {
  private static final int STEPS = 1 << 16;

  private final int dropped;
  private final double kept;
  // Looked up by a sign, because a branch on a random factor would often be mispredicted.
  private final float[] factors;

  /**
   * Dropout.
   *
   * @param probability the probability of 0, in [0, 1)
   * @throws IllegalArgumentException if outside
   */
  EncoderDropout(double probability) {
    checkArgument(
        probability >= 0 && probability < 1,
        "probability must lie in [0, 1), found %s",
        probability);
    this.dropped = (int) Math.min(STEPS - 1, Math.round(probability * STEPS));
    this.kept = 1 / (1 - probability);
    this.factors = new float[] {(float) kept, 0};
  }

  /** One seed per example of a batch. */
  static long[] seeds(int examples, RandomGenerator random) {
    long[] seeds = new long[examples];
    for (int b = 0; b < examples; b++) {
      seeds[b] = random.nextLong();
    }
    return seeds;
  }

  /** The stream of one example. */
  Stream of(long seed) {
    return new Stream(new SplittableRandom(seed));
  }

  /** The factors of one example, in the order of the calls. Not thread-safe. */
  final class Stream {
    private final SplittableRandom random;

    private Stream(SplittableRandom random) {
      this.random = random;
    }

    void fill(float[] mask, int at, int count) {
      int end = at + count;
      int i = at;
      for (; i + 3 < end; i += 4) {
        long bits = random.nextLong();
        mask[i] = factor(bits);
        mask[i + 1] = factor(bits >>> 16);
        mask[i + 2] = factor(bits >>> 32);
        mask[i + 3] = factor(bits >>> 48);
      }
      if (i < end) {
        for (long bits = random.nextLong(); i < end; i++) {
          mask[i] = factor(bits);
          bits >>>= 16;
        }
      }
    }

    private float factor(long bits) {
      return factors[((int) (bits & 0xFFFF) - dropped) >>> 31];
    }

    void fill(Tensor mask, int at, int count) {
      if (mask.elementType() == ElementType.FLOAT32) {
        fill(mask.floats(), at, count);
        return;
      }
      double[] factors = mask.doubles();
      for (int i = at; i < at + count; ) {
        long bits = random.nextLong();
        for (int part = 0; part < 4 && i < at + count; part++, i++) {
          factors[i] = (bits & 0xFFFF) < dropped ? 0 : kept;
          bits >>>= 16;
        }
      }
    }
  }
}
