package io.github.alphafuse.core.nullspace;

import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DenseKernels.RowProduct;
import io.github.alphafuse.core.internal.DoubleOperand;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A block of vectors on its way to the leading eigenvectors of a positive semidefinite matrix.
 *
 * <p>Legend: n order of the matrix, l vectors of the block, one per row. Not thread-safe.
 */
final class SubspaceIteration implements AutoCloseable {
  private static final int MOST_DEGREE = 12;

  /**
   * The largest ratio by which a leading vector may outgrow the last ones before the block is
   * orthonormalised.
   */
  private static final double MOST_GROWTH = 1e4;

  /** The least squared part of a row of length 1 that must be independent of the rows before. */
  private static final double LEAST_PIVOT = 1e-11;

  private static final int MOST_REPAIRS = 8;

  private final DenseKernels kernels = DenseKernels.get();
  private final int n;
  private final int width;
  private final double unit;
  private final RowProduct byMatrix;
  private final SplittableRandom random;
  private double[] block;
  private double[] image;
  private final double[] values;

  SubspaceIteration(double[] matrix, int width, long seed) {
    this.n = KernelEigenSolver.order(matrix);
    this.width = width;
    this.unit = unitOf(matrix);
    this.random = new SplittableRandom(seed);
    this.block = new double[width * n];
    this.image = new double[width * n];
    this.values = new double[width];
    double[] scaled = matrix;
    if (unit != 1) {
      scaled = Arrays.stream(matrix).map(x -> x / unit).toArray();
    }
    this.byMatrix = kernels.newRowProduct(DoubleOperand.of(scaled, n, n));
  }

  /** A power of two that takes numbers whose squares would overflow or vanish to about 1. */
  private static double unitOf(double[] matrix) {
    double largest = 0;
    for (double x : matrix) {
      largest = Math.max(largest, Math.abs(x));
    }
    return largest == 0 || (largest > 1e-60 && largest < 1e60)
        ? 1
        : Math.scalb(1.0, Math.max(Math.getExponent(largest), Double.MIN_EXPONENT));
  }

  String kernels() {
    return kernels.name();
  }

  /** Iterates until the first count columns have at most the given residual. */
  SymmetricEigen.Columns leading(int count, double tolerance, int maxProducts) {
    for (int row = 0; row < width; row++) {
      draw(block, row);
    }
    orthonormalize();
    image = times(block);
    swap();
    orthonormalize();
    int products = 1;
    while (true) {
      image = times(block);
      products++;
      rotate();
      // Eigenvalues outside the block are smaller in magnitude than those inside. If none inside is
      // negative, the largest are the leading ones.
      double largest = Math.max(Math.abs(values[0]), Math.abs(values[width - 1]));
      if (values[width - 1] < -1e-10 * largest) {
        throw new ArithmeticException(
            "the matrix has a negative eigenvalue near " + values[width - 1] * unit);
      }
      double residual = residual(count);
      if (residual <= tolerance) {
        return columns(count);
      }
      if (products >= maxProducts) {
        throw new ArithmeticException("residual " + residual + " after " + products + " products");
      }
      int degree = Math.min(degree(count, residual, tolerance), maxProducts - products);
      filter(degree);
      products += degree - 1;
      orthonormalize();
    }
  }

  private void draw(double[] rows, int row) {
    for (int j = row * n; j < (row + 1) * n; j++) {
      rows[j] = random.nextGaussian();
    }
  }

  /** Rows times the matrix, [l, n]. */
  private double[] times(double[] rows) {
    double[] product = new double[width * n];
    byMatrix.multiply(
        (row, target) -> System.arraycopy(rows, row * n, target, 0, n), width, product);
    return product;
  }

  private void swap() {
    double[] before = block;
    block = image;
    image = before;
  }

  /** Turns block and image to the eigenvectors within the span, the largest first. */
  private void rotate() {
    double[] small = new double[width * width];
    kernels.multiply(
        DoubleOperand.of(image, width, n),
        DoubleOperand.of(block, width, n).transpose(),
        small); // [l, l]
    double[] ascending = new double[width];
    kernels.symmetricEigen(small, ascending);
    double[] turn = new double[width * width];
    for (int j = 0; j < width; j++) {
      values[j] = ascending[width - 1 - j];
      for (int i = 0; i < width; i++) {
        turn[j * width + i] = small[i * width + width - 1 - j];
      }
    }
    block = apply(turn, block);
    image = apply(turn, image);
  }

  private double[] apply(double[] square, double[] rows) {
    double[] product = new double[width * n];
    kernels.multiply(
        DoubleOperand.of(square, width, width),
        DoubleOperand.of(rows, width, n),
        product); // [l, n]
    return product;
  }

  /** The largest length of a difference of image and value times vector, over the largest value. */
  private double residual(int count) {
    double worst = 0;
    for (int row = 0; row < count; row++) {
      double squares = 0;
      for (int j = row * n; j < (row + 1) * n; j++) {
        double difference = image[j] - values[row] * block[j];
        squares += difference * difference;
      }
      if (Double.isNaN(squares)) {
        throw new ArithmeticException("the iteration gave NaN");
      }
      worst = Math.max(worst, squares);
    }
    return Math.sqrt(worst) / Math.max(Double.MIN_NORMAL, values[0]);
  }

  /**
   * The degree of the next polynomial. It is no higher than the tolerance needs, and so low that
   * the remainders of the first vectors in the last ones do not outgrow them.
   */
  private int degree(int count, double residual, double tolerance) {
    double cut = values[width - 1];
    if (!(cut > 1e-12 * values[0])) {
      return 1;
    }
    double needed = Math.log(residual / tolerance) / Math.log(growth(values[count - 1] / cut));
    double allowed =
        Math.log(MOST_GROWTH / Math.min(1, residual)) / Math.log(growth(values[0] / cut));
    return (int) Math.max(1, Math.min(MOST_DEGREE, Math.min(Math.ceil(needed), allowed)));
  }

  /**
   * The growth with each degree of a Chebyshev polynomial over [0, 1] at a number of at least 1.
   */
  private static double growth(double at) {
    double x = Math.max(2 * at - 1, 1 + 1e-12);
    return x + Math.sqrt(x * x - 1);
  }

  /** Block becomes T(A) block, T the Chebyshev polynomial over [0, last value]; A for degree 1. */
  private void filter(int degree) {
    if (degree == 1) {
      swap();
      return;
    }
    double half = values[width - 1] / 2;
    double[] before = block;
    double[] now = image;
    for (int j = 0; j < now.length; j++) {
      now[j] = now[j] / half - before[j];
    }
    for (int k = 2; k <= degree; k++) {
      double[] next = times(now);
      for (int j = 0; j < next.length; j++) {
        next[j] = 2 * (next[j] / half - now[j]) - before[j];
      }
      before = now;
      now = next;
    }
    block = now;
  }

  /**
   * Makes the rows of the block orthonormal with the Cholesky factor of their products. This is
   * done twice, because doing it once leaves an error of the squared condition. Rows that depend on
   * those before are drawn again.
   */
  private void orthonormalize() {
    int repairs = 0;
    int passes = 0;
    while (passes < 2) {
      normalizeRows();
      double[] gram = new double[width * width];
      DoubleOperand rows = DoubleOperand.of(block, width, n);
      kernels.multiply(rows, rows.transpose(), gram);
      boolean[] dependent = new boolean[width];
      double[] inverse = inverseFactor(gram, dependent);
      boolean any = false;
      for (int row = 0; row < width; row++) {
        if (dependent[row]) {
          draw(block, row);
          any = true;
        }
      }
      if (any) {
        passes = 0;
        if (++repairs > MOST_REPAIRS) {
          throw new ArithmeticException("the block lost its rank " + repairs + " times");
        }
      } else {
        block = apply(inverse, block);
        passes++;
      }
    }
  }

  private void normalizeRows() {
    for (int row = 0; row < width; row++) {
      double squares = squares(row);
      if (squares == 0) {
        draw(block, row);
        squares = squares(row);
      }
      double factor = 1 / Math.sqrt(squares);
      for (int j = row * n; j < (row + 1) * n; j++) {
        block[j] *= factor;
      }
    }
  }

  private double squares(int row) {
    double squares = 0;
    for (int j = row * n; j < (row + 1) * n; j++) {
      squares += block[j] * block[j];
    }
    return squares;
  }

  /** The inverse of L where G = L L', [l, l]; rows with almost no independent part are marked. */
  private double[] inverseFactor(double[] gram, boolean[] dependent) {
    double[][] factor = new double[width][];
    double[][] inverse = new double[width][];
    double[] flat = new double[width * width];
    for (int i = 0; i < width; i++) {
      double[] line = new double[i + 1];
      for (int j = 0; j < i; j++) {
        double[] other = factor[j];
        double sum = gram[i * width + j];
        for (int k = 0; k < j; k++) {
          sum -= line[k] * other[k];
        }
        line[j] = dependent[j] ? 0 : sum / other[j];
      }
      double own = gram[i * width + i];
      for (int k = 0; k < i; k++) {
        own -= line[k] * line[k];
      }
      dependent[i] = !(own > LEAST_PIVOT);
      line[i] = dependent[i] ? 1 : Math.sqrt(own);
      factor[i] = line;
      double[] solved = new double[i + 1];
      for (int k = 0; k < i; k++) {
        double[] above = inverse[k];
        double by = line[k];
        for (int j = 0; j < above.length; j++) {
          solved[j] -= by * above[j];
        }
      }
      solved[i] = 1;
      for (int j = 0; j <= i; j++) {
        solved[j] /= line[i];
      }
      inverse[i] = solved;
      System.arraycopy(solved, 0, flat, i * width, i + 1);
    }
    return flat;
  }

  private SymmetricEigen.Columns columns(int count) {
    double[] ascending = new double[count];
    double[] vectors = new double[n * count];
    for (int j = 0; j < count; j++) {
      int at = count - 1 - j;
      ascending[at] = values[j] * unit;
      for (int i = 0; i < n; i++) {
        vectors[i * count + at] = block[j * n + i];
      }
    }
    return new SymmetricEigen.Columns(ascending, vectors);
  }

  @Override
  public void close() {
    byMatrix.close();
  }
}
