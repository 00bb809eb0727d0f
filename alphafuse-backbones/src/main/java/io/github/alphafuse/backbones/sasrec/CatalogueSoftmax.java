package io.github.alphafuse.backbones.sasrec;

import io.github.alphafuse.backbones.internal.FloatExp;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.TaskShares;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The softmax cross-entropy over the whole catalogue in closed form, in blocks of items.
 *
 * <p>Threads take runs of blocks. Logits of a block are made, replaced by e_ib = exp(l_ib - m_b)
 * with m_b near the example's largest so far, and kept, as are the sums s_b = sum e_ib and E' F
 * over the run, which are brought to a new m_b where one is needed. Once all are known, r_b =
 * exp(m_b - lse_b) / B makes probabilities on the way out of one product of the gradient and into
 * the other:
 *
 * <pre>
 * dU = sum over runs of diag(r) (E' F)      dF = E (diag(r) U)      less what the target takes
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

  /**
   * Runs of blocks for each thread, each shorter than the one before: where a thread is held up,
   * another takes the short ones that it has left.
   */
  private static final int RUNS = 4;

  /** Examples that are worth a thread of their own. */
  private static final int LEAST = 16;

  /** Numbers that are worked on at once: the nearest cache holds them and what they become. */
  private static final int PIECE = 1024;

  /** Items whose scores the largest of an example is guessed from. */
  private static final int SAMPLE = 256;

  /** How far a logit may lie above m before m is raised: sums stay far from overflow. */
  private static final float HEADROOM = 40;

  /**
   * How far the largest of a sample may lie above its mean: the largest of all lie about twice as
   * far, and where that is beyond the headroom, looking at the logits first costs less than
   * products again.
   */
  private static final float STEEP = HEADROOM;

  /** Sums of a block below it hold no logit further above, for FloatExp is exact up to e^80. */
  private static final float MOST_SUM = (float) Math.exp(HEADROOM);

  /** Shares from here on leave no product with a probability denormal. */
  private static final double SPREAD = 1e-10;

  /** Items below this probability are left out: about e^-60. */
  private static final double LEAST_PROBABILITY = 1e-26;

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
    private final Worksheet[] sheets = new Worksheet[Math.min(blocks, Workers.count())];
    private final int[] runStarts = runStarts(sheets.length);
    private final Run[] runs = new Run[runStarts.length - 1];
    private final FloatMatrix users; // U [C, d]
    private final float[] user; // [C, d]
    private final float[] userInverse; // [C]
    private final Tensor targets; // their rows in F [C, d]
    private final float[] targetInverse; // [C]
    // Of the items that m is guessed from: their rows in F and their products with U.
    private final Tensor sampleRows;
    private final float[] sampleInverse;
    private final FloatMatrix sampled;
    private final FloatMatrix sampleLogits;
    private final FloatMatrix[] weights; // for each block E [block, C]
    private final float[][] shifts; // for each block m [C]
    private final float[] guesses; // the first m [C]
    private boolean steep; // whether logits are looked at before their exponentials
    private final double[] logSums; // lse [C]
    private int size;

    Buffers(int examples) {
      this.capacity = examples;
      this.users = FloatMatrix.allocate(examples, dim);
      this.user = new float[examples * dim];
      this.userInverse = new float[examples];
      this.targets = Tensor.zeros(DataType.FLOAT, examples, dim);
      this.targetInverse = new float[examples];
      this.sampleRows = Tensor.zeros(DataType.FLOAT, sample.length, dim);
      this.sampleInverse = new float[sample.length];
      this.sampled = FloatMatrix.allocate(sample.length, dim);
      this.sampleLogits = FloatMatrix.allocate(sample.length, examples);
      this.weights = new FloatMatrix[blocks];
      for (int block = 0; block < blocks; block++) {
        weights[block] = FloatMatrix.allocate(width(block), examples);
      }
      this.shifts = new float[blocks][examples];
      this.guesses = new float[examples];
      this.logSums = new double[examples];
      Arrays.setAll(sheets, thread -> new Worksheet(examples));
      Arrays.setAll(runs, run -> new Run(examples));
    }

    private int width(int block) {
      return Math.min(BLOCK, itemCount - block * BLOCK);
    }

    /** The first blocks of runs, and behind them the number of blocks. */
    private int[] runStarts(int threads) {
      IntStream.Builder starts = IntStream.builder();
      for (int thread = 0; thread < threads; thread++) {
        int end = blocks * (thread + 1) / threads;
        int count = end - blocks * thread / threads;
        for (int left = RUNS; left > 0; left--) {
          // Of RUNS (RUNS + 1) / 2 parts, the last run takes one, the one before two.
          starts.add(end - count * left * (left + 1) / (RUNS * (RUNS + 1)));
        }
      }
      return starts.add(blocks).build().distinct().toArray();
    }

    double apply(Inputs in, Gradients gradients) {
      size = in.targets().length;
      takeUsers(in.users());
      takeTargets(in.targets());
      guessLargest();
      sumUp();
      double loss = 0;
      for (int b = 0; b < size; b++) {
        double largest = Double.NEGATIVE_INFINITY;
        for (Run run : runs) {
          largest = Math.max(largest, run.shifts[b]);
        }
        double sum = 0;
        for (Run run : runs) {
          sum += run.sums[b] * Math.exp(run.shifts[b] - largest);
        }
        logSums[b] = largest + Math.log(sum);
        loss += logSums[b] - targetLogit(b);
      }
      if (items.firstTrainedColumn() < dim) {
        TaskShares shares = new TaskShares(blocks, sheets.length);
        Workers.run(
            sheets.length,
            thread -> {
              Worksheet sheet = sheets[thread];
              sheet.sharedBlock = -1;
              for (int block = shares.take(thread);
                  block != TaskShares.NONE;
                  block = shares.take(thread)) {
                rowGradients(block, sheet, gradients);
              }
            });
      }
      Workers.split(size, LEAST, (from, to) -> userGradients(in, from, to));
      targetGradients(in, gradients);
      return loss;
    }

    /** exp(m_b - lse_b), the share of a sum that is 1 in an example's whole. */
    private double share(float shift, int b) {
      return Math.exp(shift - logSums[b]);
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

    /** m, from some items and the target; it is raised where a logit turns out far above. */
    private void guessLargest() {
      items.gather(sample, sampleRows);
      float[] rows = sampleRows.floats();
      if (cosine) {
        normalize(rows, sample.length, sampleInverse, 0);
      }
      sampled.put(0, rows, 0, rows.length);
      int parts = Math.min(sheets.length, sample.length);
      float[][] largest = new float[parts][capacity];
      float[][] sum = new float[parts][capacity];
      Workers.run(
          parts,
          part -> {
            int from = sample.length * part / parts;
            int to = sample.length * (part + 1) / parts;
            FloatMatrix.multiply(
                sampled.rows(from, to),
                users.view().transpose(),
                sampleLogits.rows(from, to),
                false);
            takeLargest(sampleLogits, from, to, largest[part]);
            add(sampleLogits, from, to, sum[part]);
          });
      steep = false;
      for (int b = 0; b < capacity; b++) {
        float most = largest[0][b];
        float total = 0;
        for (int part = 0; part < parts; part++) {
          most = Math.max(most, largest[part][b]);
          total += sum[part][b];
        }
        guesses[b] = Math.max(most * scale, targetLogit(b));
        steep |= b < size && (most - total / sample.length) * scale > STEEP;
      }
    }

    /** sum_b = sum_b + logits_ib over rows i. */
    private void add(FloatMatrix logits, int from, int to, float[] sum) {
      float[] row = new float[capacity];
      for (int i = from; i < to; i++) {
        logits.get(i, row, 0, capacity);
        FloatVectors.addScaled(1, row, sum, capacity);
      }
    }

    /** largest_b = max(logits_ib) over rows i, to 2^-23 of the largest magnitude among them. */
    private void takeLargest(FloatMatrix logits, int from, int to, float[] largest) {
      float[] row = new float[capacity];
      logits.get(from, largest, 0, capacity);
      for (int i = from + 1; i < to; i++) {
        logits.get(i, row, 0, capacity);
        for (int b = 0; b < capacity; b++) {
          // There is SIMD code for it, unlike for Math.max.
          largest[b] = (largest[b] + row[b] + Math.abs(largest[b] - row[b])) * 0.5f;
        }
      }
    }

    /** E, s and E' F, block by block, as long as the block is in a cache. */
    private void sumUp() {
      TaskShares shares = new TaskShares(runs.length, sheets.length);
      Workers.run(
          sheets.length,
          thread -> {
            for (int run = shares.take(thread); run != TaskShares.NONE; run = shares.take(thread)) {
              sheets[thread].start(runs[run], guesses);
              int first = runStarts[run];
              for (int block = first; block < runStarts[run + 1]; block++) {
                sumUp(block, block > first, sheets[thread], runs[run]);
              }
            }
          });
    }

    private void sumUp(int block, boolean begun, Worksheet sheet, Run run) {
      takeRows(block, sheet);
      products(block, sheet);
      if (steep) {
        raiseShifts(block, begun, sheet, run);
      }
      sheet.exponentials(weights[block], width(block), scale);
      if (sheet.exceed()) {
        products(block, sheet);
        raiseShifts(block, begun, sheet, run);
        sheet.exponentials(weights[block], width(block), scale);
      }
      sheet.addSums(run);
      System.arraycopy(run.shifts, 0, shifts[block], 0, capacity);
      FloatMatrix.multiply(
          weights[block].view().transpose(),
          sheet.block.rows(0, width(block)),
          run.userGradient.view(),
          begun); // [C, d]
    }

    /** Brings m to a block's largest logits where those are far above, and what was summed up. */
    private void raiseShifts(int block, boolean begun, Worksheet sheet, Run run) {
      float[] largest = new float[capacity];
      takeLargest(weights[block], 0, width(block), largest);
      float[] row = new float[dim];
      for (int b = 0; b < size; b++) {
        float to = largest[b] * scale;
        if (to > run.shifts[b] + HEADROOM) {
          float factor = (float) Math.exp((double) run.shifts[b] - to);
          run.shifts[b] = to;
          run.sums[b] *= factor;
          if (begun) {
            run.userGradient.get(b, row, 0, dim);
            for (int j = 0; j < dim; j++) {
              row[j] *= factor;
            }
            run.userGradient.put(b, row, 0, dim);
          }
        }
      }
      sheet.spreadShifts(run);
    }

    /** The rows of a block of F. */
    private void takeRows(int block, Worksheet sheet) {
      int count = width(block);
      items.gather(sheet.ids(block * BLOCK, count), sheet.rows);
      float[] values = sheet.rows.floats();
      if (cosine) {
        normalize(values, count, sheet.inverse, 0);
      }
      sheet.block.put(0, values, 0, count * dim);
    }

    /** F U' of a block. */
    private void products(int block, Worksheet sheet) {
      FloatMatrix.multiply(
          sheet.block.rows(0, width(block)),
          users.view().transpose(),
          weights[block].view(),
          false); // [block, C]
    }

    /** dF of a block goes to the items. */
    private void rowGradients(int block, Worksheet sheet, Gradients gradients) {
      int width = width(block);
      if (cosine) {
        takeRows(block, sheet);
      }
      shareUsers(block, sheet);
      // Overwritten before it is read.
      sheet.row[0] = weights[block].touch(0, width);
      int from = cosine ? 0 : items.firstTrainedColumn();
      FloatMatrix.multiply(
          weights[block].view(),
          sheet.sharedUsers.view().columns(from, dim - from),
          sheet.rowGradient.rows(0, width).columns(from, dim - from),
          false); // [block, d]
      float[] gradient = sheet.gradient.floats();
      sheet.rowGradient.get(0, gradient, 0, width * dim);
      if (cosine) {
        float[] unit = new float[dim];
        for (int i = 0; i < width; i++) {
          System.arraycopy(sheet.rows.floats(), i * dim, unit, 0, dim);
          throughLength(gradient, i * dim, unit, sheet.inverse[i]);
        }
      }
      items.accumulate(sheet.ids(block * BLOCK, width), sheet.gradient, gradients);
    }

    /** diag(r) U for a block, in which nothing is left that would make a denormal product. */
    private void shareUsers(int block, Worksheet sheet) {
      if (sheet.sharedBlock >= 0 && Arrays.equals(shifts[sheet.sharedBlock], shifts[block])) {
        if (sheet.spread) {
          withoutTraces(block, sheet);
        }
        return;
      }
      float[] shared = user.clone();
      Arrays.fill(sheet.least, 0);
      sheet.spread = false;
      for (int b = 0; b < size; b++) {
        double share = share(shifts[block][b], b);
        boolean left = share >= LEAST_PROBABILITY;
        sheet.least[b] = (float) Math.min(LEAST_PROBABILITY / share, Float.MAX_VALUE);
        sheet.spread |= share < SPREAD;
        float factor = left ? (float) (share * scale / size) : 0;
        for (int j = b * dim; j < (b + 1) * dim; j++) {
          shared[j] *= factor;
        }
      }
      sheet.sharedUsers.put(0, shared, 0, shared.length);
      sheet.sharedBlock = block;
      if (sheet.spread) {
        withoutTraces(block, sheet);
      }
    }

    /**
     * E = max(E - least, 0): where an example's sum is far above 1, or another block holds nearly
     * all of it, small numbers of E would become denormal in products with its share, which slows
     * those down many times.
     */
    private void withoutTraces(int block, Worksheet sheet) {
      float[] row = sheet.row;
      float[] least = sheet.least;
      for (int i = 0; i < width(block); i++) {
        weights[block].get(i, row, 0, capacity);
        for (int b = 0; b < capacity; b++) {
          row[b] = FloatVectors.positivePart(row[b] - least[b]);
        }
        weights[block].put(i, row, 0, capacity);
      }
    }

    private void userGradients(Inputs in, int from, int to) {
      float[] gradient = in.userGradient();
      float[] row = new float[dim];
      float[] unit = new float[dim];
      float[] sum = new float[dim];
      float part = scale / size;
      for (int b = from; b < to; b++) {
        Arrays.fill(sum, 0);
        for (Run run : runs) {
          float share = (float) share(run.shifts[b], b) * part;
          if (share > 0) {
            run.userGradient.get(b, row, 0, dim);
            FloatVectors.addScaled(share, row, sum, dim);
          }
        }
        FloatVectors.addScaled(-part, targets.floats(), b * dim, sum, 0, dim);
        System.arraycopy(sum, 0, gradient, b * dim, dim);
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
      sampled.close();
      sampleLogits.close();
      for (FloatMatrix block : weights) {
        block.close();
      }
      for (Worksheet sheet : sheets) {
        sheet.close();
      }
      for (Run run : runs) {
        run.close();
      }
    }
  }

  /** What is summed up over a run of blocks. */
  private final class Run implements AutoCloseable {
    private final float[] shifts; // m [C]
    private final double[] sums; // s [C]
    private final FloatMatrix userGradient; // E' F over the run [C, d]

    Run(int examples) {
      this.shifts = new float[examples];
      this.sums = new double[examples];
      this.userGradient = FloatMatrix.allocate(examples, dim);
    }

    @Override
    public void close() {
      userGradient.close();
    }
  }

  /** What a thread works with, block by block. */
  private final class Worksheet implements AutoCloseable {
    private final int capacity;
    private final int rowsAtOnce;
    // Of one block: F, one over the lengths of its rows, and dF.
    private final Tensor rows = Tensor.zeros(DataType.FLOAT, Math.min(BLOCK, itemCount), dim);
    private final FloatMatrix block = FloatMatrix.allocate(rows.shape(0), dim);
    private final float[] inverse = new float[rows.shape(0)];
    private final Tensor gradient = Tensor.zeros(DataType.FLOAT, rows.shape(0), dim);
    private final FloatMatrix rowGradient = FloatMatrix.allocate(rows.shape(0), dim);
    private final FloatMatrix sharedUsers; // diag(r) U of a block [C, d]
    private final float[] least; // what is left out of E [C]
    private final float[] row; // [C]
    // A few rows of E at once.
    private final float[] piece;
    private final float[] pieceShifts;
    private final float[] pieceSums;
    private final FloatExp exponential;
    private int[] ids = new int[0];
    private int sharedBlock = -1;
    private boolean spread;

    Worksheet(int examples) {
      this.capacity = examples;
      this.rowsAtOnce = Math.max(1, PIECE / examples);
      this.sharedUsers = FloatMatrix.allocate(examples, dim);
      this.least = new float[examples];
      this.row = new float[examples];
      this.piece = new float[rowsAtOnce * examples];
      this.pieceShifts = new float[piece.length];
      this.pieceSums = new float[piece.length];
      this.exponential = new FloatExp(piece.length);
      // Columns that no product is written to are copied with the others.
      rowGradient.put(0, rows.floats(), 0, rows.size());
    }

    /** Begins a run of blocks. */
    void start(Run run, float[] guesses) {
      Arrays.fill(run.sums, 0);
      System.arraycopy(guesses, 0, run.shifts, 0, capacity);
      spreadShifts(run);
    }

    void spreadShifts(Run run) {
      for (int i = 0; i < rowsAtOnce; i++) {
        System.arraycopy(run.shifts, 0, pieceShifts, i * capacity, capacity);
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
          pieceSums[j] += piece[j];
        }
        e.put(i, piece, 0, count);
      }
    }

    /** Whether a logit of the block was far above m. NaN exceeds nothing and shows in the loss. */
    boolean exceed() {
      return FloatVectors.max(pieceSums, 0, pieceSums.length) > MOST_SUM;
    }

    void addSums(Run run) {
      for (int j = 0; j < pieceSums.length; j++) {
        run.sums[j % capacity] += pieceSums[j];
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
      sharedUsers.close();
    }
  }

  @Override
  public void close() {
    buffers.close();
  }
}
