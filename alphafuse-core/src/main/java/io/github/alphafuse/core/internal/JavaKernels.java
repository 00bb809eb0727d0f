package io.github.alphafuse.core.internal;

import static com.google.common.base.Preconditions.checkArgument;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** Dense products in Java, and the eigendecomposition of EJML. */
public final class JavaKernels implements DenseKernels {
  private static final int TILE = 32;

  /** The fewest numbers per thread. */
  static final int LEAST = 1 << 15;

  @Override
  public String name() {
    return "java";
  }

  @Override
  public void multiply(DoubleOperand a, DoubleOperand b, double[] c) {
    checkArgument(a.width() == b.height(), "factors %s and %s do not fit", a.width(), b.height());
    DMatrixRMaj left = DMatrixRMaj.wrap(a.rows(), a.columns(), a.values());
    DMatrixRMaj right = DMatrixRMaj.wrap(b.rows(), b.columns(), b.values());
    DMatrixRMaj product = DMatrixRMaj.wrap(a.height(), b.width(), c);
    if (a.transposed()) {
      if (b.transposed()) {
        CommonOps_DDRM.multTransAB(left, right, product);
      } else {
        CommonOps_DDRM.multTransA(left, right, product);
      }
    } else if (b.transposed()) {
      CommonOps_DDRM.multTransB(left, right, product);
    } else {
      CommonOps_DDRM.mult(left, right, product);
    }
  }

  @Override
  public ScatterMatrix newScatterMatrix(int dim) {
    return new JavaScatterMatrix(dim);
  }

  @Override
  public void symmetricEigen(double[] matrix, double[] values) {
    int n = values.length;
    DMatrixRMaj a = new DMatrixRMaj(n, n);
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        a.set(i, j, matrix[i * n + j]);
        a.set(j, i, matrix[i * n + j]);
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
    if (!eigen.decompose(a)) {
      throw new ArithmeticException("the eigendecomposition of EJML did not converge");
    }
    Integer[] order = new Integer[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    double[] found = new double[n];
    for (int i = 0; i < n; i++) {
      found[i] = eigen.getEigenvalue(i).getReal();
    }
    java.util.Arrays.sort(order, java.util.Comparator.comparingDouble(i -> found[i]));
    for (int j = 0; j < n; j++) {
      values[j] = found[order[j]];
      double[] vector = eigen.getEigenVector(order[j]).data;
      for (int i = 0; i < n; i++) {
        matrix[i * n + j] = vector[i];
      }
    }
  }

  @Override
  public RowProduct newRowProduct(DoubleOperand right) {
    return new JavaRowProduct(this, right);
  }

  /** Rows as a writer gives them, one after another. */
  private static final class RowBuffer {
    private double[] rows = new double[0];

    double[] fill(RowWriter writer, int count, int width) {
      if (rows.length < count * width) {
        rows = new double[count * width];
      }
      double[] target = rows;
      Workers.split(
          count,
          LEAST / width + 1,
          (from, to) -> {
            double[] row = new double[width];
            for (int r = from; r < to; r++) {
              writer.write(r, row);
              System.arraycopy(row, 0, target, r * width, width);
            }
          });
      return target;
    }
  }

  private static final class JavaRowProduct implements RowProduct {
    private final DenseKernels kernels;
    private final DoubleOperand right;

    JavaRowProduct(DenseKernels kernels, DoubleOperand right) {
      this.kernels = kernels;
      this.right = right;
    }

    @Override
    public void multiply(RowWriter rows, int count, double[] product) {
      int width = right.height();
      double[] left = new RowBuffer().fill(rows, count, width);
      kernels.multiply(DoubleOperand.of(left, count, width), right, product);
    }

    @Override
    public void close() {}
  }

  private static final class JavaScatterMatrix implements ScatterMatrix {
    private final int dim;
    private final double[] upper;
    private final RowBuffer buffer = new RowBuffer();

    JavaScatterMatrix(int dim) {
      this.dim = dim;
      this.upper = new double[Math.multiplyExact(dim, dim)];
    }

    @Override
    public void addOuterProducts(double[] rows, int count) {
      // Four rows per pass, so that each line of the matrix is read and written once for four
      // updates.
      int r = 0;
      for (; r + 4 <= count; r += 4) {
        int r0 = r * dim;
        int r1 = r0 + dim;
        int r2 = r1 + dim;
        int r3 = r2 + dim;
        for (int i = 0; i < dim; i++) {
          double x0 = rows[r0 + i];
          double x1 = rows[r1 + i];
          double x2 = rows[r2 + i];
          double x3 = rows[r3 + i];
          int line = i * dim;
          for (int j = i; j < dim; j++) {
            upper[line + j] +=
                x0 * rows[r0 + j] + x1 * rows[r1 + j] + x2 * rows[r2 + j] + x3 * rows[r3 + j];
          }
        }
      }
      for (; r < count; r++) {
        int row = r * dim;
        for (int i = 0; i < dim; i++) {
          double x = rows[row + i];
          int line = i * dim;
          for (int j = i; j < dim; j++) {
            upper[line + j] += x * rows[row + j];
          }
        }
      }
    }

    @Override
    public void addOuterProducts(RowWriter rows, int count) {
      addOuterProducts(buffer.fill(rows, count, dim), count);
    }

    @Override
    public void add(double[] matrix) {
      for (int i = 0; i < dim; i++) {
        for (int j = i; j < dim; j++) {
          upper[i * dim + j] += matrix[i * dim + j];
        }
      }
    }

    @Override
    public double[] toArray() {
      double[] full = upper.clone();
      addTriangles(full, dim);
      return full;
    }

    @Override
    public void close() {}
  }

  /** Adds the lower triangle to the upper one and writes the sum to both; the diagonal stays. */
  static void addTriangles(double[] matrix, int n) {
    // In tiles: lines and columns of one tile stay in the cache.
    for (int top = 0; top < n; top += TILE) {
      for (int left = top; left < n; left += TILE) {
        for (int i = top; i < Math.min(n, top + TILE); i++) {
          for (int j = Math.max(left, i + 1); j < Math.min(n, left + TILE); j++) {
            double sum = matrix[i * n + j] + matrix[j * n + i];
            matrix[i * n + j] = sum;
            matrix[j * n + i] = sum;
          }
        }
      }
    }
  }
}
