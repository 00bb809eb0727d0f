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
 * <p>Each thread takes a run of blocks. Logits of a block are made, replaced by e_ib = exp(l_ib -
 * m_b) with m_b near the example's largest, and kept; once all sums s_b are known, r_b = 1 / (s_b
 * B) makes them probabilities on the way into and out of the two products of the gradient:
 *
 * <pre>
 * dU = diag(r) sum over blocks of E' F      dF = E (diag(r) U)      less what the target takes
 * </pre>
 *
 * <p>Over cosines, U and F hold rows of length 1, and dx = (dn - (dn.n) n) / |x| / tau brings
 * gradients back to the rows. Frozen columns of F get no gradient, unless it is needed for that.
 *
 * <p>Legend: B examples, C examples that there is room for (those beyond B are zeros), N items, d
 * embedding dimension. Not thread-safe.
 */
final class CatalogueSoftmax implements AutoCloseable {
  private static final int BLOCK = 512;

  /** Numbers that are worked on at once: the nearest cache holds them and what they become. */
  private static final int PIECE = 1024;

  /** Items whose scores the largest of an example is guessed from. */
  private static final int SAMPLE = 256;

  /** Sums from here on may hold a number that was cut off at e^80. */
  private static final double OVERFLOWING = 1e30;

  /** Sums up to here leave no product of a probability denormal. */
  private static final double SPREAD = 1e10;

  /** Items below this share of an example's sum are left out: about e^-60. */
  private static final double LEAST_SHARE = 1e-26;

  /** Squared, so that a length is at least 1e-12. */
  private static final double SQUARED_EPSILON = 1e-24;

  private final ItemEmbedding items;
  private final int itemCount;
  private final int dim;
  private final boolean cosine;
  private final float scale;
  private final int blocks;
  private final int[] sample;
  private Buffers buffers;

  /** The softmax over inner products, or with a temperature over 0 over cosines divided by it. */
  CatalogueSoftmax(ItemEmbedding items, double temperature) {
    this.items = items;
    this.itemCount = items.itemCount();
    this.dim = items.dim();
    this.cosine = temperature > 0;
    this.scale = cosine ? (float) (1 / temperature) : 1;
    this.blocks = (itemCount + BLOCK - 1) / BLOCK;
    this.sample = new int[Math.min(SAMPLE, itemCount)];
    Arrays.setAll(sample, i -> (int) ((long) itemCount * i / sample.length));
    this.buffers = new Buffers(1);
  }

  /** The summed loss of users [B, d] and their targets; the gradient of users is overwritten. */
  double apply(Inputs in, Gradients gradients) {
    int batch = in.targets().length;
    if (buffers.capacity < batch) {
      buffers.close();
      buffers = new Buffers(batch);
    }
    return buffers.apply(in, gradients);
  }

  /** Users [B, d] or more rows, their targets [B], and where the users' gradient goes. */
  record Inputs(float[] users, int[] targets, float[] userGradient) {}

  private static float inverseLength(float[] x, int at, int d) {
    return (float) (1 / Math.sqrt(FloatVectors.dot(x, at, x, at, d) + SQUARED_EPSILON));
  }

  /** Divides rows by their lengths, one over which goes to a place of its own. */
  private void normalize(float[] rows, int count, float[] lengths, int at) {
    for (int i = 0; i < count; i++) {
      float length = inverseLength(rows, i * dim, dim);
      lengths[at + i] = length;
      for (int j = 0; j < dim; j++) {
        rows[i * dim + j] *= length;
      }
    }
  }

  /** dx = (dn - (dn.n) n) / |x|, in place. */
  private void throughLength(float[] gradient, int at, float[] unit, float inverseLength) {
    float along = FloatVectors.dot(gradient, at, unit, 0, dim);
    for (int j = 0; j < dim; j++) {
      gradient[at + j] = (gradient[at + j] - along * unit[j]) * inverseLength;
    }
  }

  /** What a batch of up to so many examples needs. */
  private final class Buffers implements AutoCloseable {
    private final int capacity;
    private final int runs = Math.min(blocks, Workers.count());
    private final Run[] threads = new Run[runs];
    private final FloatMatrix users; // U [C, d]
    private final FloatMatrix sharedUsers; // diag(r) U [C, d]
    private final float[] user; // [C, d]
    private final float[] userInverse; // [C]
    private final Tensor targets; // their rows in F [C, d]
    private final float[] targetInverse; // [C]
    private final FloatMatrix[] weights; // for each block E [block, C]
    private final float[] shifts; // m [C]
    private final double[] sums; // s [C]
    private int size;

    Buffers(int examples) {
      this.capacity = examples;
      this.users = FloatMatrix.allocate(examples, dim);
      this.sharedUsers = FloatMatrix.allocate(examples, dim);
      this.user = new float[examples * dim];
      this.userInverse = new float[examples];
      this.targets = Tensor.zeros(DataType.FLOAT, examples, dim);
      this.targetInverse = new float[examples];
      this.weights = new FloatMatrix[blocks];
      for (int block = 0; block < blocks; block++) {
        weights[block] = FloatMatrix.allocate(width(block), examples);
      }
      this.shifts = new float[examples];
      this.sums = new double[examples];
      Arrays.setAll(threads, run -> new Run(examples));
    }

    private int width(int block) {
      return Math.min(BLOCK, itemCount - block * BLOCK);
    }

    double apply(Inputs in, Gradients gradients) {
      size = in.targets().length;
      takeUsers(in.users());
      takeTargets(in.targets());
      guessLargest();
      sumUp();
      if (Arrays.stream(sums, 0, size).anyMatch(sum -> !(sum < OVERFLOWING))) {
        findLargest();
        sumUp();
      }
      float[] shares = new float[capacity];
      double loss = 0;
      boolean spread = false;
      float[] shared = user.clone();
      for (int b = 0; b < size; b++) {
        loss += shifts[b] + Math.log(sums[b]) - targetLogit(b);
        shares[b] = (float) (scale / (sums[b] * size));
        spread |= !(sums[b] < SPREAD);
        for (int j = 0; j < dim; j++) {
          shared[b * dim + j] *= shares[b];
        }
      }
      sharedUsers.put(0, shared, 0, shared.length);
      boolean leaveOut = spread;
      if (items.firstTrainedColumn() < dim) {
        Workers.run(
            runs,
            run -> {
              for (int block = blocks * run / runs; block < blocks * (run + 1) / runs; block++) {
                if (leaveOut) {
                  withoutTraces(block, threads[run]);
                }
                rowGradients(block, threads[run], gradients);
              }
            });
      }
      userGradient(in, shares);
      targetGradients(in, gradients);
      return loss;
    }

    private void takeUsers(float[] vectors) {
      System.arraycopy(vectors, 0, user, 0, size * dim);
      Arrays.fill(user, size * dim, capacity * dim, 0);
      if (cosine) {
        normalize(user, size, userInverse, 0);
      }
      users.put(0, user, 0, capacity * dim);
    }

    private void takeTargets(int[] ids) {
      items.gather(ids, targets);
      if (cosine) {
        normalize(targets.floats(), size, targetInverse, 0);
      }
    }

    private float targetLogit(int b) {
      return FloatVectors.dot(user, b * dim, targets.floats(), b * dim, dim) * scale;
    }

    /**
     * m, from some items and the target. One near the largest will do: sums are as exact around any
     * of them, short of overflow.
     */
    private void guessLargest() {
      Tensor rows = Tensor.zeros(DataType.FLOAT, sample.length, dim);
      items.gather(sample, rows);
      if (cosine) {
        normalize(rows.floats(), sample.length, new float[sample.length], 0);
      }
      float[] largest = new float[capacity];
      Arrays.fill(largest, Float.NEGATIVE_INFINITY);
      try (FloatMatrix some = FloatMatrix.allocate(sample.length, dim);
          FloatMatrix logits = FloatMatrix.allocate(sample.length, capacity)) {
        some.put(0, rows.floats(), 0, rows.size());
        FloatMatrix.multiply(some.view(), users.view().transpose(), logits.view(), false);
        raise(largest, logits, sample.length);
      }
      for (int b = 0; b < capacity; b++) {
        shifts[b] = Math.max(largest[b] * scale, targetLogit(b));
      }
    }

    /** m, from all items. */
    private void findLargest() {
      float[] largest = new float[capacity];
      Arrays.fill(largest, Float.NEGATIVE_INFINITY);
      for (int block = 0; block < blocks; block++) {
        takeRows(block, threads[0]);
        products(block, threads[0]);
        raise(largest, weights[block], width(block));
      }
      for (int b = 0; b < capacity; b++) {
        shifts[b] = largest[b] * scale;
      }
    }

    /** largest_b = max(largest_b, logits_ib) over the rows i. */
    private void raise(float[] largest, FloatMatrix logits, int count) {
      float[] row = new float[capacity];
      for (int i = 0; i < count; i++) {
        logits.get(i, row, 0, capacity);
        for (int b = 0; b < capacity; b++) {
          largest[b] = Math.max(largest[b], row[b]);
        }
      }
    }

    /** E, s and E' F, block by block, as long as the block is in a cache. */
    private void sumUp() {
      Workers.run(
          runs,
          index -> {
            Run run = threads[index];
            run.start(shifts);
            int first = blocks * index / runs;
            for (int block = first; block < blocks * (index + 1) / runs; block++) {
              takeRows(block, run);
              products(block, run);
              run.exponentials(weights[block], width(block), scale);
              FloatMatrix.multiply(
                  weights[block].view().transpose(),
                  run.block.rows(0, width(block)),
                  run.userGradient.view(),
                  block > first); // [C, d]
            }
          });
      for (int b = 0; b < size; b++) {
        sums[b] = 0;
        for (Run run : threads) {
          sums[b] += run.sums[b];
        }
      }
    }

    /** The rows of a block of F. */
    private void takeRows(int block, Run run) {
      int count = width(block);
      items.gather(run.ids(block * BLOCK, count), run.rows);
      float[] values = run.rows.floats();
      if (cosine) {
        normalize(values, count, run.inverse, 0);
      }
      run.block.put(0, values, 0, count * dim);
    }

    /** F U' of a block. */
    private void products(int block, Run run) {
      FloatMatrix.multiply(
          run.block.rows(0, width(block)),
          users.view().transpose(),
          weights[block].view(),
          false); // [block, C]
    }

    /**
     * E = max(E - least, 0): where some items are far above the guess, others far below would
     * become denormal in products with an example's share, which slows those down many times.
     */
    private void withoutTraces(int block, Run run) {
      float[] least = new float[capacity];
      for (int b = 0; b < size; b++) {
        least[b] = (float) (sums[b] * LEAST_SHARE);
      }
      float[] row = run.row;
      for (int i = 0; i < width(block); i++) {
        weights[block].get(i, row, 0, capacity);
        for (int b = 0; b < capacity; b++) {
          float above = row[b] - least[b];
          row[b] = (above + Math.abs(above)) * 0.5f;
        }
        weights[block].put(i, row, 0, capacity);
      }
    }

    /** dF of a block goes to the items. */
    private void rowGradients(int block, Run run, Gradients gradients) {
      int width = width(block);
      if (cosine) {
        takeRows(block, run);
      }
      int from = cosine ? 0 : items.firstTrainedColumn();
      FloatMatrix.multiply(
          weights[block].view(),
          sharedUsers.view().columns(from, dim - from),
          run.rowGradient.rows(0, width).columns(from, dim - from),
          false); // [block, d]
      float[] gradient = run.gradient.floats();
      run.rowGradient.get(0, gradient, 0, width * dim);
      if (cosine) {
        float[] unit = new float[dim];
        for (int i = 0; i < width; i++) {
          System.arraycopy(run.rows.floats(), i * dim, unit, 0, dim);
          throughLength(gradient, i * dim, unit, run.inverse[i]);
        }
      }
      items.accumulate(run.ids(block * BLOCK, width), run.gradient, gradients);
    }

    private void userGradient(Inputs in, float[] shares) {
      float[] gradient = in.userGradient();
      float[] part = new float[size * dim];
      Arrays.fill(gradient, 0, size * dim, 0);
      for (Run run : threads) {
        run.userGradient.get(0, part, 0, size * dim);
        FloatVectors.add(part, 0, gradient, 0, size * dim);
      }
      float[] unit = new float[dim];
      for (int b = 0; b < size; b++) {
        for (int j = b * dim; j < (b + 1) * dim; j++) {
          gradient[j] = gradient[j] * shares[b] - targets.floats()[j] * (scale / size);
        }
        if (cosine) {
          System.arraycopy(user, b * dim, unit, 0, dim);
          throughLength(gradient, b * dim, unit, userInverse[b]);
        }
      }
    }

    private void targetGradients(Inputs in, Gradients gradients) {
      Tensor gradient = Tensor.zeros(DataType.FLOAT, size, dim);
      float[] unit = new float[dim];
      for (int b = 0; b < size; b++) {
        FloatVectors.addScaled(-scale / size, user, b * dim, gradient.floats(), b * dim, dim);
        if (cosine) {
          System.arraycopy(targets.floats(), b * dim, unit, 0, dim);
          throughLength(gradient.floats(), b * dim, unit, targetInverse[b]);
        }
      }
      items.accumulate(in.targets(), gradient, gradients);
    }

    @Override
    public void close() {
      users.close();
      sharedUsers.close();
      for (FloatMatrix block : weights) {
        block.close();
      }
      for (Run run : threads) {
        run.close();
      }
    }
  }

  /** What a thread needs for its run of blocks. */
  private final class Run implements AutoCloseable {
    private final int capacity;
    private final int rowsAtOnce;
    // Of one block: F, one over the lengths of its rows, and dF.
    private final Tensor rows = Tensor.zeros(DataType.FLOAT, Math.min(BLOCK, itemCount), dim);
    private final FloatMatrix block = FloatMatrix.allocate(rows.shape(0), dim);
    private final float[] inverse = new float[rows.shape(0)];
    private final Tensor gradient = Tensor.zeros(DataType.FLOAT, rows.shape(0), dim);
    private final FloatMatrix rowGradient = FloatMatrix.allocate(rows.shape(0), dim);
    private final FloatMatrix userGradient; // dU, not yet shared [C, d]
    private final double[] sums; // [C]
    private final float[] row; // [C]
    // A few rows of E at once.
    private final float[] piece;
    private final float[] pieceShifts;
    private final float[] pieceSums;
    private final FloatExp exponential;
    private final float least = FloatExp.least();
    private int[] ids = new int[0];

    Run(int examples) {
      this.capacity = examples;
      this.rowsAtOnce = Math.max(1, PIECE / examples);
      this.userGradient = FloatMatrix.allocate(examples, dim);
      this.sums = new double[examples];
      this.row = new float[examples];
      this.piece = new float[rowsAtOnce * examples];
      this.pieceShifts = new float[piece.length];
      this.pieceSums = new float[piece.length];
      this.exponential = new FloatExp(piece.length);
      // Columns that no product is written to are copied with the others.
      rowGradient.put(0, rows.floats(), 0, rows.size());
    }

    void start(float[] shifts) {
      Arrays.fill(sums, 0);
      for (int i = 0; i < rowsAtOnce; i++) {
        System.arraycopy(shifts, 0, pieceShifts, i * capacity, capacity);
      }
    }

    /** E from the products of a block, and their sums. */
    void exponentials(FloatMatrix e, int width, float scale) {
      Arrays.fill(pieceSums, 0);
      for (int i = 0; i < width; i += rowsAtOnce) {
        int count = Math.min(rowsAtOnce, width - i) * capacity;
        e.get(i, piece, 0, count);
        for (int j = 0; j < count; j++) {
          piece[j] = piece[j] * scale - pieceShifts[j];
        }
        exponential.apply(piece, count);
        for (int j = 0; j < count; j++) {
          piece[j] -= least; // 0 for what was cut off at e^-60
          pieceSums[j] += piece[j];
        }
        e.put(i, piece, 0, count);
      }
      for (int j = 0; j < pieceSums.length; j++) {
        sums[j % capacity] += pieceSums[j];
      }
    }

    /** The items from one on. */
    int[] ids(int first, int count) {
      if (ids.length != count) {
        ids = new int[count];
      }
      for (int i = 0; i < count; i++) {
        ids[i] = first + i;
      }
      return ids;
    }

    @Override
    public void close() {
      block.close();
      rowGradient.close();
      userGradient.close();
    }
  }

  @Override
  public void close() {
    buffers.close();
  }
}
