package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.backbones.strategy.Vectors.Piece;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import java.util.HashMap;
import java.util.Map;

/**
 * The products of blocks of rows with a weight W [out, in], forward and backward, for one thread:
 *
 * <pre>
 * y = x W'        dx = dy W        dW = dW + dy' x
 * </pre>
 *
 * <p>Products in float32 run on the BLAS if it is on the classpath. All others run in Java loops,
 * which are exact enough for comparisons in float64 but not meant to be fast. Not thread-safe.
 */
abstract class BlockProduct implements AutoCloseable {
  /** The number of rows of a block, so that block and weight fit into a cache together. */
  static final int ROWS = 256;

  private BlockProduct() {}

  static BlockProduct of(Tensor weight) {
    return of(weight, new Workspace());
  }

  /**
   * A product that shares its blocks of rows with other products that are computed one after
   * another.
   */
  static BlockProduct of(Tensor weight, Workspace workspace) {
    return weight.elementType() == ElementType.FLOAT32 && FloatMatrix.isAvailable()
        ? new BlasProduct(weight, workspace)
        : new JavaProduct(weight);
  }

  /**
   * The blocks of rows to which products copy their factors. If several products share them, they
   * stay in a cache. Closed with any of the products. Not thread-safe.
   */
  static final class Workspace {
    private final Map<Integer, FloatMatrix> inputs = new HashMap<>();
    private final Map<Integer, FloatMatrix> outputs = new HashMap<>();

    private static FloatMatrix of(Map<Integer, FloatMatrix> blocks, int width) {
      return blocks.computeIfAbsent(width, columns -> FloatMatrix.allocate(ROWS, columns));
    }

    private void close() {
      inputs.values().forEach(FloatMatrix::close);
      outputs.values().forEach(FloatMatrix::close);
      inputs.clear();
      outputs.clear();
    }
  }

  /**
   * Some rows of a table.
   *
   * @param table the table
   * @param first the first row
   */
  record Rows(Tensor table, int first) {
    Piece row(int r) {
      return Piece.row(table, first + r);
    }
  }

  /** Copies a weight that changed, and sets its gradient to zero. */
  abstract void refresh();

  /** y = x W' for a number of rows, at most {@link #ROWS}. */
  abstract void forward(Rows x, Rows y, int count);

  /** dx = dy W. */
  abstract void backward(Rows dy, Rows dx, int count);

  /** dW = dW + dy' x. */
  abstract void addGradient(Rows dy, Rows x, int count);

  /** target = target + dW [out, in]. */
  abstract void addTo(Tensor target);

  @Override
  public void close() {}

  private static final class BlasProduct extends BlockProduct {
    private final Tensor weight;
    private final Workspace workspace;
    private final FloatMatrix copy;
    private final FloatMatrix x;
    private final FloatMatrix y;
    private final FloatMatrix gradient;
    private boolean hasGradient;

    BlasProduct(Tensor weight, Workspace workspace) {
      int out = weight.shape(0);
      int in = weight.shape(1);
      this.weight = weight;
      this.copy = FloatMatrix.allocate(out, in);
      this.workspace = workspace;
      this.x = Workspace.of(workspace.inputs, in);
      this.y = Workspace.of(workspace.outputs, out);
      this.gradient = FloatMatrix.allocate(out, in);
    }

    @Override
    void refresh() {
      copy.put(0, weight.floats(), 0, weight.size());
      hasGradient = false;
    }

    private static void put(Rows rows, FloatMatrix block, int count) {
      int width = block.columns();
      block.put(0, rows.table.floats(), rows.first * width, count * width);
    }

    private static void get(FloatMatrix block, Rows rows, int count) {
      int width = block.columns();
      block.get(0, rows.table.floats(), rows.first * width, count * width);
    }

    @Override
    void forward(Rows in, Rows out, int count) {
      put(in, x, count);
      FloatMatrix.multiply(x.rows(0, count), copy.view().transpose(), y.rows(0, count), false);
      get(y, out, count);
    }

    @Override
    void backward(Rows dy, Rows dx, int count) {
      put(dy, y, count);
      FloatMatrix.multiply(y.rows(0, count), copy.view(), x.rows(0, count), false);
      get(x, dx, count);
    }

    @Override
    void addGradient(Rows dy, Rows in, int count) {
      put(dy, y, count);
      put(in, x, count);
      FloatMatrix.multiply(
          y.rows(0, count).transpose(), x.rows(0, count), gradient.view(), hasGradient);
      hasGradient = true;
    }

    @Override
    void addTo(Tensor target) {
      if (hasGradient) {
        int width = gradient.columns();
        float[] row = new float[width];
        float[] sum = target.floats();
        for (int o = 0; o < gradient.rows(); o++) {
          gradient.get(o, row, 0, width);
          for (int i = 0; i < width; i++) {
            sum[o * width + i] += row[i];
          }
        }
      }
    }

    @Override
    public void close() {
      copy.close();
      workspace.close();
      gradient.close();
    }
  }

  private static final class JavaProduct extends BlockProduct {
    private final Tensor weight;
    private final Tensor gradient;
    private final int out;
    private final int in;

    JavaProduct(Tensor weight) {
      this.weight = weight;
      this.out = weight.shape(0);
      this.in = weight.shape(1);
      this.gradient = Tensor.zeros(weight.elementType(), out, in);
    }

    @Override
    void refresh() {
      gradient.fill(0);
    }

    @Override
    void forward(Rows x, Rows y, int count) {
      for (int r = 0; r < count; r++) {
        Piece row = x.row(r);
        int at = y.row(r).at();
        for (int o = 0; o < out; o++) {
          y.table.set(at + o, Vectors.dot(row, Piece.row(weight, o), in));
        }
      }
    }

    @Override
    void backward(Rows dy, Rows dx, int count) {
      for (int r = 0; r < count; r++) {
        Piece row = dx.row(r);
        int at = dy.row(r).at();
        Vectors.scale(dy.table.get(at), Piece.row(weight, 0), row, in);
        for (int o = 1; o < out; o++) {
          Vectors.addScaled(dy.table.get(at + o), Piece.row(weight, o), row, in);
        }
      }
    }

    @Override
    void addGradient(Rows dy, Rows x, int count) {
      for (int r = 0; r < count; r++) {
        Piece row = x.row(r);
        int at = dy.row(r).at();
        for (int o = 0; o < out; o++) {
          Vectors.addScaled(dy.table.get(at + o), row, Piece.row(gradient, o), in);
        }
      }
    }

    @Override
    void addTo(Tensor target) {
      Vectors.addScaled(1, new Piece(gradient, 0), new Piece(target, 0), gradient.size());
    }
  }
}
