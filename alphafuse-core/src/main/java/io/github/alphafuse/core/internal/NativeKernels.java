package io.github.alphafuse.core.internal;

import static com.google.common.base.Preconditions.checkArgument;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasUpper;

import java.nio.DoubleBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/** Dense products and the eigensolvers of OpenBLAS: divide and conquer, and MRRR for a part. */
final class NativeKernels implements DenseKernels {

  private NativeKernels() {}

  /** Fails with a LinkageError where the classes or the binaries are absent. */
  static NativeKernels load() {
    Loader.load(openblas.class);
    return new NativeKernels();
  }

  @Override
  public String name() {
    return "openblas";
  }

  @Override
  public void multiply(Operand a, Operand b, double[] c) {
    checkArgument(a.width() == b.height(), "factors %s and %s do not fit", a.width(), b.height());
    int m = a.height();
    int n = b.width();
    if (m == 0 || n == 0) {
      return;
    }
    try (DoublePointer left = new DoublePointer(a.values());
        DoublePointer right =
            b.values() == a.values() ? new DoublePointer(left) : new DoublePointer(b.values());
        DoublePointer product = new DoublePointer((long) m * n)) {
      BlasThreads.withAll(
          () ->
              openblas.cblas_dgemm(
                  CblasRowMajor,
                  a.transposed() ? CblasTrans : CblasNoTrans,
                  b.transposed() ? CblasTrans : CblasNoTrans,
                  m,
                  n,
                  a.width(),
                  1.0,
                  left,
                  a.columns(),
                  right,
                  b.columns(),
                  0.0,
                  product,
                  n));
      product.get(c, 0, m * n);
    }
  }

  @Override
  public ScatterMatrix newScatterMatrix(int dim) {
    return new NativeScatterMatrix(dim);
  }

  @Override
  public void symmetricEigen(double[] matrix, double[] values) {
    int n = values.length;
    try (DoublePointer a = new DoublePointer(matrix);
        DoublePointer w = new DoublePointer(n)) {
      // Column-major, lower: the same bytes as row-major, upper, without LAPACKE's transposed copy.
      int[] info = new int[1];
      BlasThreads.withAll(
          () ->
              info[0] =
                  openblas.LAPACKE_dsyevd(
                      openblas.LAPACK_COL_MAJOR, (byte) 'V', (byte) 'L', n, a, n, w));
      if (info[0] != 0) {
        throw new ArithmeticException("dsyevd did not converge: info = " + info[0]);
      }
      w.get(values);
      // Eigenvectors are the columns of a column-major matrix, hence the rows of what is read here.
      double[] rows = new double[n * n];
      a.get(rows);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          matrix[j * n + i] = rows[i * n + j];
        }
      }
    }
  }

  /**
   * For at most half of the vectors: the reduction to tridiagonal form, which costs the most, is
   * made once, and only the wanted vectors are found and carried back.
   */
  @Override
  public double[] leadingEigenvectors(double[] matrix, double[] values, int count) {
    int n = values.length;
    if (count > n / 2) {
      return DenseKernels.super.leadingEigenvectors(matrix, values, count);
    }
    try (TridiagonalForm form = TridiagonalForm.of(matrix, n)) {
      double[] columns = form.leadingVectors(values, count);
      double[] leading = new double[n * count];
      for (int j = 0; j < count; j++) {
        for (int i = 0; i < n; i++) {
          leading[i * count + j] = columns[j * n + i];
        }
      }
      return leading;
    }
  }

  @Override
  public RowProduct newRowProduct(Operand right) {
    return new NativeRowProduct(right);
  }

  /** Gives each thread that comes by one thread of the BLAS, once: telling it takes a while. */
  private static final class OneThread {
    private final Set<Thread> told = ConcurrentHashMap.newKeySet();

    void ensure() {
      if (told.add(Thread.currentThread())) {
        BlasThreads.setOne();
      }
    }
  }

  /** Rows in native memory, which is used again from block to block. */
  private static final class RowBlock implements AutoCloseable {
    private DoublePointer rows = new DoublePointer();

    DoublePointer reserve(long length) {
      if (rows.isNull() || rows.capacity() < length) {
        rows.close();
        rows = new DoublePointer(length);
      }
      return rows;
    }

    DoublePointer fill(RowWriter writer, int count, int width) {
      DoublePointer target = reserve(Math.max(1L, (long) count * width));
      DoubleBuffer buffer = target.asBuffer();
      Workers.split(
          count,
          JavaKernels.LEAST / width + 1,
          (from, to) -> {
            double[] row = new double[width];
            for (int r = from; r < to; r++) {
              writer.write(r, row);
              buffer.put(r * width, row, 0, width);
            }
          });
      return target;
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  private static final class NativeRowProduct implements RowProduct {
    private final int height;
    private final int width;
    private final Operand right;
    private final DoublePointer factor;
    private final ConcurrentLinkedQueue<Blocks> spare = new ConcurrentLinkedQueue<>();
    private final OneThread oneThread = new OneThread();

    NativeRowProduct(Operand right) {
      this.height = right.height();
      this.width = right.width();
      this.right = right;
      this.factor = new DoublePointer(right.values());
    }

    @Override
    public void multiply(RowWriter rows, int count, double[] product) {
      if (count == 0 || width == 0) {
        return;
      }
      Blocks free = spare.poll();
      Blocks blocks = free == null ? new Blocks(new RowBlock(), new RowBlock()) : free;
      DoublePointer a = blocks.left().fill(rows, count, height);
      DoublePointer c = blocks.result().reserve((long) count * width);
      if (Workers.inTask()) {
        oneThread.ensure();
        multiply(a, c, count);
      } else {
        BlasThreads.withAll(() -> multiply(a, c, count));
      }
      c.get(product, 0, count * width);
      spare.add(blocks);
    }

    private void multiply(DoublePointer a, DoublePointer c, int count) {
      openblas.cblas_dgemm(
          CblasRowMajor,
          CblasNoTrans,
          right.transposed() ? CblasTrans : CblasNoTrans,
          count,
          width,
          height,
          1.0,
          a,
          height,
          factor,
          right.columns(),
          0.0,
          c,
          width);
    }

    @Override
    public void close() {
      for (Blocks blocks = spare.poll(); blocks != null; blocks = spare.poll()) {
        blocks.left().close();
        blocks.result().close();
      }
      factor.close();
    }

    /** What one call works on. */
    private record Blocks(RowBlock left, RowBlock result) {}
  }

  private static final class NativeScatterMatrix implements ScatterMatrix {
    /** Products that are worth a thread of their own. */
    private static final long LEAST_PRODUCTS = 1 << 22;

    /** Panels start at a whole cache line. */
    private static final int ALIGNED = 8;

    private final int dim;
    private final DoublePointer upper;
    private final RowBlock block = new RowBlock();
    private final OneThread oneThread = new OneThread();

    NativeScatterMatrix(int dim) {
      this.dim = dim;
      this.upper = new DoublePointer((long) dim * dim);
      upper.fill(0);
    }

    @Override
    public void addOuterProducts(double[] rows, int count) {
      DoublePointer block = this.block.reserve(Math.max(1L, (long) count * dim));
      block.put(rows, 0, count * dim);
      addOuterProducts(block, count);
    }

    @Override
    public void addOuterProducts(RowWriter rows, int count) {
      addOuterProducts(block.fill(rows, count, dim), count);
    }

    /**
     * The library's threads take panels of columns with about as many products each. Threads of the
     * BLAS, woken for each block, were seen to start on the core of the one that waits for them.
     */
    private void addOuterProducts(DoublePointer rows, int count) {
      long products = (long) dim * dim * count;
      int panels = (int) Math.max(1, Math.min(Workers.count(), products / LEAST_PRODUCTS));
      Workers.run(
          panels,
          panel -> addOuterProducts(rows, count, border(panel, panels), border(panel + 1, panels)));
    }

    /** Above columns up to here lies that share of the triangle. */
    private int border(int panel, int panels) {
      int column = (int) (dim * Math.sqrt((double) panel / panels));
      return panel == panels ? dim : column / ALIGNED * ALIGNED;
    }

    /**
     * The part of the upper triangle in columns [from, to): a rectangle and a triangle below it.
     */
    private void addOuterProducts(DoublePointer rows, int count, int from, int to) {
      oneThread.ensure();
      DoublePointer panel = new DoublePointer(rows).position(from);
      if (from > 0) {
        openblas.cblas_dgemm(
            CblasRowMajor,
            CblasTrans,
            CblasNoTrans,
            from,
            to - from,
            count,
            1.0,
            rows,
            dim,
            panel,
            dim,
            1.0,
            new DoublePointer(upper).position(from),
            dim);
      }
      openblas.cblas_dsyrk(
          CblasRowMajor,
          CblasUpper,
          CblasTrans,
          to - from,
          count,
          1.0,
          panel,
          dim,
          1.0,
          new DoublePointer(upper).position((long) from * dim + from),
          dim);
    }

    @Override
    public void add(double[] matrix) {
      for (int i = 0; i < matrix.length; i++) {
        upper.put(i, upper.get(i) + matrix[i]);
      }
    }

    @Override
    public double[] toArray() {
      double[] full = new double[dim * dim];
      upper.get(full);
      JavaKernels.mirrorUpper(full, dim);
      return full;
    }

    @Override
    public void close() {
      block.close();
      upper.close();
    }
  }
}
