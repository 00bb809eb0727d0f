package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A text that describes what a user looks for, as its language row. AlphaRec blends it with the
 * user's items, e_u' = (1 - a) e_u + a e_intent, before propagation.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>See: Sheng et al., "Language Representations Can be What Recommenders Need: Findings and
 * Potentials", ICLR 2025, on user intention.
 */
public final class Intention {
  private final double[] row;
  private final double weight;

  private Intention(double[] row, double weight) {
    this.row = row;
    this.weight = weight;
  }

  /**
   * An intention.
   *
   * @param row [d_l] the language row of the text, from the encoder of the items' rows; copied
   * @param weight a, from 0 for only the items to 1 for only the intention
   * @return the intention
   * @throws IllegalArgumentException if a number is not finite or the weight is outside [0, 1]
   */
  public static Intention of(double[] row, double weight) {
    checkArgument(
        weight >= 0 && weight <= 1, "weight of the intention must lie in [0, 1], found %s", weight);
    for (int j = 0; j < row.length; j++) {
      if (!Double.isFinite(row[j])) {
        throw new IllegalArgumentException(
            "number " + j + " of the intention must be finite, found " + row[j]);
      }
    }
    return new Intention(row.clone(), weight);
  }

  /**
   * The language row.
   *
   * @return [d_l], a copy
   */
  public double[] row() {
    return row.clone();
  }

  /**
   * The weight of the intention.
   *
   * @return a, in [0, 1]
   */
  public double weight() {
    return weight;
  }

  /**
   * A short description.
   *
   * @return width and weight
   */
  @Override
  public String toString() {
    return "Intention[" + row.length + " numbers, weight " + weight + "]";
  }

  /**
   * Whether another object is the same intention.
   *
   * @param other the object
   * @return true if it has the same row and weight
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Intention that && weight == that.weight && Arrays.equals(row, that.row);
  }

  /**
   * A hash code that fits {@link #equals(Object)}.
   *
   * @return the hash code
   */
  @Override
  public int hashCode() {
    return 31 * Double.hashCode(weight) + Arrays.hashCode(row);
  }
}
