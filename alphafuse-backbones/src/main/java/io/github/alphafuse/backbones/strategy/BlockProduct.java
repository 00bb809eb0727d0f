package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.rows.Matrix;
import io.github.alphafuse.core.internal.rows.Rows;
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
        ? new BlasProduct(Rows.of(weight), workspace)
        : new JavaProduct(Rows.of(weight));
  }

  /**
   * The blocks of rows to which products copy their factors. If several products share them, they
   * stay in a cache. Closed with any of the products. Not thread-safe.
   */
  static final class Workspace {
    private final Map<Integer, Matrix> inputs = new HashMap<>();
    private final Map<Integer, Matrix> outputs = new HashMap<>();

    private static Matrix of(Map<Integer, Matrix> blocks, int width) {
      return blocks.computeIfAbsent(
          width, columns -> Matrix.allocate(ElementType.FLOAT32, ROWS, columns));
    }

    private void close() {
      inputs.values().forEach(Matrix::close);
      outputs.values().forEach(Matrix::close);
      inputs.clear();
      outputs.clear();
    }
  }

  /** Rows for a block, one after another. */
  static Rows rows(ElementType type, int width) {
    return Rows.of(Tensor.zeros(type, ROWS, width));
  }

  /** Copies a weight that changed, and sets its gradient to zero. */
  abstract void refresh();

  /** y = x W' for at most {@link #ROWS} rows. */
  abstract void forward(Rows x, Rows y);

  /** dx = dy W. */
  abstract void backward(Rows dy, Rows dx);

  /** dW = dW + dy' x. */
  abstract void addGradient(Rows dy, Rows x);

  /** target = target + dW [out, in]. */
  abstract void addTo(Rows target);

  @Override
  public void close() {}

  private static final class BlasProduct extends BlockProduct {
    private final Rows weight;
    private final Workspace workspace;
    private final Matrix copy;
    private final Matrix x;
    private final Matrix y;
    private final Matrix gradient;
    private boolean hasGradient;

    BlasProduct(Rows weight, Workspace workspace) {
      this.weight = weight;
      this.copy = Matrix.allocate(weight.elementType(), weight.count(), weight.width());
      this.workspace = workspace;
      this.x = Workspace.of(workspace.inputs, weight.width());
      this.y = Workspace.of(workspace.outputs, weight.count());
      this.gradient = Matrix.allocate(weight.elementType(), weight.count(), weight.width());
    }

    @Override
    void refresh() {
      copy.read(weight);
      hasGradient = false;
    }

    @Override
    void forward(Rows in, Rows out) {
      x.read(in);
      y.multiplyHere(x.firstRows(in.count()), copy.operand().transpose(), false);
      y.write(out);
    }

    @Override
    void backward(Rows dy, Rows dx) {
      y.read(dy);
      x.multiplyHere(y.firstRows(dy.count()), copy.operand(), false);
      x.write(dx);
    }

    @Override
    void addGradient(Rows dy, Rows in) {
      y.read(dy);
      x.read(in);
      int count = in.count();
      gradient.multiplyHere(y.firstRows(count).transpose(), x.firstRows(count), hasGradient);
      hasGradient = true;
    }

    @Override
    void addTo(Rows target) {
      if (hasGradient) {
        gradient.addTo(target);
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
    private final Rows weight;
    private final Rows gradient;
    private final int out;

    JavaProduct(Rows weight) {
      this.weight = weight;
      this.out = weight.count();
      this.gradient = Rows.zeros(weight.elementType(), out, weight.width());
    }

    @Override
    void refresh() {
      gradient.clear();
    }

    @Override
    void forward(Rows x, Rows y) {
      for (int r = 0; r < x.count(); r++) {
        for (int o = 0; o < out; o++) {
          y.set(r, o, x.dot(r, weight, o));
        }
      }
    }

    @Override
    void backward(Rows dy, Rows dx) {
      for (int r = 0; r < dy.count(); r++) {
        dx.clear(r);
        for (int o = 0; o < out; o++) {
          dx.addScaled(r, dy.get(r, o), weight, o);
        }
      }
    }

    @Override
    void addGradient(Rows dy, Rows x) {
      for (int r = 0; r < dy.count(); r++) {
        for (int o = 0; o < out; o++) {
          gradient.addScaled(o, dy.get(r, o), x, r);
        }
      }
    }

    @Override
    void addTo(Rows target) {
      target.add(gradient);
    }
  }
}
