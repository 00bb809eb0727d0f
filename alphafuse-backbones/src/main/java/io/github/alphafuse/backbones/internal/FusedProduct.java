package io.github.alphafuse.backbones.internal;

import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.FloatVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The product of a batch's rows with a weight, forward and backward, for the fused engine.
 *
 * <p>A weight W [out, in] is taken as a whole, y = x W', or head by head: with H heads, each W_h of
 * e = out / H rows of the weight,
 *
 * <pre>
 * WHOLE    y = x W'            x [B, in],    y [B, out]     dx = dy W       dW   = dy' x
 * OUT_OF   y_h = x_h W_h       x [B, H, e],  y [B, H, in]   dx_h = dy_h W_h'  dW_h = x_h' dy_h
 * INTO     y_h = x_h W_h'      x [B, H, in], y [B, H, e]    dx_h = dy_h W_h   dW_h = dy_h' x_h
 * </pre>
 *
 * <p>The weight's gradient is one product over the whole batch. It is computed in blocks of the
 * weight's rows after the backward pass of all rows, so that threads need no copies that have to be
 * summed. Calls for parts of the rows that do not overlap are thread-safe.
 */
public final class FusedProduct implements AutoCloseable {
  /** The fewest rows of a weight whose gradient is one task, and the most tasks of a head. */
  private static final int LEAST_BLOCK = 64;

  private static final int MOST_BLOCKS = 4;

  /** The mapping of the heads of a weight. */
  public enum Heads {
    /** The weight as a whole. */
    WHOLE,
    /** From e columns per head to all columns. */
    OUT_OF,
    /** From all columns to e columns per head. */
    INTO
  }

  private final FloatMatrix weight; // [out, in]
  private final FloatMatrix.View[] weights; // the rows of each head
  private final FloatMatrix.View[] transposedWeights;
  private final Heads kind;
  private final int heads;
  private final FloatMatrix x;
  private final FloatMatrix y; // dy in the backward pass
  private final FloatMatrix dx;
  private final FloatMatrix gradient; // dW [out, in]

  private FusedProduct(FloatMatrix weight, Heads kind, Size size) {
    this.weight = weight;
    this.kind = kind;
    this.heads = size.heads();
    int e = weight.rows() / heads;
    this.weights = new FloatMatrix.View[heads];
    Arrays.setAll(weights, h -> weight.rows(h * e, (h + 1) * e));
    this.transposedWeights = new FloatMatrix.View[heads];
    Arrays.setAll(transposedWeights, h -> weights[h].transpose());
    int in = weight.columns();
    int out = weight.rows();
    this.x =
        FloatMatrix.allocate(size.rows(), kind == Heads.INTO ? heads * in : inOf(kind, in, out));
    this.y = FloatMatrix.allocate(size.rows(), kind == Heads.OUT_OF ? heads * in : out);
    this.dx = FloatMatrix.allocate(size.rows(), x.columns());
    this.gradient = FloatMatrix.allocate(out, in);
  }

  private static int inOf(Heads kind, int in, int out) {
    return kind == Heads.OUT_OF ? out : in;
  }

  /**
   * The size of a product.
   *
   * @param rows the largest number of rows of a batch
   * @param heads the number of heads
   */
  public record Size(int rows, int heads) {}

  /**
   * The product with a whole weight.
   *
   * @param rows the largest number of rows of a batch
   * @param weight the weight
   * @return the product
   */
  public static FusedProduct of(int rows, FloatWeight weight) {
    return new FusedProduct(weight.matrix(), Heads.WHOLE, new Size(rows, 1));
  }

  /**
   * The product with a weight head by head.
   *
   * @param weight the weight
   * @param kind the mapping of the heads
   * @param size the largest number of rows, and the number of heads
   * @return the product
   */
  public static FusedProduct ofHeads(FloatWeight weight, Heads kind, Size size) {
    return new FusedProduct(weight.matrix(), kind, size);
  }

  /**
   * Sets y[from:to] to the product of x[from:to].
   *
   * @param in x
   * @param out y, overwritten
   * @param from the first row
   * @param to the row past the last
   */
  public void forward(float[] in, float[] out, int from, int to) {
    x.put(from, in, from * x.columns(), (to - from) * x.columns());
    product(x, y, from, to, true);
    y.get(from, out, from * y.columns(), (to - from) * y.columns());
  }

  /**
   * Sets dx[from:to] from dy[from:to].
   *
   * @param dOut dy
   * @param dIn dx, overwritten
   * @param from the first row
   * @param to the row past the last
   */
  public void backward(float[] dOut, float[] dIn, int from, int to) {
    keep(dOut, from, to);
    product(y, dx, from, to, false);
    dx.get(from, dIn, from * dx.columns(), (to - from) * dx.columns());
  }

  /**
   * Keeps dy[from:to] for the weight's gradient if the gradient of the input is not needed.
   *
   * @param dOut dy
   * @param from the first row
   * @param to the row past the last
   */
  public void keep(float[] dOut, int from, int to) {
    y.put(from, dOut, from * y.columns(), (to - from) * y.columns());
  }

  private void product(FloatMatrix source, FloatMatrix target, int from, int to, boolean forward) {
    boolean transposed = (kind == Heads.OUT_OF) != forward;
    for (int h = 0; h < heads; h++) {
      FloatMatrix.multiply(
          ofHead(source, h, from, to),
          transposed ? transposedWeights[h] : weights[h],
          ofHead(target, h, from, to),
          false);
    }
  }

  private FloatMatrix.View ofHead(FloatMatrix matrix, int head, int from, int to) {
    FloatMatrix.View rows = matrix.rows(from, to);
    int width = matrix.columns() / heads;
    return heads == 1 ? rows : rows.columns(head * width, width);
  }

  /**
   * The gradient of the weight [out, in] over the first rows of the batch, as tasks that may run in
   * parallel, each for some rows of the weight.
   *
   * @param rows the number of rows of the batch
   * @param weightGradient receives the gradient [out, in]
   * @return the tasks
   */
  public List<Runnable> gradientTasks(int rows, float[] weightGradient) {
    int e = weight.rows() / heads;
    // Few large blocks, because each one packs the other factor again.
    int block = Math.max(LEAST_BLOCK, (e + MOST_BLOCKS - 1) / MOST_BLOCKS);
    List<Runnable> tasks = new ArrayList<>();
    for (int h = 0; h < heads; h++) {
      for (int from = 0; from < e; from += block) {
        int head = h;
        int first = h * e + from;
        int last = Math.min(h * e + e, first + block);
        tasks.add(() -> gradient(head, new int[] {first, last, rows}, weightGradient));
      }
    }
    return tasks;
  }

  /** Rows span[0] to span[1] of the gradient, all of one head, over the batch's first span[2]. */
  private void gradient(int head, int[] span, float[] weightGradient) {
    int in = weight.columns();
    // The narrow side, e columns per head, gives the rows of the gradient.
    FloatMatrix narrow = kind == Heads.OUT_OF ? x : y;
    FloatMatrix wide = kind == Heads.OUT_OF ? y : x;
    int count = span[1] - span[0];
    FloatMatrix.multiply(
        narrow.rows(0, span[2]).columns(span[0], count).transpose(),
        wide.rows(0, span[2]).columns(kind == Heads.WHOLE ? 0 : head * in, in),
        gradient.rows(span[0], span[1]),
        false);
    gradient.get(span[0], weightGradient, span[0] * in, count * in);
  }

  /**
   * Adds a bias to rows[from:to].
   *
   * @param bias [d]
   * @param rows [B, d]
   * @param from the first row
   * @param to the row past the last
   */
  public static void addToRows(float[] bias, float[] rows, int from, int to) {
    int dim = bias.length;
    float[] row = new float[dim];
    for (int b = from; b < to; b++) {
      System.arraycopy(rows, b * dim, row, 0, dim);
      FloatVectors.addScaled(1, bias, row, dim);
      System.arraycopy(row, 0, rows, b * dim, dim);
    }
  }

  /**
   * Sums the first rows of dy: the gradient of a bias.
   *
   * @param dy [B, d]
   * @param rows the number of rows
   * @param biasGradient [d], overwritten
   */
  public static void sumRows(float[] dy, int rows, float[] biasGradient) {
    Arrays.fill(biasGradient, 0);
    int dim = biasGradient.length;
    float[] row = new float[dim];
    for (int b = 0; b < rows; b++) {
      // An array of its own, since only loops from 0 become SIMD code.
      System.arraycopy(dy, b * dim, row, 0, dim);
      FloatVectors.addScaled(1, row, biasGradient, dim);
    }
  }

  @Override
  public void close() {
    x.close();
    y.close();
    dx.close();
    gradient.close();
  }
}
