package io.github.alphafuse.core.internal;

import static com.google.common.base.Preconditions.checkArgument;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/**
 * A row-major float32 matrix outside the Java heap, where the BLAS can work on it without copies.
 *
 * <p>Reading and writing of parts that do not overlap is thread-safe.
 */
public final class FloatMatrix implements AutoCloseable {
  /** The most numbers of a matrix: Java's buffers hold 2^31 - 1 bytes. */
  public static final int MOST_NUMBERS = Integer.MAX_VALUE / Float.BYTES;

  private final int rows;
  private final int columns;
  private final FloatPointer values;
  private final FloatBuffer buffer;

  private FloatMatrix(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    this.values = new FloatPointer(Math.max(1L, (long) rows * columns));
    this.buffer = values.asBuffer();
  }

  /**
   * Whether the BLAS is on the classpath, in versions that fit.
   *
   * @return whether products can be made
   */
  public static boolean isAvailable() {
    return Library.AVAILABLE;
  }

  /**
   * A matrix of any numbers.
   *
   * @param rows its rows
   * @param columns its columns; rows x columns at most {@link #MOST_NUMBERS}
   * @return the matrix, to be closed
   */
  public static FloatMatrix allocate(int rows, int columns) {
    checkArgument(
        (long) rows * columns <= MOST_NUMBERS,
        "a matrix must have at most %s numbers, found %s x %s",
        MOST_NUMBERS,
        rows,
        columns);
    if (!isAvailable()) {
      throw new IllegalStateException(
          "the fused engine needs the BLAS of the CPU backend: depend on"
              + " io.github.alphafuse:alphafuse-cpu");
    }
    BlasThreads.useOne();
    return new FloatMatrix(rows, columns);
  }

  /**
   * The rows.
   *
   * @return their number
   */
  public int rows() {
    return rows;
  }

  /**
   * The columns.
   *
   * @return their number
   */
  public int columns() {
    return columns;
  }

  /**
   * Copies numbers into rows.
   *
   * @param row the first row
   * @param source where they come from
   * @param from the first of them
   * @param count how many
   */
  public void put(int row, float[] source, int from, int count) {
    buffer.put(row * columns, source, from, count);
  }

  /**
   * Copies numbers out of rows.
   *
   * @param row the first row
   * @param target where they go
   * @param at the place of the first of them
   * @param count how many
   */
  public void get(int row, float[] target, int at, int count) {
    buffer.get(row * columns, target, at, count);
  }

  /**
   * Copies a piece of a row to the start of an array.
   *
   * @param row the row
   * @param column the first column
   * @param target where the numbers go
   * @param count how many
   */
  public void get(int row, int column, float[] target, int count) {
    buffer.get(row * columns + column, target, 0, count);
  }

  /**
   * Reads one number of each cache line of some rows, so that they come from memory as one stream:
   * the BLAS, which copies an operand a few rows at a time, waits for each of them.
   *
   * @param from the first row
   * @param to the row past the last
   * @return a number that depends on all that was read, which the caller must not drop
   */
  public float touch(int from, int to) {
    float read = 0;
    for (int i = from * columns; i < to * columns; i += FloatVectors.LINE) {
      read += buffer.get(i);
    }
    return read;
  }

  /**
   * All of it, as an operand.
   *
   * @return the view
   */
  public View view() {
    return new View(this, 0, columns, rows, columns, false);
  }

  /**
   * Some rows of it, as an operand.
   *
   * @param from the first row
   * @param to the row past the last
   * @return the view
   */
  public View rows(int from, int to) {
    return new View(this, (long) from * columns, columns, to - from, columns, false);
  }

  /**
   * Rows at even distances, as an operand.
   *
   * @param first the first row
   * @param stride the distance from one to the next
   * @param count how many
   * @return the view
   */
  public View everyRow(int first, int stride, int count) {
    int pitch = Math.multiplyExact(stride, columns);
    return new View(this, (long) first * columns, pitch, count, columns, false);
  }

  /**
   * An operand of a product: a block of a matrix or its transpose.
   *
   * @param matrix the matrix
   * @param offset where the block starts
   * @param pitch the distance from the start of one row to that of the next
   * @param rows the rows of the block as it is stored
   * @param columns the columns of the block as it is stored
   * @param transposed whether the product takes its transpose
   */
  public record View(
      FloatMatrix matrix, long offset, int pitch, int rows, int columns, boolean transposed) {

    /**
     * The transpose.
     *
     * @return a view of the same numbers
     */
    public View transpose() {
      return new View(matrix, offset, pitch, rows, columns, !transposed);
    }

    /**
     * Some columns of the block as it is stored.
     *
     * @param from the first
     * @param count how many
     * @return a view of the same numbers
     */
    public View columns(int from, int count) {
      return new View(matrix, offset + from, pitch, rows, count, transposed);
    }

    private int height() {
      return transposed ? columns : rows;
    }

    private int width() {
      return transposed ? rows : columns;
    }

    private FloatPointer pointer() {
      return new FloatPointer(matrix.values).position(offset);
    }
  }

  /**
   * C = A B, or C = C + A B.
   *
   * @param a the left factor
   * @param b the right factor
   * @param c the product, not transposed
   * @param accumulate whether the product is added to what is there
   */
  public static void multiply(View a, View b, View c, boolean accumulate) {
    checkArgument(
        a.width() == b.height() && c.rows == a.height() && c.columns == b.width() && !c.transposed,
        "factors %s x %s and %s x %s do not fit a product %s x %s",
        a.height(),
        a.width(),
        b.height(),
        b.width(),
        c.rows,
        c.columns);
    if (c.rows == 0 || c.columns == 0) {
      return;
    }
    BlasThreads.useOne();
    if (c.rows == 1 && !a.transposed && b.transposed && b.columns > 0) {
      // One row: the general product would copy all of B first.
      openblas.cblas_sgemv(
          CblasRowMajor,
          CblasNoTrans,
          b.rows,
          b.columns,
          1f,
          b.pointer(),
          b.pitch,
          a.pointer(),
          1,
          accumulate ? 1f : 0f,
          c.pointer(),
          1);
      return;
    }
    openblas.cblas_sgemm(
        CblasRowMajor,
        a.transposed ? CblasTrans : CblasNoTrans,
        b.transposed ? CblasTrans : CblasNoTrans,
        c.rows,
        c.columns,
        a.width(),
        1f,
        a.pointer(),
        a.pitch,
        b.pointer(),
        b.pitch,
        accumulate ? 1f : 0f,
        c.pointer(),
        c.pitch);
  }

  @Override
  public void close() {
    values.close();
  }

  private static final class Library {
    private static final boolean AVAILABLE = load();

    private static boolean load() {
      try {
        NativeVersions.check(FloatMatrix.class.getClassLoader());
        Loader.load(openblas.class);
        return true;
      } catch (IllegalStateException | LinkageError e) {
        return false;
      }
    }
  }
}
