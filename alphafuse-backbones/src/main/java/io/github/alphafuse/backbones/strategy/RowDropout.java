package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.strategy.Vectors.Piece;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Inverted dropout of rows: a number becomes 0 with the dropout probability, else it is divided by
 * the probability of being kept.
 *
 * <p>What is dropped from a row follows from a seed alone, so the backward pass draws it again
 * instead of keeping it. The probability is rounded to a multiple of 2^-16. Immutable and
 * thread-safe.
 */
final class RowDropout {
  private static final int STEPS = 1 << 16;
  private static final int MASK = STEPS - 1;

  private final double probability;
  private final int dropped;
  private final double kept;

  RowDropout(double probability) {
    checkArgument(
        probability >= 0 && probability < 1, "dropout must lie in [0, 1), found %s", probability);
    this.probability = probability;
    this.dropped = (int) Math.min(STEPS - 1, Math.round(probability * STEPS));
    this.kept = 1 / (1 - probability);
  }

  double probability() {
    return probability;
  }

  /** y = x with some numbers dropped. */
  void apply(long seed, Piece x, Piece y, int length) {
    SplittableRandom random = new SplittableRandom(seed);
    if (x.tensor().dataType() == DataType.FLOAT) {
      floats(random, x, y, length);
    } else {
      doubles(random, x, y, length);
    }
  }

  private void floats(SplittableRandom random, Piece x, Piece y, int length) {
    float[] source = x.tensor().floats();
    float[] target = y.tensor().floats();
    // A look-up costs less than a jump that nobody can predict.
    float[] factor = {0, (float) kept};
    int i = 0;
    for (; i + 3 < length; i += 4) {
      long bits = random.nextLong();
      int from = x.at() + i;
      int to = y.at() + i;
      target[to] = source[from] * factor[keep(bits)];
      target[to + 1] = source[from + 1] * factor[keep(bits >>> 16)];
      target[to + 2] = source[from + 2] * factor[keep(bits >>> 32)];
      target[to + 3] = source[from + 3] * factor[keep(bits >>> 48)];
    }
    long bits = random.nextLong();
    for (; i < length; i++, bits >>>= 16) {
      target[y.at() + i] = source[x.at() + i] * factor[keep(bits)];
    }
  }

  /** 1 where the last 16 bits say to keep a number, else 0. */
  private int keep(long bits) {
    return (dropped - 1 - (int) (bits & MASK)) >>> 31;
  }

  private void doubles(SplittableRandom random, Piece x, Piece y, int length) {
    double[] source = x.tensor().doubles();
    double[] target = y.tensor().doubles();
    for (int i = 0; i < length; ) {
      long bits = random.nextLong();
      for (int part = 0; part < 4 && i < length; part++, i++, bits >>>= 16) {
        target[y.at() + i] = keep(bits) == 1 ? source[x.at() + i] * kept : 0;
      }
    }
  }
}
