package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.stream.IntStream;

/**
 * A few sums over the numbers of a tensor under random signs, and its length, by which the tensor
 * is recognised up to rounding.
 *
 * <p>A digest would also tell apart start values that another processor computed from the same
 * text, whose last bits differ.
 */
final class Fingerprint {
  private static final int SUMS = 8;

  /** The most numbers of item rows that are held at once, unless a row has more. */
  private static final int BLOCK = 1 << 16;

  /** Far above the rounding of float32 sums, far below the difference of other start values. */
  private static final double TOLERANCE = 1e-4;

  /** The sums, then the Euclidean length. */
  private final double[] values;

  private Fingerprint(double[] values) {
    this.values = values;
  }

  static Fingerprint of(Tensor tensor) {
    Sums sums = new Sums();
    sums.add(tensor, tensor.size());
    return sums.fingerprint();
  }

  /** The fingerprint of the rows of all items [N, d], a block of which is held at a time. */
  static Fingerprint ofRows(ItemEmbedding items) {
    int count = items.itemCount();
    int most = Math.max(1, Math.min(count, BLOCK / items.dim()));
    Tensor block = Tensor.zeros(items.elementType(), most, items.dim());
    Sums sums = new Sums();
    for (int from = 0; from < count; from += most) {
      int rows = Math.min(most, count - from);
      items.gather(IntStream.range(from, from + rows).toArray(), block);
      sums.add(block, rows * items.dim());
    }
    return sums.fingerprint();
  }

  /** The sums over numbers that come one after another. */
  private static final class Sums {
    private final double[] values = new double[SUMS + 1];
    private double squares;
    private long count;

    /** Adds the first numbers of a tensor. */
    void add(Tensor tensor, int size) {
      for (int i = 0; i < size; i++) {
        double value = tensor.get(i);
        squares += value * value;
        long bits = ++count * 0x9E3779B97F4A7C15L;
        bits = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        bits ^= bits >>> 27;
        for (int k = 0; k < SUMS; k++) {
          values[k] += (bits >>> (40 + k) & 1) == 0 ? value : -value;
        }
      }
    }

    Fingerprint fingerprint() {
      values[SUMS] = Math.sqrt(squares);
      return new Fingerprint(values);
    }
  }

  /** The fingerprint of the numbers that {@link #toTensor} returned. */
  static Fingerprint ofNumbers(Tensor numbers) {
    checkArgument(
        numbers.elementType() == ElementType.FLOAT64 && numbers.size() == SUMS + 1,
        "a fingerprint must have %s float64 numbers, found %s",
        SUMS + 1,
        numbers);
    return new Fingerprint(numbers.doubles().clone());
  }

  /** [SUMS + 1] float64. */
  Tensor toTensor() {
    Tensor numbers = Tensor.zeros(ElementType.FLOAT64, values.length);
    for (int k = 0; k < values.length; k++) {
      numbers.set(k, values[k]);
    }
    return numbers;
  }

  /** Whether the tensors are the same up to rounding. */
  boolean matches(Fingerprint other) {
    double allowed = TOLERANCE * Math.max(values[SUMS], other.values[SUMS]);
    for (int k = 0; k < values.length; k++) {
      if (!(Math.abs(values[k] - other.values[k]) <= allowed)) {
        return false;
      }
    }
    return true;
  }
}
