package io.github.alphafuse.core.internal;

import static com.google.common.base.Preconditions.checkArgument;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasLower;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasUpper;

import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/** Dense products and the eigensolvers of OpenBLAS: divide and conquer, and MRRR for a part. */
final class NativeKernels implements DenseKernels {
  /** Rows of a large factor that are copied at once. */
  private static final int PANEL_ROWS = 256;

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
  public void multiply(DoubleOperand a, DoubleOperand b, double[] c) {
    checkArgument(a.width() == b.height(), "factors %s and %s do not fit", a.width(), b.height());
    int m = a.height();
    int n = b.width();
    if (m == 0 || n == 0) {
      return;
    }
    if (a.transposed()) {
      multiplyWhole(a, b, c);
      return;
    }
    if (a.width() == 0) {
      Arrays.fill(c, 0, m * n, 0);
      return;
    }
    try (RowProduct product = newRowProduct(b)) {
      if (m <= PANEL_ROWS) {
        product.multiply(rowsOf(a, 0), m, c);
        return;
      }
      // A few rows at a time, because most of the cost of copying a large factor is new memory.
      Workers.split(
          m,
          PANEL_ROWS,
          (from, to) -> {
            double[] panel = new double[PANEL_ROWS * n];
            for (int first = from; first < to; first += PANEL_ROWS) {
              int count = Math.min(PANEL_ROWS, to - first);
              product.multiply(rowsOf(a, first), count, panel);
              System.arraycopy(panel, 0, c, first * n, count * n);
            }
          });
    }
  }

  private static RowWriter rowsOf(DoubleOperand matrix, int first) {
    int width = matrix.columns();
    return (row, target) ->
        System.arraycopy(matrix.values(), (first + row) * width, target, 0, width);
  }

  /** Rows [from, to). */
  private record Rows(int from, int to) {}

  private static void multiplyWhole(DoubleOperand a, DoubleOperand b, double[] c) {
    int m = a.height();
    int n = b.width();
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
    return new NativeScatterMatrix(dim, Workers.count());
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
   * For up to half of the vectors. The reduction to tridiagonal form, the most expensive part, is
   * made once, and only the wanted vectors are computed and transformed back.
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
  public RowProduct newRowProduct(DoubleOperand right) {
    return new NativeRowProduct(right);
  }

  /** Limits the BLAS to one thread, once per calling thread because the call is slow. */
  private static final class OneThread {
    private final Set<Thread> told = ConcurrentHashMap.newKeySet();

    void ensure() {
      if (told.add(Thread.currentThread())) {
        BlasThreads.setOne();
      }
    }
  }

  /** Rows in native memory, which is reused from block to block. */
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
          (from, to) -> fill(buffer, writer, new Rows(from, to), width));
      return target;
    }

    static void fill(DoubleBuffer target, RowWriter writer, Rows rows, int width) {
      double[] row = new double[width];
      for (int r = rows.from; r < rows.to; r++) {
        writer.write(r, row);
        target.put(r * width, row, 0, width);
      }
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  private static final class NativeRowProduct implements RowProduct {
    private final int height;
    private final int width;
    private final DoubleOperand right;
    private final DoublePointer factor;
    private final ConcurrentLinkedQueue<Blocks> spare = new ConcurrentLinkedQueue<>();
    private final OneThread oneThread = new OneThread();

    NativeRowProduct(DoubleOperand right) {
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

    /** The blocks of one call. */
    private record Blocks(RowBlock left, RowBlock result) {}
  }

  /**
   * Two sums in one array, which are added up in the end. Half of the rows are summed in an upper
   * triangle and half in a lower one. Two threads that each add to a whole triangle do not wait for
   * each other, and the product of a whole triangle is faster than that of a part of it.
   */
  static final class NativeScatterMatrix implements ScatterMatrix {
    /** The fewest products per thread. */
    private static final long LEAST_PRODUCTS = 1 << 22;

    /** Triangles and panels of them start at a whole cache line. */
    private static final int ALIGNED = 8;

    private final int dim;
    private final int threads;
    private final int stride;
    private final DoublePointer triangles;
    private final RowBlock block = new RowBlock();
    private final OneThread oneThread = new OneThread();

    NativeScatterMatrix(int dim, int threads) {
      this.dim = dim;
      this.threads = threads;
      // The upper triangle begins beside the diagonal of the lower one.
      this.stride = dim + ALIGNED;
      this.triangles = new DoublePointer((long) dim * stride);
      triangles.fill(0);
    }

    @Override
    public void addOuterProducts(double[] rows, int count) {
      addOuterProducts((row, target) -> System.arraycopy(rows, row * dim, target, 0, dim), count);
    }

    /**
     * The library's threads take about the same number of products each. The threads of the BLAS
     * are not used, because they wake for each block and can start on the core of the thread that
     * waits for them.
     */
    @Override
    public void addOuterProducts(RowWriter rows, int count) {
      long products = (long) dim * dim * count;
      int tasks = (int) Math.max(1, Math.min(threads, products / LEAST_PRODUCTS));
      int shares = Math.min(Triangle.values().length, tasks);
      int panels = tasks / shares;
      DoublePointer values = block.reserve(Math.max(1L, (long) count * dim));
      DoubleBuffer buffer = values.asBuffer();
      if (panels > 1) {
        block.fill(rows, count, dim);
      }
      Workers.run(
          shares * panels,
          task -> {
            int share = task % shares;
            int panel = task / shares;
            int first = count * share / shares;
            int end = count * (share + 1) / shares;
            if (panels == 1) {
              // One thread makes its rows while another multiplies.
              RowBlock.fill(buffer, rows, new Rows(first, end), dim);
            }
            new Panel(Triangle.values()[share], border(panel, panels), border(panel + 1, panels))
                .addOuterProducts(
                    new DoublePointer(values).position((long) first * dim), end - first);
          });
    }

    /**
     * The column of the upper triangle, or line of the lower one, before which a share of the
     * triangle lies.
     */
    private int border(int panel, int panels) {
      int column = (int) (dim * Math.sqrt((double) panel / panels));
      return panel == panels ? dim : column / ALIGNED * ALIGNED;
    }

    private enum Triangle {
      UPPER(CblasUpper),
      LOWER(CblasLower);

      private final int side;

      Triangle(int side) {
        this.side = side;
      }
    }

    /**
     * Columns [from, to) of the upper triangle, or lines [from, to) of the lower one: a rectangle
     * and a triangle after it.
     */
    private final class Panel {
      private final Triangle triangle;
      private final int from;
      private final int width;

      Panel(Triangle triangle, int from, int to) {
        this.triangle = triangle;
        this.from = from;
        this.width = to - from;
      }

      void addOuterProducts(DoublePointer rows, int count) {
        oneThread.ensure();
        boolean upper = triangle == Triangle.UPPER;
        DoublePointer panel = new DoublePointer(rows).position(rows.position() + from);
        if (from > 0) {
          openblas.cblas_dgemm(
              CblasRowMajor,
              CblasTrans,
              CblasNoTrans,
              upper ? from : width,
              upper ? width : from,
              count,
              1.0,
              upper ? rows : panel,
              dim,
              upper ? panel : rows,
              dim,
              1.0,
              upper ? at(0, from) : at(from, 0),
              stride);
        }
        openblas.cblas_dsyrk(
            CblasRowMajor,
            triangle.side,
            CblasTrans,
            width,
            count,
            1.0,
            panel,
            dim,
            1.0,
            at(from, from),
            stride);
      }

      private DoublePointer at(int line, int column) {
        long beside = triangle == Triangle.UPPER ? ALIGNED : 0;
        return new DoublePointer(triangles).position((long) line * stride + beside + column);
      }
    }

    @Override
    public void add(double[] matrix) {
      double[] line = new double[dim];
      for (int i = 0; i < dim; i++) {
        DoublePointer lower = new DoublePointer(triangles).position((long) i * stride);
        lower.get(line, 0, i + 1);
        for (int j = 0; j <= i; j++) {
          line[j] += matrix[i * dim + j];
        }
        lower.put(line, 0, i + 1);
      }
    }

    @Override
    public double[] toArray() {
      double[] full = new double[dim * dim];
      double[] line = new double[stride];
      for (int i = 0; i < dim; i++) {
        new DoublePointer(triangles).position((long) i * stride).get(line);
        System.arraycopy(line, 0, full, i * dim, i);
        full[i * dim + i] = line[i] + line[ALIGNED + i];
        System.arraycopy(line, ALIGNED + i + 1, full, i * dim + i + 1, dim - i - 1);
      }
      JavaKernels.addTriangles(full, dim);
      return full;
    }

    @Override
    public void close() {
      block.close();
      triangles.close();
    }
  }
}
