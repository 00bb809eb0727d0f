package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.Workers;

/**
 * A dense row-major matrix in the memory that the products of its type use: outside the heap in
 * float32, on the heap in float64. Not thread-safe while it is written.
 */
abstract class DenseMatrix implements AutoCloseable {
  private final int rows;
  private final int columns;

  private DenseMatrix(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
  }

  static DenseMatrix allocate(ElementType type, int rows, int columns) {
    return type == ElementType.FLOAT32 ? new Single(rows, columns) : new Double(rows, columns);
  }

  static DenseMatrix copyOf(Tensor table) {
    DenseMatrix copy = allocate(table.elementType(), table.shape(0), table.shape(1));
    copy.read(table);
    return copy;
  }

  final int rows() {
    return rows;
  }

  final int columns() {
    return columns;
  }

  /** A factor: a matrix, or its transpose. */
  record Factor(DenseMatrix matrix, boolean transposed) {
    static Factor of(DenseMatrix matrix) {
      return new Factor(matrix, false);
    }

    static Factor transposeOf(DenseMatrix matrix) {
      return new Factor(matrix, true);
    }
  }

  /** this = a b. */
  final void setProduct(Factor a, Factor b) {
    multiply(a, b, false);
  }

  /** this = this + a b. */
  final void addProduct(Factor a, Factor b) {
    multiply(a, b, true);
  }

  abstract void read(Tensor table);

  abstract void write(Tensor table);

  abstract void read(NodeRows source);

  abstract void write(NodeRows target);

  abstract void multiply(Factor a, Factor b, boolean accumulate);

  @Override
  public void close() {}

  private static final class Single extends DenseMatrix {
    /** The fewest rows of a product per thread. */
    private static final int LEAST_ROWS = 16;

    private final FloatMatrix matrix;

    Single(int rows, int columns) {
      super(rows, columns);
      this.matrix = FloatMatrix.allocate(rows, columns);
    }

    @Override
    void read(Tensor table) {
      matrix.put(0, table.floats(), 0, table.size());
    }

    @Override
    void write(Tensor table) {
      matrix.get(0, table.floats(), 0, table.size());
    }

    @Override
    void read(NodeRows source) {
      source.split(
          (from, to) -> {
            for (int r = from; r < to; r++) {
              matrix.put(r, ((FloatRows) source).row(r), 0, columns());
            }
          });
    }

    @Override
    void write(NodeRows target) {
      target.split(
          (from, to) -> {
            for (int r = from; r < to; r++) {
              matrix.get(r, ((FloatRows) target).row(r), 0, columns());
            }
          });
    }

    @Override
    void multiply(Factor a, Factor b, boolean accumulate) {
      FloatMatrix left = ((Single) a.matrix()).matrix;
      FloatMatrix.View right = ((Single) b.matrix()).matrix.view();
      Workers.split(
          rows(),
          LEAST_ROWS,
          (from, to) ->
              FloatMatrix.multiply(
                  a.transposed()
                      ? left.view().columns(from, to - from).transpose()
                      : left.rows(from, to),
                  b.transposed() ? right.transpose() : right,
                  matrix.rows(from, to),
                  accumulate));
    }

    @Override
    public void close() {
      matrix.close();
    }
  }

  private static final class Double extends DenseMatrix {
    private final double[] values;

    Double(int rows, int columns) {
      super(rows, columns);
      this.values = new double[Math.multiplyExact(rows, columns)];
    }

    @Override
    void read(Tensor table) {
      System.arraycopy(table.doubles(), 0, values, 0, values.length);
    }

    @Override
    void write(Tensor table) {
      System.arraycopy(values, 0, table.doubles(), 0, values.length);
    }

    @Override
    void read(NodeRows source) {
      for (int r = 0; r < rows(); r++) {
        System.arraycopy(((DoubleRows) source).row(r), 0, values, r * columns(), columns());
      }
    }

    @Override
    void write(NodeRows target) {
      for (int r = 0; r < rows(); r++) {
        System.arraycopy(values, r * columns(), ((DoubleRows) target).row(r), 0, columns());
      }
    }

    private static DenseKernels.Operand operand(Factor factor) {
      DenseKernels.Operand stored =
          DenseKernels.Operand.of(
              ((Double) factor.matrix()).values, factor.matrix().rows(), factor.matrix().columns());
      return factor.transposed() ? stored.transpose() : stored;
    }

    @Override
    void multiply(Factor a, Factor b, boolean accumulate) {
      double[] product = accumulate ? new double[values.length] : values;
      DenseKernels.get().multiply(operand(a), operand(b), product);
      for (int i = 0; i < values.length && accumulate; i++) {
        values[i] += product[i];
      }
    }
  }
}
