package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.backbones.internal.FloatExp;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@link ViewContrast} in float32 over the BLAS of the CPU backend.
 *
 * <p>Two U x U matrices are stored: G, which becomes its gradient, and A, which becomes T and then
 * its gradient. Their rows are divided among threads.
 */
final class FusedViewContrast implements ViewContrast {
  /** The fewest rows per thread. */
  private static final int LEAST = 32;

  private @Nullable Buffers buffers;

  @Override
  public double apply(Items items, double weight, Tensor gradient) {
    int count = items.counts().length;
    int width = items.rows().shape(1);
    Buffers known = buffers;
    if (known == null || known.capacity() < count || known.rows.columns() != width) {
      close();
      known = new Buffers(Math.max(count, known == null ? 0 : known.capacity()), width);
      buffers = known;
    }
    return new Pass(known, items.counts()).run(items.rows(), weight, gradient);
  }

  @Override
  public void close() {
    if (buffers != null) {
      buffers.close();
      buffers = null;
    }
  }

  /** The buffers for up to a number of items. */
  private static final class Buffers implements AutoCloseable {
    private final FloatMatrix rows; // [X Y] [U, 2d]
    private final FloatMatrix rowGradients; // [U, 2d]
    private final FloatMatrix products; // G [U, U]
    private final FloatMatrix targets; // A, T [U, U]

    Buffers(int items, int width) {
      this.rows = FloatMatrix.allocate(items, width);
      this.rowGradients = FloatMatrix.allocate(items, width);
      this.products = FloatMatrix.allocate(items, items);
      this.targets = FloatMatrix.allocate(items, items);
    }

    int capacity() {
      return rows.rows();
    }

    @Override
    public void close() {
      rows.close();
      rowGradients.close();
      products.close();
      targets.close();
    }
  }

  /** One batch. */
  private static final class Pass {
    private final FloatMatrix z;
    private final FloatMatrix dz;
    private final FloatMatrix g;
    private final FloatMatrix t;
    private final int count;
    private final int dim;
    private final int runs;
    private final float[] n; // [U]
    private final float[] r; // [U]
    private final float[] s; // [U]
    private final float[] c; // [U]

    Pass(Buffers buffers, int[] counts) {
      this.z = buffers.rows;
      this.dz = buffers.rowGradients;
      this.g = buffers.products;
      this.t = buffers.targets;
      this.count = counts.length;
      this.dim = z.columns() / 2;
      this.runs = Math.max(1, Math.min(Workers.count(), count / LEAST));
      this.n = new float[count];
      for (int i = 0; i < count; i++) {
        n[i] = counts[i];
      }
      this.r = new float[count];
      this.s = new float[count];
      this.c = new float[count];
    }

    private interface Part {
      void run(int run, int from, int to);
    }

    private void share(Part part) {
      Workers.run(
          runs,
          run ->
              part.run(
                  run, (int) ((long) count * run / runs), (int) ((long) count * (run + 1) / runs)));
    }

    private FloatMatrix.View ids(int from, int to) {
      return z.rows(from, to).columns(0, dim);
    }

    private FloatMatrix.View texts(int from, int to) {
      return z.rows(from, to).columns(dim, dim);
    }

    private FloatMatrix.View square(FloatMatrix matrix, int from, int to) {
      return matrix.rows(from, to).columns(0, count);
    }

    double run(Tensor rows, double weight, Tensor gradient) {
      z.put(0, rows.floats(), 0, count * 2 * dim);
      float[][] largest = new float[runs][count];
      float[][] targetSums = new float[runs][count];
      share((run, from, to) -> rowSums(new int[] {from, to}, largest[run], targetSums[run]));
      for (int run = 1; run < runs; run++) {
        max(largest[0], largest[run]);
      }
      for (float[] ofRun : targetSums) {
        FloatVectors.addScaled(1, ofRun, c, count);
      }
      float[][] sums = new float[runs][count];
      share((run, from, to) -> columnSums(new int[] {from, to}, largest[0], sums[run]));
      for (int run = 1; run < runs; run++) {
        FloatVectors.addScaled(1, sums[run], sums[0], count);
      }
      for (int j = 0; j < count; j++) {
        s[j] = (float) (largest[0][j] + Math.log(sums[0][j]));
      }
      double positions = 0;
      for (float positionsOfItem : n) {
        positions += positionsOfItem;
      }
      double factor = weight / (2 * positions);
      double[] losses = new double[runs];
      share((run, from, to) -> losses[run] = differentiate(from, to, factor));
      share((run, from, to) -> rowGradients(from, to));
      dz.get(0, gradient.floats(), 0, count * 2 * dim);
      return factor * Arrays.stream(losses).sum();
    }

    /** G, r and T of some rows, and their contributions to the columns' maxima and to c. */
    private void rowSums(int[] range, float[] largest, float[] targetSums) {
      int from = range[0];
      int to = range[1];
      FloatMatrix.multiply(ids(from, to), texts(0, count).transpose(), square(g, from, to), false);
      FloatMatrix.multiply(
          z.rows(from, to), z.rows(0, count).transpose(), square(t, from, to), false);
      FloatExp exponential = new FloatExp(count);
      float[] row = new float[count];
      Arrays.fill(largest, Float.NEGATIVE_INFINITY);
      for (int i = from; i < to; i++) {
        g.get(i, row, 0, count);
        max(largest, row);
        float most = FloatVectors.max(row, 0, count);
        exponential.apply(row, count, 1, most);
        r[i] = (float) (most + Math.log(FloatVectors.dot(row, 0, n, 0, count)));
        t.get(i, row, 0, count);
        exponential.apply(row, count, 0.5f, FloatVectors.max(row, 0, count) * 0.5f);
        float share = 1 / FloatVectors.dot(row, 0, n, 0, count);
        float ofItem = n[i];
        for (int j = 0; j < count; j++) {
          row[j] *= share;
        }
        FloatVectors.addScaled(ofItem, row, targetSums, count);
        t.put(i, row, 0, count);
      }
    }

    private static void max(float[] most, float[] row) {
      for (int j = 0; j < most.length; j++) {
        most[j] = Math.max(most[j], row[j]);
      }
    }

    /** The contributions of some rows to the columns' sums of n_i exp(G_ij - largest_j). */
    private void columnSums(int[] range, float[] largest, float[] sums) {
      FloatExp exponential = new FloatExp(count);
      float[] row = new float[count];
      for (int i = range[0]; i < range[1]; i++) {
        g.get(i, row, 0, count);
        FloatVectors.addScaled(-1, largest, row, count);
        exponential.apply(row, count, 1, 0);
        FloatVectors.addScaled(n[i], row, sums, count);
      }
    }

    /** The gradients of G and, halved, of A in some rows. Returns 2P times their loss. */
    private double differentiate(int from, int to, double factor) {
      FloatExp exponential = new FloatExp(count);
      float[] product = new float[count];
      float[] target = new float[count];
      float[] byRow = new float[count];
      float[] byColumn = new float[count];
      double loss = 0;
      for (int i = from; i < to; i++) {
        g.get(i, product, 0, count);
        t.get(i, target, 0, count);
        for (int j = 0; j < count; j++) {
          byColumn[j] = product[j] - s[j];
        }
        System.arraycopy(product, 0, byRow, 0, count);
        exponential.apply(byRow, count, 1, r[i]);
        exponential.apply(byColumn, count, 1, 0);
        double matched = 0;
        double mean = 0;
        for (int j = 0; j < count; j++) {
          double share = (double) n[j] * target[j];
          matched += share * product[j];
          mean += share * s[j];
        }
        mean -= 2 * matched;
        loss += n[i] * ((double) r[i] + (double) c[i] * s[i] - 2 * matched);
        float ofItem = (float) (factor * n[i]);
        float shift = (float) mean;
        for (int j = 0; j < count; j++) {
          byRow[j] = ofItem * n[j] * (byRow[j] + c[j] * byColumn[j] - 2 * target[j]);
        }
        for (int j = 0; j < count; j++) {
          target[j] = 0.5f * ofItem * n[j] * target[j] * (s[j] - 2 * product[j] - shift);
        }
        g.put(i, byRow, 0, count);
        t.put(i, target, 0, count);
      }
      return loss;
    }

    /** The gradients of some items' rows. */
    private void rowGradients(int from, int to) {
      FloatMatrix.View target = dz.rows(from, to);
      FloatMatrix.multiply(square(g, from, to), texts(0, count), target.columns(0, dim), false);
      FloatMatrix.multiply(
          g.rows(0, count).columns(from, to - from).transpose(),
          ids(0, count),
          target.columns(dim, dim),
          false);
      FloatMatrix.multiply(square(t, from, to), z.rows(0, count), target, true);
      FloatMatrix.multiply(
          t.rows(0, count).columns(from, to - from).transpose(), z.rows(0, count), target, true);
    }
  }
}
