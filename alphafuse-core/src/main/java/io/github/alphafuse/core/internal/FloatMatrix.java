package io.github.alphafuse.core.internal;

import static com.google.common.base.Preconditions.checkArgument;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.Locale;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;

/**
 * A row-major float32 matrix outside the Java heap, so that the BLAS can use it without copies.
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

  private FloatMatrix(FloatMatrix storage, int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    this.values = storage.values;
    this.buffer = storage.buffer;
  }

  /**
   * A matrix in the memory of this one, from its start, so that memory is allocated once for
   * batches of many sizes. Closing either closes both.
   *
   * @param otherRows its rows
   * @param otherColumns its columns
   * @return the matrix, with the numbers that are in that memory
   * @throws IllegalArgumentException if this one holds fewer numbers
   */
  public FloatMatrix shaped(int otherRows, int otherColumns) {
    checkArgument(
        (long) otherRows * otherColumns <= (long) rows * columns,
        "a matrix %s x %s must fit into one of %s x %s",
        otherRows,
        otherColumns,
        rows,
        columns);
    return new FloatMatrix(this, otherRows, otherColumns);
  }

  /**
   * Whether the BLAS is on the classpath in matching versions.
   *
   * @return true if products can be computed
   */
  public static boolean isAvailable() {
    return Library.AVAILABLE;
  }

  /**
   * A matrix whose numbers are not initialised.
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
   * @param source the array that holds them
   * @param from the index of the first of them
   * @param count how many
   */
  public void put(int row, float[] source, int from, int count) {
    buffer.put(row * columns, source, from, count);
  }

  /**
   * Sets one number.
   *
   * @param row its row
   * @param column its column
   * @param value the number
   */
  public void set(int row, int column, float value) {
    buffer.put(row * columns + column, value);
  }

  /**
   * Copies numbers out of rows.
   *
   * @param row the first row
   * @param target the array that receives them
   * @param at the index of the first of them
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
   * @param target the array that receives the numbers
   * @param count how many
   */
  public void get(int row, int column, float[] target, int count) {
    buffer.get(row * columns + column, target, 0, count);
  }

  /**
   * Reads one number per cache line of some rows, so that they are loaded from memory as one
   * stream. The BLAS copies an operand a few rows at a time and would wait for each of them.
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
    return rows(0, rows);
  }

  /**
   * Some rows of it, as an operand.
   *
   * @param from the first row
   * @param to the row past the last
   * @return the view
   */
  public View rows(int from, int to) {
    return new View(this, (long) from * columns, columns, new Extent(to - from, columns, false));
  }

  /**
   * Rows at even distances, as an operand.
   *
   * @param first the first row
   * @param stride the distance from one to the next, at least 1
   * @param count how many
   * @return the view
   * @throws IllegalArgumentException if the stride is below 1
   */
  public View everyRow(int first, int stride, int count) {
    checkArgument(stride >= 1, "stride must be at least 1, found %s", stride);
    int pitch = Math.multiplyExact(stride, columns);
    return new View(this, (long) first * columns, pitch, new Extent(count, columns, false));
  }

  /**
   * An operand of a product: a block of a matrix or its transpose. Keep it if it is multiplied
   * often. Immutable.
   */
  public static final class View implements Operand {
    private final FloatMatrix matrix;
    private final Address address;
    private final int pitch;
    private final int rows;
    private final int columns;
    private final boolean transposed;

    private View(FloatMatrix matrix, long offset, int pitch, Extent extent) {
      this(matrix, new Address(matrix.values, offset), pitch, extent);
    }

    private View(FloatMatrix matrix, Address address, int pitch, Extent extent) {
      this.matrix = matrix;
      this.address = address;
      this.pitch = pitch;
      this.rows = extent.rows;
      this.columns = extent.columns;
      this.transposed = extent.transposed;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public int columns() {
      return columns;
    }

    @Override
    public boolean transposed() {
      return transposed;
    }

    @Override
    public View transpose() {
      return new View(matrix, address, pitch, new Extent(rows, columns, !transposed));
    }

    /**
     * Some columns of the block as it is stored.
     *
     * @param from the first
     * @param count how many
     * @return a view of the same numbers
     */
    public View columns(int from, int count) {
      return new View(
          matrix, address.position() + from, pitch, new Extent(rows, count, transposed));
    }

    /**
     * Some of the rows that a product takes.
     *
     * @param from the first
     * @param to the one past the last
     * @return a view of the same numbers: of some stored columns if this is a transpose
     */
    public View lines(int from, int to) {
      return transposed
          ? columns(from, to - from)
          : new View(
              matrix,
              address.position() + (long) from * pitch,
              pitch,
              new Extent(to - from, columns, false));
    }
  }

  /** Rows and columns of a block as it is stored, and whether a product takes its transpose. */
  private record Extent(int rows, int columns, boolean transposed) {}

  /**
   * A pointer to the start of a block. It is not a copy of the matrix's own pointer, since the
   * objects that track when such a copy can be freed add to the garbage of every request.
   */
  private static final class Address extends FloatPointer {
    Address(FloatPointer start, long offset) {
      super((Pointer) null);
      this.address = start.address();
      this.position = offset;
    }
  }

  /**
   * C = A B, or C = C + A B.
   *
   * @param a the left factor
   * @param b the right factor
   * @param c the product, not transposed
   * @param accumulate whether the product is added to what is there
   * @throws IllegalArgumentException if the sizes do not fit
   * @throws IllegalStateException if a matrix is closed
   */
  public static void multiply(View a, View b, View c, boolean accumulate) {
    // Not with checkArgument, which would box six numbers per product.
    if (a.width() != b.height() || c.rows != a.height() || c.columns != b.width() || c.transposed) {
      throw misfit(a, b, c);
    }
    if (a.matrix.values.isNull() || b.matrix.values.isNull() || c.matrix.values.isNull()) {
      throw new IllegalStateException("a matrix of a product must be open, found a closed one");
    }
    if (c.rows == 0 || c.columns == 0) {
      return;
    }
    BlasThreads.useOne();
    try {
      if (c.rows == 1 && !a.transposed && b.transposed && b.columns > 0) {
        multiplyRow(a, b, c, accumulate);
      } else {
        multiplyRows(a, b, c, accumulate);
      }
    } finally {
      Reference.reachabilityFence(a.matrix);
      Reference.reachabilityFence(b.matrix);
      Reference.reachabilityFence(c.matrix);
    }
  }

  private static IllegalArgumentException misfit(View a, View b, View c) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "factors %s x %s and %s x %s do not fit a product %s x %s",
            a.height(),
            a.width(),
            b.height(),
            b.width(),
            c.rows,
            c.columns));
  }

  /** A product of one row. The general product would copy all of B first. */
  private static void multiplyRow(View a, View b, View c, boolean accumulate) {
    openblas.cblas_sgemv(
        CblasRowMajor,
        CblasNoTrans,
        b.rows,
        b.columns,
        1f,
        b.address,
        b.pitch,
        a.address,
        1,
        accumulate ? 1f : 0f,
        c.address,
        1);
  }

  private static void multiplyRows(View a, View b, View c, boolean accumulate) {
    openblas.cblas_sgemm(
        CblasRowMajor,
        a.transposed ? CblasTrans : CblasNoTrans,
        b.transposed ? CblasTrans : CblasNoTrans,
        c.rows,
        c.columns,
        a.width(),
        1f,
        a.address,
        a.pitch,
        b.address,
        b.pitch,
        accumulate ? 1f : 0f,
        c.address,
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
