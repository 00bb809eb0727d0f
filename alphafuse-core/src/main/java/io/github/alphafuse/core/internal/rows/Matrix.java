package io.github.alphafuse.core.internal.rows;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DoubleOperand;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.Operand;
import io.github.alphafuse.core.internal.Workers;

/**
 * A dense row-major matrix in the memory that the products of its type use: outside the heap in
 * float32, on the heap in float64. Not thread-safe while it is written.
 */
public abstract sealed class Matrix implements AutoCloseable {
  private final int rows;
  private final int columns;

  private Matrix(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
  }

  /**
   * A matrix whose numbers are not initialised.
   *
   * @param type the type of the numbers
   * @param rows its rows
   * @param columns its columns
   * @return the matrix, to be closed
   * @throws IllegalStateException if float32 has no BLAS on the classpath
   */
  public static Matrix allocate(ElementType type, int rows, int columns) {
    return type == ElementType.FLOAT32 ? new Single(rows, columns) : new Double(rows, columns);
  }

  /**
   * A copy of rows.
   *
   * @param source the rows
   * @return the matrix, to be closed
   * @throws IllegalStateException if float32 has no BLAS on the classpath
   */
  public static Matrix copyOf(Rows source) {
    Matrix copy = allocate(source.elementType(), source.count(), source.width());
    copy.read(source);
    return copy;
  }

  /**
   * The rows.
   *
   * @return their number
   */
  public final int rows() {
    return rows;
  }

  /**
   * The columns.
   *
   * @return their number
   */
  public final int columns() {
    return columns;
  }

  /**
   * The matrix as a factor of a product.
   *
   * @return all of it, not transposed
   */
  public final Operand operand() {
    return firstRows(rows);
  }

  /**
   * The first rows of the matrix as a factor of a product.
   *
   * @param count how many
   * @return the rows, not transposed
   */
  public abstract Operand firstRows(int count);

  /**
   * Copies rows to the first ones of this matrix.
   *
   * @param source the rows
   */
  public abstract void read(Rows source);

  /**
   * Copies the first rows of this matrix.
   *
   * @param target as many rows as are copied
   */
  public abstract void write(Rows target);

  /**
   * Adds the matrix to rows.
   *
   * @param target the rows
   */
  public abstract void addTo(Rows target);

  /**
   * this = a b, or this = this + a b, by all threads. No factor may be this matrix.
   *
   * @param a the left factor
   * @param b the right factor
   * @param accumulate whether the product is added to what is there
   */
  public abstract void multiply(Operand a, Operand b, boolean accumulate);

  /**
   * A product like {@link #multiply}, of as many rows as the left factor has, within a task of the
   * calling thread. No factor may be this matrix.
   *
   * @param a the left factor
   * @param b the right factor
   * @param accumulate whether the product is added to what is there
   */
  public abstract void multiplyHere(Operand a, Operand b, boolean accumulate);

  @Override
  public void close() {}

  private static final class Single extends Matrix {
    /** The fewest rows of a product per thread. */
    private static final int LEAST_ROWS = 16;

    private final FloatMatrix matrix;

    Single(int rows, int columns) {
      super(rows, columns);
      this.matrix = FloatMatrix.allocate(rows, columns);
    }

    @Override
    public Operand firstRows(int count) {
      return matrix.rows(0, count);
    }

    @Override
    public void read(Rows source) {
      FloatRows floats = (FloatRows) source;
      if (source.isContiguous()) {
        matrix.put(0, floats.array(0), source.at(0), source.count() * columns());
        return;
      }
      source.split(
          (from, to) -> {
            for (int r = from; r < to; r++) {
              matrix.put(r, floats.array(r), source.at(r), columns());
            }
          });
    }

    @Override
    public void write(Rows target) {
      FloatRows floats = (FloatRows) target;
      if (target.isContiguous()) {
        matrix.get(0, floats.array(0), target.at(0), target.count() * columns());
        return;
      }
      target.split(
          (from, to) -> {
            for (int r = from; r < to; r++) {
              matrix.get(r, floats.array(r), target.at(r), columns());
            }
          });
    }

    @Override
    public void addTo(Rows target) {
      FloatRows row = (FloatRows) Rows.zeros(ElementType.FLOAT32, 1, columns());
      for (int r = 0; r < rows(); r++) {
        matrix.get(r, row.array(0), 0, columns());
        target.addScaled(r, 1, row, 0);
      }
    }

    @Override
    public void multiply(Operand a, Operand b, boolean accumulate) {
      FloatMatrix.View left = (FloatMatrix.View) a;
      FloatMatrix.View right = (FloatMatrix.View) b;
      Workers.split(
          rows(),
          LEAST_ROWS,
          (from, to) ->
              FloatMatrix.multiply(left.lines(from, to), right, matrix.rows(from, to), accumulate));
    }

    @Override
    public void multiplyHere(Operand a, Operand b, boolean accumulate) {
      FloatMatrix.multiply(
          (FloatMatrix.View) a, (FloatMatrix.View) b, matrix.rows(0, a.height()), accumulate);
    }

    @Override
    public void close() {
      matrix.close();
    }
  }

  private static final class Double extends Matrix {
    private final double[] values;
    private final DoubleRows all;

    Double(int rows, int columns) {
      super(rows, columns);
      this.values = new double[Math.multiplyExact(rows, columns)];
      this.all =
          new DoubleRows(
              new double[][] {values}, new Rows.Extent(0, Math.max(1, columns), rows, columns));
    }

    @Override
    public Operand firstRows(int count) {
      return DoubleOperand.of(values, count, columns());
    }

    @Override
    public void read(Rows source) {
      all.rows(0, source.count()).copyFrom(source);
    }

    @Override
    public void write(Rows target) {
      target.copyFrom(all);
    }

    @Override
    public void addTo(Rows target) {
      for (int r = 0; r < rows(); r++) {
        target.addScaled(r, 1, all, r);
      }
    }

    @Override
    public void multiply(Operand a, Operand b, boolean accumulate) {
      multiplyHere(a, b, accumulate);
    }

    @Override
    public void multiplyHere(Operand a, Operand b, boolean accumulate) {
      int count = a.height() * columns();
      double[] product = accumulate ? new double[count] : values;
      DenseKernels.get().multiply((DoubleOperand) a, (DoubleOperand) b, product);
      for (int i = 0; i < count && accumulate; i++) {
        values[i] += product[i];
      }
    }
  }
}
