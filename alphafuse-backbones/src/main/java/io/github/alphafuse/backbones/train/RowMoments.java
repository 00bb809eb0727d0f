package io.github.alphafuse.backbones.train;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatVectors;

/**
 * Both moments of each row of a float32 table, side by side.
 *
 * <p>A step on some rows of a large table mostly waits for memory, and the number of separate
 * accesses matters more than the amount of data. Both moments are therefore stored next to each
 * other.
 *
 * <p>Legend: H rows of the table, w its width. Moments are stored in banks of rows, because two
 * moments of the largest table do not fit into one array. Threads may work on different rows at
 * once.
 */
final class RowMoments implements Moments {
  /**
   * The offset that aligns rows to cache lines: the numbers of an array start 16 bytes after the
   * array.
   */
  private static final int START = 12;

  private static final int MOST = 1 << 30;

  private final int height;
  private final int width;
  private final int shift; // a bank has 2^shift rows
  private final float[][] banks; // m and v of a row, then those of the next

  /** Zero moments of a table [H, w]. */
  RowMoments(int height, int width) {
    this(height, width, MOST);
  }

  /** Zero moments in banks of up to about a number of numbers. */
  RowMoments(int height, int width, int most) {
    this.height = height;
    this.width = width;
    int rows = Integer.highestOneBit(Math.max(1, most / Math.max(1, 2 * width)));
    this.shift = Integer.numberOfTrailingZeros(rows);
    this.banks = new float[(int) (((long) height + rows - 1) / rows)][];
    for (int bank = 0; bank < banks.length; bank++) {
      banks[bank] = new float[START + Math.min(rows, height - bank * rows) * 2 * width];
    }
  }

  /** Copies the moments of a row to m and v, from an index on. */
  void load(int row, float[][] moments, int at) {
    float[] bank = banks[row >>> shift];
    int start = start(row);
    System.arraycopy(bank, start, moments[0], at, width);
    System.arraycopy(bank, start + width, moments[1], at, width);
  }

  /** Copies the moments of a row from m and v, from an index on. */
  void store(int row, float[][] moments, int at) {
    float[] bank = banks[row >>> shift];
    int start = start(row);
    System.arraycopy(moments[0], at, bank, start, width);
    System.arraycopy(moments[1], at, bank, start + width, width);
  }

  private int start(int row) {
    return START + (row & (1 << shift) - 1) * 2 * width;
  }

  /** Reads a range of rows, as {@link FloatVectors#touch} does. */
  float touch(int[] rows, int from, int to) {
    float read = 0;
    int next = from;
    while (next < to) {
      int first = next;
      int bank = rows[first] >>> shift;
      while (next < to && rows[next] >>> shift == bank) {
        next++;
      }
      // The index of row 0 may underflow an int. The index of a row of the bank overflows back.
      int start = START - (bank << shift) * 2 * width;
      read += FloatVectors.touch(banks[bank], start, rows, first, next, 2 * width);
    }
    return read;
  }

  /** A copy [H, w]. */
  @Override
  public Tensor first() {
    return copy(0);
  }

  /** A copy [H, w]. */
  @Override
  public Tensor second() {
    return copy(width);
  }

  private Tensor copy(int column) {
    Tensor moments = Tensor.zeros(ElementType.FLOAT32, height, width);
    for (int row = 0; row < height; row++) {
      System.arraycopy(
          banks[row >>> shift], start(row) + column, moments.floats(), row * width, width);
    }
    return moments;
  }

  @Override
  public void setFirst(Tensor moments) {
    set(moments, 0);
  }

  @Override
  public void setSecond(Tensor moments) {
    set(moments, width);
  }

  private void set(Tensor moments, int column) {
    for (int row = 0; row < height; row++) {
      System.arraycopy(
          moments.floats(), row * width, banks[row >>> shift], start(row) + column, width);
    }
  }
}
