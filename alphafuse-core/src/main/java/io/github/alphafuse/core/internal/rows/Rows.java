package io.github.alphafuse.core.internal.rows;

import static com.google.common.base.Preconditions.checkPositionIndexes;
import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;

/**
 * Arithmetic on rows of float32 or float64 numbers, in the type of the rows. All rows of a call are
 * of one type.
 *
 * <p>Rows lie in a tensor, or each in an array of its own. The JIT compiles a loop over several
 * rows to SIMD code only if they start at index 0 of their arrays, so methods for many rows copy
 * those of a tensor to an array of their own and back.
 *
 * <p>Calls for different rows are thread-safe.
 */
public abstract sealed class Rows permits FloatRows, DoubleRows {
  /** The fewest numbers per thread. */
  private static final int LEAST = 1 << 14;

  private final Extent extent;

  Rows(Extent extent) {
    this.extent = extent;
  }

  /**
   * Where the numbers of rows are.
   *
   * @param start the index of the first one in its array
   * @param pitch the distance from one row to the next, or 0 if each has an array of its own
   * @param count the number of rows
   * @param width their length
   */
  record Extent(int start, int pitch, int count, int width) {}

  /**
   * Rows of zeros, each in an array of its own.
   *
   * @param type the type of the numbers
   * @param count the number of rows
   * @param width their length
   * @return the rows
   */
  public static Rows zeros(ElementType type, int count, int width) {
    Extent extent = new Extent(0, 0, count, width);
    return type == ElementType.FLOAT32
        ? new FloatRows(new float[count][width], extent)
        : new DoubleRows(new double[count][width], extent);
  }

  /**
   * The rows of a table, not copied.
   *
   * @param table [count, width], or a vector, which is one row
   * @return the rows
   */
  public static Rows of(Tensor table) {
    int count = table.rank() == 1 ? 1 : table.shape(0);
    int width = table.shape(table.rank() - 1);
    // Rows without columns need a distance too, since 0 stands for arrays of their own.
    Extent extent = new Extent(0, Math.max(1, width), count, width);
    return table.elementType() == ElementType.FLOAT32
        ? new FloatRows(new float[][] {table.floats()}, extent)
        : new DoubleRows(new double[][] {table.doubles()}, extent);
  }

  /**
   * Some rows of a table.
   *
   * @param from the first
   * @param to the one past the last
   * @return rows over the same numbers
   * @throws IndexOutOfBoundsException if there are no such rows
   */
  public final Rows rows(int from, int to) {
    checkPositionIndexes(from, to, extent.count);
    return part(at(from), to - from, extent.width);
  }

  /**
   * Some columns of all rows of a table.
   *
   * @param from the first
   * @param columns how many
   * @return rows over the same numbers
   * @throws IndexOutOfBoundsException if there are no such columns
   */
  public final Rows columns(int from, int columns) {
    checkPositionIndexes(from, from + columns, extent.width);
    return part(extent.start + from, extent.count, columns);
  }

  /**
   * All numbers of whole rows of a table as one row.
   *
   * @return one row over the same numbers
   */
  public final Rows flat() {
    checkState(isContiguous(), "only whole rows of a table follow one another");
    return part(extent.start, 1, extent.count * extent.width);
  }

  private Rows part(int start, int count, int width) {
    checkState(extent.pitch > 0, "only a table has parts, found rows in arrays of their own");
    return over(new Extent(start, extent.pitch, count, width));
  }

  /** Other rows over the same arrays. */
  abstract Rows over(Extent other);

  /**
   * The number of rows.
   *
   * @return their number
   */
  public final int count() {
    return extent.count;
  }

  /**
   * The length of a row.
   *
   * @return the number of columns
   */
  public final int width() {
    return extent.width;
  }

  /**
   * The type of the numbers.
   *
   * @return the type
   */
  public abstract ElementType elementType();

  /** The index at which a row starts in its array. */
  final int at(int row) {
    return extent.start + row * extent.pitch;
  }

  /** The place of a row's array among the arrays. */
  final int place(int row) {
    return extent.pitch == 0 ? row : 0;
  }

  /** Whether the numbers of all rows lie in one array, one after another. */
  final boolean isContiguous() {
    return extent.pitch == extent.width || (extent.pitch > 0 && extent.count == 1);
  }

  /**
   * Runs a task over all rows.
   *
   * @param part the task
   */
  public final void split(Workers.Part part) {
    Workers.split(extent.count, LEAST / Math.max(1, extent.width) + 1, part);
  }

  /**
   * A copy as a table.
   *
   * @return [count, width]
   */
  public final Tensor toTensor() {
    Tensor table = Tensor.zeros(elementType(), extent.count, extent.width);
    of(table).copyFrom(this);
    return table;
  }

  /**
   * Copies as many rows as there are here.
   *
   * @param source the rows, at least as many
   */
  public final void copyFrom(Rows source) {
    if (extent.width == 0) {
      return;
    }
    split(
        (from, to) -> {
          for (int r = from; r < to; r++) {
            copy(r, source, r);
          }
        });
  }

  /** Sets all numbers to zero. */
  public final void clear() {
    split(
        (from, to) -> {
          for (int r = from; r < to; r++) {
            clear(r);
          }
        });
  }

  /**
   * The sum of all rows, in float64.
   *
   * @return [width]
   */
  public final double[] sum() {
    double[] sum = new double[extent.width];
    for (int r = 0; r < extent.count; r++) {
      addTo(r, sum);
    }
    return sum;
  }

  /**
   * Adds other rows to these, one to one.
   *
   * @param source as many rows
   */
  public final void add(Rows source) {
    Rows added = zeros(elementType(), 1, extent.width);
    Rows own = zeros(elementType(), 1, extent.width);
    for (int r = 0; r < extent.count; r++) {
      added.copy(0, source, r);
      addThrough(own, r, added, 0);
    }
  }

  /**
   * Adds a vector to each row.
   *
   * @param vector one row, at the start of its array
   */
  public final void addToEach(Rows vector) {
    Rows own = zeros(elementType(), 1, extent.width);
    for (int r = 0; r < extent.count; r++) {
      addThrough(own, r, vector, 0);
    }
  }

  /**
   * Adds each of some rows to the first row here, one after another.
   *
   * @param source the rows that are added
   */
  public final void addEach(Rows source) {
    Rows own = zeros(elementType(), 1, extent.width);
    for (int r = 0; r < source.extent.count; r++) {
      own.copy(0, source, r);
      addScaled(0, 1, own, 0);
    }
  }

  /**
   * row += source[from], by way of another row. Both of those start at index 0 of their arrays. One
   * call, since the four that it stands for would look up the same arrays again.
   */
  abstract void addThrough(Rows own, int row, Rows source, int from);

  /**
   * One number.
   *
   * @param row its row
   * @param column its column
   * @return the number
   */
  public abstract double get(int row, int column);

  /**
   * Sets one number.
   *
   * @param row its row
   * @param column its column
   * @param value the number
   */
  public abstract void set(int row, int column, double value);

  /**
   * row = source[from].
   *
   * @param row the row that is overwritten
   * @param source holds the row that is copied
   * @param from its number
   */
  public abstract void copy(int row, Rows source, int from);

  /**
   * row = 0.
   *
   * @param row the row
   */
  public abstract void clear(int row);

  /**
   * row = factor row.
   *
   * @param row the row
   * @param factor the factor
   */
  public abstract void scale(int row, double factor);

  /**
   * row = row + factor source[from].
   *
   * @param row the row that is added to
   * @param factor the factor
   * @param source holds the row that is added
   * @param from its number
   */
  public abstract void addScaled(int row, double factor, Rows source, int from);

  /**
   * The inner product of two rows.
   *
   * @param row the first
   * @param other holds the second
   * @param otherRow its number
   * @return sum of x_i y_i
   */
  public abstract double dot(int row, Rows other, int otherRow);

  /**
   * sum = sum + row, in float64.
   *
   * @param row the row
   * @param sum [width]
   */
  public abstract void addTo(int row, double[] sum);

  /**
   * The leaky ReLU of a row: multiplies negative numbers by a slope.
   *
   * @param row the row
   * @param slope the slope
   */
  public abstract void leaky(int row, double slope);

  /**
   * The gradient of the leaky ReLU: multiplies a number by the slope if its activation is not
   * positive.
   *
   * @param row the row
   * @param slope the slope
   * @param activations the activations, in the row of the same number
   */
  public abstract void leakyBackward(int row, double slope, Rows activations);

  /**
   * Weighted rows that are summed.
   *
   * @param source the rows, each in an array of its own
   * @param ids [E] the number of each row
   * @param weights the weight of each row
   * @param byId whether weights are given per row of the source rather than per entry of the ids
   */
  public record WeightedRows(Rows source, int[] ids, double[] weights, boolean byId) {}

  /**
   * row = row + the sum of weighted rows.
   *
   * @param row the row that is added to, in an array of its own
   * @param weighted the weighted rows
   * @param start the first of them
   * @param end the one past the last
   */
  public abstract void addSum(int row, WeightedRows weighted, int start, int end);
}
