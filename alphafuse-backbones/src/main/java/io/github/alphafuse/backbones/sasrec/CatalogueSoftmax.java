package io.github.alphafuse.backbones.sasrec;

import io.github.alphafuse.backbones.internal.FloatExp;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The softmax cross-entropy over the whole catalogue in closed form, in blocks of items.
 *
 * <p>Each thread takes a run of blocks. Logits of a block are made, replaced by e_bj = exp(l_bj -
 * m_b) with m_b near the block's largest, and kept; once all sums are known, r_b = exp(m_b - lse_b)
 * / B makes them probabilities on the way into the two products of the gradient:
 *
 * <pre>
 * dU = sum over blocks of diag(r) (E F)     dF = E' (diag(r) U)     less what the target takes
 * </pre>
 *
 * <p>Over cosines, U and F hold rows of length 1, and dx = (dn - (dn.n) n) / |x| / tau brings
 * gradients back to the rows. Frozen columns of F get no gradient, unless it is needed for that.
 *
 * <p>Legend: B examples, N items, d embedding dimension. Not thread-safe.
 */
final class CatalogueSoftmax implements AutoCloseable {
  private static final int BLOCK = 1024;

  /** Every so many scores one is looked at for a first shift. */
  private static final int STRIDE = 16;

  /** Sums from here on may hold a number that was cut off at e^80. */
  private static final float OVERFLOWING = 1e30f;

  /** The smallest weight of an item in an example's gradient: products stay normal numbers. */
  private static final float LEAST_SHARE = 1e-35f;

  /** Squared, so that a length is at least 1e-12. */
  private static final double SQUARED_EPSILON = 1e-24;

  private final ItemEmbedding items;
  private final int itemCount;
  private final int dim;
  private final double temperature;
  private final int blocks;
  private final FloatMatrix table; // F [N, d]
  private final float[] inverse; // [N], one over the lengths of F's rows
  private Buffers buffers;

  /** The softmax over inner products, or with a temperature over 0 over cosines divided by it. */
  CatalogueSoftmax(ItemEmbedding items, double temperature) {
    this.items = items;
    this.itemCount = items.itemCount();
    this.dim = items.dim();
    this.temperature = temperature;
    this.blocks = (itemCount + BLOCK - 1) / BLOCK;
    this.table = FloatMatrix.allocate(itemCount, dim);
    this.inverse = new float[isCosine() ? itemCount : 0];
    this.buffers = new Buffers(1);
  }

  private boolean isCosine() {
    return temperature > 0;
  }

  /** The summed loss of users [B, d] and their targets; the gradient of users is overwritten. */
  double apply(Inputs in, Gradients gradients) {
    int batch = in.targets().length;
    if (buffers.capacity < batch) {
      buffers.close();
      buffers = new Buffers(batch);
    }
    Buffers b = buffers;
    b.size = batch;
    b.takeUsers(in.users());
    int runs = Math.min(blocks, Workers.count());
    Workers.run(runs, run -> forEachBlock(run, runs, block -> b.logits(block)));
    double loss = b.finish(in);
    Workers.run(
        runs,
        run -> {
          float[] sum = b.runSums[run];
          Arrays.fill(sum, 0, batch * dim, 0);
          forEachBlock(run, runs, block -> b.gradients(block, sum, gradients));
        });
    b.userGradient(in, runs);
    b.targetGradients(in, gradients);
    return loss;
  }

  private interface BlockTask {
    void run(int block);
  }

  private void forEachBlock(int run, int runs, BlockTask task) {
    for (int block = blocks * run / runs; block < blocks * (run + 1) / runs; block++) {
      task.run(block);
    }
  }

  /** Users [B, d] or more rows, their targets [B], and where the users' gradient goes. */
  record Inputs(float[] users, int[] targets, float[] userGradient) {}

  private static float inverseLength(float[] x, int at, int d) {
    return (float) (1 / Math.sqrt(FloatVectors.dot(x, at, x, at, d) + SQUARED_EPSILON));
  }

  /** What a batch of up to so many examples needs. */
  private final class Buffers implements AutoCloseable {
    private final int capacity;
    private final FloatMatrix users; // U [B, d]
    private final float[] user; // [B, d]
    private final float[] userInverse; // [B]
    private final FloatMatrix[] weights; // for each block E [B, block]
    private final float[][] largest; // for each block [B]
    private final float[][] sums; // for each block [B]
    private final double[] logSums; // [B]
    private final float[][] runSums; // for each thread [B, d]
    private int size;

    Buffers(int examples) {
      this.capacity = examples;
      this.users = FloatMatrix.allocate(examples, dim);
      this.user = new float[examples * dim];
      this.userInverse = new float[examples];
      this.weights = new FloatMatrix[blocks];
      for (int block = 0; block < blocks; block++) {
        weights[block] = FloatMatrix.allocate(examples, width(block));
      }
      this.largest = new float[blocks][examples];
      this.sums = new float[blocks][examples];
      this.logSums = new double[examples];
      this.runSums = new float[Workers.count()][examples * dim];
    }

    private int width(int block) {
      return Math.min(BLOCK, itemCount - block * BLOCK);
    }

    void takeUsers(float[] vectors) {
      System.arraycopy(vectors, 0, user, 0, size * dim);
      if (isCosine()) {
        for (int b = 0; b < size; b++) {
          userInverse[b] = inverseLength(user, b * dim, dim);
          for (int j = 0; j < dim; j++) {
            user[b * dim + j] *= userInverse[b];
          }
        }
      }
      users.put(0, user, 0, size * dim);
    }

    /** F, l and E of a block. */
    void logits(int block) {
      int first = block * BLOCK;
      int width = width(block);
      takeRows(first, width);
      FloatMatrix e = weights[block];
      FloatMatrix.multiply(
          users.rows(0, size),
          table.rows(first, first + width).transpose(),
          e.rows(0, size),
          false);
      float scale = isCosine() ? (float) (1 / temperature) : 1;
      float[] row = new float[width];
      FloatExp exponential = new FloatExp(width);
      for (int b = 0; b < size; b++) {
        e.get(b, row, 0, width);
        // A score near the largest will do: sums are as exact around any of them, short of
        // overflow.
        float shift = sampledMax(row, width) * scale;
        exponential.apply(row, width, scale, shift);
        float sum = FloatVectors.sum(row, 0, width);
        if (!(sum < OVERFLOWING)) {
          e.get(b, row, 0, width);
          shift = FloatVectors.max(row, 0, width) * scale;
          exponential.apply(row, width, scale, shift);
          sum = FloatVectors.sum(row, 0, width);
        }
        e.put(b, row, 0, width);
        largest[block][b] = shift;
        sums[block][b] = sum;
      }
    }

    private float sampledMax(float[] scores, int width) {
      float most = scores[0];
      for (int j = 0; j < width; j += STRIDE) {
        most = Math.max(most, scores[j]);
      }
      return most;
    }

    private void takeRows(int first, int count) {
      int[] ids = new int[count];
      Arrays.setAll(ids, i -> first + i);
      Tensor rows = Tensor.zeros(DataType.FLOAT, count, dim);
      items.gather(ids, rows);
      float[] values = rows.floats();
      if (isCosine()) {
        for (int i = 0; i < count; i++) {
          inverse[first + i] = inverseLength(values, i * dim, dim);
          for (int j = 0; j < dim; j++) {
            values[i * dim + j] *= inverse[first + i];
          }
        }
      }
      table.put(first, values, 0, count * dim);
    }

    /** The log of each example's sum, and the summed loss. */
    double finish(Inputs in) {
      double total = 0;
      float[] row = new float[dim];
      double scale = isCosine() ? 1 / temperature : 1;
      for (int b = 0; b < size; b++) {
        double most = Double.NEGATIVE_INFINITY;
        for (int block = 0; block < blocks; block++) {
          most = Math.max(most, largest[block][b]);
        }
        double sum = 0;
        for (int block = 0; block < blocks; block++) {
          sum += sums[block][b] * Math.exp(largest[block][b] - most);
        }
        logSums[b] = most + Math.log(sum);
        table.get(in.targets()[b], row, 0, dim);
        total += logSums[b] - FloatVectors.dot(user, b * dim, row, 0, dim) * scale;
      }
      return total;
    }

    /** dF of a block goes to the items; its part of dU is added to the sum. */
    void gradients(int block, float[] sum, Gradients gradients) {
      int first = block * BLOCK;
      int width = width(block);
      FloatMatrix e = weights[block];
      float[] share = new float[size];
      float[] row = new float[width];
      float[] scaled = new float[size * dim];
      double scale = isCosine() ? 1 / temperature : 1;
      for (int b = 0; b < size; b++) {
        share[b] = (float) (Math.exp(largest[block][b] - logSums[b]) * scale / size);
        if (share[b] * FloatExp.LEAST_RESULT < LEAST_SHARE) {
          e.get(b, row, 0, width);
          share[b] = withoutTraces(row, width, share[b]);
          e.put(b, row, 0, width);
        }
        FloatVectors.addScaled(share[b], user, b * dim, scaled, b * dim, dim);
      }
      int from = isCosine() ? 0 : items.firstTrainedColumn();
      try (FloatMatrix part = FloatMatrix.allocate(size, dim);
          FloatMatrix rows = FloatMatrix.allocate(width, dim)) {
        FloatMatrix.View f = table.rows(first, first + width);
        FloatMatrix.multiply(e.rows(0, size), f, part.view(), false);
        float[] partial = new float[size * dim];
        part.get(0, partial, 0, size * dim);
        for (int b = 0; b < size; b++) {
          FloatVectors.addScaled(share[b], partial, b * dim, sum, b * dim, dim);
        }
        if (items.firstTrainedColumn() == dim) {
          return;
        }
        part.put(0, scaled, 0, size * dim);
        FloatMatrix.multiply(
            e.rows(0, size).transpose(),
            part.view().columns(from, dim - from),
            rows.view().columns(from, dim - from),
            false);
        Tensor gradient = Tensor.zeros(DataType.FLOAT, width, dim);
        rows.get(0, gradient.floats(), 0, width * dim);
        if (isCosine()) {
          float[] unit = new float[dim];
          for (int i = 0; i < width; i++) {
            table.get(first + i, unit, 0, dim);
            throughLength(gradient.floats(), i * dim, unit, inverse[first + i]);
          }
        }
        int[] ids = new int[width];
        Arrays.setAll(ids, i -> first + i);
        items.accumulate(ids, gradient, gradients);
      }
    }

    /**
     * Leaves out items of a row of E that take next to nothing of an example: the block's largest
     * logit may be so far below that of another block that the product with its share is denormal,
     * which slows products down many times.
     *
     * @return the share, 0 where nothing is left
     */
    private static float withoutTraces(float[] row, int width, float share) {
      if (share < LEAST_SHARE) {
        return 0;
      }
      float least = LEAST_SHARE / share;
      for (int i = 0; i < width; i++) {
        row[i] = row[i] < least ? 0 : row[i];
      }
      return share;
    }

    /** dx = (dn - (dn.n) n) / |x|, in place. */
    private void throughLength(float[] gradient, int at, float[] unit, float inverseLength) {
      float along = FloatVectors.dot(gradient, at, unit, 0, dim);
      for (int j = 0; j < dim; j++) {
        gradient[at + j] = (gradient[at + j] - along * unit[j]) * inverseLength;
      }
    }

    void userGradient(Inputs in, int runs) {
      float[] gradient = in.userGradient();
      float[] row = new float[dim];
      float scale = (float) ((isCosine() ? 1 / temperature : 1) / size);
      System.arraycopy(runSums[0], 0, gradient, 0, size * dim);
      for (int run = 1; run < runs; run++) {
        FloatVectors.add(runSums[run], 0, gradient, 0, size * dim);
      }
      float[] unit = new float[dim];
      for (int b = 0; b < size; b++) {
        table.get(in.targets()[b], row, 0, dim);
        FloatVectors.addScaled(-scale, row, 0, gradient, b * dim, dim);
        if (isCosine()) {
          System.arraycopy(user, b * dim, unit, 0, dim);
          throughLength(gradient, b * dim, unit, userInverse[b]);
        }
      }
    }

    void targetGradients(Inputs in, Gradients gradients) {
      Tensor gradient = Tensor.zeros(DataType.FLOAT, size, dim);
      float scale = (float) ((isCosine() ? 1 / temperature : 1) / size);
      float[] unit = new float[dim];
      for (int b = 0; b < size; b++) {
        FloatVectors.addScaled(-scale, user, b * dim, gradient.floats(), b * dim, dim);
        if (isCosine()) {
          table.get(in.targets()[b], unit, 0, dim);
          throughLength(gradient.floats(), b * dim, unit, inverse[in.targets()[b]]);
        }
      }
      items.accumulate(in.targets(), gradient, gradients);
    }

    @Override
    public void close() {
      users.close();
      for (FloatMatrix block : weights) {
        block.close();
      }
    }
  }

  @Override
  public void close() {
    buffers.close();
    table.close();
  }
}
