package io.github.alphafuse.core.internal;

/**
 * Loops over float32 vectors.
 *
 * <p>Sums are taken in eight parts, because each addition to a single sum would wait for the one
 * before. The JIT compiles a loop over several arrays to SIMD code only if it reads all of them at
 * the same index. Hot loops therefore work on whole arrays, from index 0, and rows of a larger
 * array are copied in and out. Thread-safe.
 */
public final class FloatVectors {
  /** Numbers in a cache line. */
  static final int LINE = 16;

  /** Rows are read as one stream if that reads up to this many times their size. */
  private static final int STREAMED = 3;

  /** The last index that is read ahead, so that the index a few lines on is still an int. */
  private static final int MOST_READ = Integer.MAX_VALUE - 8 * LINE;

  private FloatVectors() {}

  /**
   * The inner product of two vectors.
   *
   * @param x holds the first
   * @param xAt where it starts
   * @param y holds the second
   * @param yAt where it starts
   * @param length their length
   * @return sum of x_i y_i
   */
  public static float dot(float[] x, int xAt, float[] y, int yAt, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i + 7 < length; i += 8) {
      s0 += x[xAt + i] * y[yAt + i];
      s1 += x[xAt + i + 1] * y[yAt + i + 1];
      s2 += x[xAt + i + 2] * y[yAt + i + 2];
      s3 += x[xAt + i + 3] * y[yAt + i + 3];
      s4 += x[xAt + i + 4] * y[yAt + i + 4];
      s5 += x[xAt + i + 5] * y[yAt + i + 5];
      s6 += x[xAt + i + 6] * y[yAt + i + 6];
      s7 += x[xAt + i + 7] * y[yAt + i + 7];
    }
    for (; i < length; i++) {
      s0 += x[xAt + i] * y[yAt + i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }

  /**
   * The sum of a vector.
   *
   * @param x holds it
   * @param at where it starts
   * @param length its length
   * @return sum of x_i
   */
  public static float sum(float[] x, int at, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i + 7 < length; i += 8) {
      s0 += x[at + i];
      s1 += x[at + i + 1];
      s2 += x[at + i + 2];
      s3 += x[at + i + 3];
      s4 += x[at + i + 4];
      s5 += x[at + i + 5];
      s6 += x[at + i + 6];
      s7 += x[at + i + 7];
    }
    for (; i < length; i++) {
      s0 += x[at + i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }

  /**
   * y = y + a x.
   *
   * @param a the factor
   * @param x holds what is added
   * @param xAt where it starts
   * @param y holds what it is added to
   * @param yAt where it starts
   * @param length their length
   */
  public static void addScaled(float a, float[] x, int xAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] += a * x[xAt + i];
    }
  }

  /**
   * y = y + x.
   *
   * @param x holds what is added
   * @param xAt where it starts
   * @param y holds what it is added to
   * @param yAt where it starts
   * @param length their length
   */
  public static void add(float[] x, int xAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }

  /**
   * y = y x.
   *
   * @param x holds the factors
   * @param xAt where they start
   * @param y holds what is multiplied
   * @param yAt where it starts
   * @param length their length
   */
  public static void multiply(float[] x, int xAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] *= x[xAt + i];
    }
  }

  /**
   * The largest number of a vector without NaN.
   *
   * @param x holds it
   * @param at where it starts
   * @param length its length, at least 1
   * @return max of x_i
   */
  public static float max(float[] x, int at, int length) {
    // Not Math.max: its handling of NaN and -0 makes each comparison wait for the one before.
    float m0 = x[at];
    float m1 = m0;
    float m2 = m0;
    float m3 = m0;
    int i = 0;
    for (; i + 3 < length; i += 4) {
      m0 = x[at + i] > m0 ? x[at + i] : m0;
      m1 = x[at + i + 1] > m1 ? x[at + i + 1] : m1;
      m2 = x[at + i + 2] > m2 ? x[at + i + 2] : m2;
      m3 = x[at + i + 3] > m3 ? x[at + i + 3] : m3;
    }
    for (; i < length; i++) {
      m0 = x[at + i] > m0 ? x[at + i] : m0;
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  /**
   * y = y + a x, from the start of both.
   *
   * @param a the factor
   * @param x what is added
   * @param y what it is added to
   * @param length their length
   */
  public static void addScaled(float a, float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      y[i] += a * x[i];
    }
  }

  /**
   * z = a x + b y, from the start of all.
   *
   * @param a the factor of x
   * @param x the first vector
   * @param b the factor of y
   * @param y the second vector
   * @param z the sum, overwritten
   */
  public static void combine(float a, float[] x, float b, float[] y, float[] z) {
    for (int i = 0; i < z.length; i++) {
      z[i] = a * x[i] + b * y[i];
    }
  }

  /**
   * Reads one number per cache line of some rows, so that rows that lie far apart are loaded from
   * memory at the same time, instead of one after the other as they are used. Ascending rows with
   * small gaps are read together with the gaps, because one stream is faster.
   *
   * @param table holds the rows
   * @param start the index at which row 0 starts, or would start if the table held it; it may
   *     overflow an int, since the index of a row that the table holds overflows back
   * @param rows the row numbers
   * @param from the index in rows of the first row to read
   * @param to the index in rows after the last
   * @param width the width of a row
   * @return a number that depends on all that was read, which the caller must not drop
   */
  public static float touch(float[] table, int start, int[] rows, int from, int to, int width) {
    int span = rows[to - 1] - rows[from] + 1;
    if (span > 0 && span <= STREAMED * (to - from)) {
      int first = start + rows[from] * width;
      return stream(table, first, end(table, start + rows[to - 1] * width, width));
    }
    float read = 0;
    for (int r = from; r < to; r++) {
      int first = start + rows[r] * width;
      int end = end(table, first, width);
      int i = Math.min(first, end);
      // Waits for memory overlap within the window of instructions that a processor looks ahead.
      // Four lines per bounds check fit more rows into it. If only i stood in the condition, the
      // JIT would add loops before and after this one, which take up the window again.
      for (; i + 3 * LINE < end; i += 4 * LINE) {
        read = read + table[i] + table[i + LINE] + table[i + 2 * LINE] + table[i + 3 * LINE];
      }
      for (; i < end; i += LINE) {
        read += table[i];
      }
      // Arrays are not aligned to cache lines, so a row may end in one more line.
      read += table[end - 1];
    }
    return read;
  }

  /** The index at which a row ends, or at which reading of the table ends. */
  private static int end(float[] table, int first, int width) {
    int last = Math.min(table.length, MOST_READ);
    return width < last - first ? first + width : last;
  }

  /** Reads one number per cache line of a range. */
  private static float stream(float[] table, int from, int to) {
    float read = 0;
    for (int i = from; i < to; i += LINE) {
      read += table[i];
    }
    return read;
  }

  /**
   * y = y + a_0 x_0 + a_1 x_1 + a_2 x_2 + a_3 x_3, from the start of all. Four vectors are added in
   * one pass over y.
   *
   * @param a [4] the factors
   * @param x0 the first vector
   * @param x1 the second
   * @param x2 the third
   * @param x3 the fourth
   * @param y what they are added to; its length is that of all
   */
  public static void addFourScaled(
      float[] a, float[] x0, float[] x1, float[] x2, float[] x3, float[] y) {
    float a0 = a[0];
    float a1 = a[1];
    float a2 = a[2];
    float a3 = a[3];
    for (int i = 0; i < y.length; i++) {
      y[i] += (a0 * x0[i] + a1 * x1[i]) + (a2 * x2[i] + a3 * x3[i]);
    }
  }

  /**
   * max(x, 0) without a branch, for loops that the JIT compiles to SIMD code. It does not do so for
   * {@link Math#max}.
   *
   * @param x a number up to 1.7e38
   * @return x where it is positive, else 0
   */
  public static float positivePart(float x) {
    return (x + Math.abs(x)) * 0.5f;
  }

  /**
   * Whether a number is positive, as a factor and without a branch. The signs of hidden units
   * follow no pattern, so a branch would often be mispredicted.
   *
   * @param x a number up to 1e20
   * @return 1 where it is positive, else 0
   */
  public static float isPositive(float x) {
    // The scaled number is then so large, even for the smallest x, that the addition does not
    // change it.
    float above = positivePart(x) * 0x1p60f;
    return above / (above + Float.MIN_NORMAL);
  }

  /**
   * The slope of a leaky ReLU, without a branch.
   *
   * @param x a number up to 1e20
   * @param below the slope of numbers that are not positive, in [0, 1)
   * @return 1 where x is positive, else the slope below
   */
  public static float leakySlope(float x, float below) {
    return below + (1 - below) * isPositive(x);
  }

  /**
   * x = a x.
   *
   * @param a the factor
   * @param x holds the vector
   * @param at where it starts
   * @param length its length
   */
  public static void scale(float a, float[] x, int at, int length) {
    for (int i = at; i < at + length; i++) {
      x[i] *= a;
    }
  }
}
