package io.github.alphafuse.backbones.encoder;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.Tensor;
import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Inverted dropout as a factor: 0 with the dropout probability, else 1 / (1 - probability).
 *
 * <p>Masks are drawn on the host and fed to a graph: ND4J's dropout operations have no gradient and
 * drop at inference too. The probability is rounded to a multiple of 2^-16.
 */
public final class DropoutMask {
  private static final int STEPS = 1 << 16;

  private DropoutMask() {}

  /**
   * Draws a mask.
   *
   * @param shape the mask, overwritten; FLOAT or DOUBLE
   * @param probability the probability of 0, in [0, 1)
   * @param random where the numbers come from
   * @return the mask
   * @throws IllegalArgumentException if the probability is outside [0, 1)
   */
  public static Tensor fill(Tensor shape, double probability, RandomGenerator random) {
    checkArgument(
        probability >= 0 && probability < 1,
        "probability must lie in [0, 1), found %s",
        probability);
    int dropped = (int) Math.round(probability * STEPS);
    double kept = 1 / (1 - probability);
    int size = shape.size();
    if (shape.dataType() == DataType.FLOAT) {
      float[] mask = shape.floats();
      float factor = (float) kept;
      for (int i = 0; i < size; ) {
        long bits = random.nextLong();
        for (int part = 0; part < 4 && i < size; part++, i++) {
          mask[i] = (bits & 0xFFFF) < dropped ? 0 : factor;
          bits >>>= 16;
        }
      }
    } else {
      double[] mask = shape.doubles();
      for (int i = 0; i < size; ) {
        long bits = random.nextLong();
        for (int part = 0; part < 4 && i < size; part++, i++) {
          mask[i] = (bits & 0xFFFF) < dropped ? 0 : kept;
          bits >>>= 16;
        }
      }
    }
    return shape;
  }
}
