package io.github.alphafuse.backbones.sasrec;

import io.github.alphafuse.backbones.internal.FloatExp;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.TaskShares;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The softmax cross-entropy over the whole catalogue, or over items that a batch shares, in closed
 * form, in blocks of items.
 *
 * <p>Each thread takes runs of blocks. The logits l_ib of a block are computed and replaced by e_ib
 * = w_i exp(l_ib - m_b), where m_b is close to the largest logit of target b so far. They are kept,
 * and so are the sums s_b = sum e_ib and E' F over the run, which are rescaled if m_b changes. When
 * all sums are known, the factors r_b = exp(m_b - lse_b) / P turn exponentials into probabilities,
 * after the product that gives dU and before the one that gives dF:
 *
 * <pre>
 * dU = sum over runs of diag(r) (E' F)      dF = E (diag(r) U)      less the part of the target
 * </pre>
 *
 * <p>Over cosines, U and F hold rows of length 1, and dx = (dn - (dn.n) n) / |x| / tau is the
 * gradient of the original rows. Frozen columns of F get no gradient, unless this formula needs it.
 * Items that are not negatives of a target have e_ib = 0. Many targets are divided into parts, each
 * with one forward and one backward pass.
 *
 * <p>Legend: P targets, C targets of a part, S items, d embedding dimension; U user vectors, F item
 * rows, E the matrix of e_ib, w item weights, lse the logarithm of the sum of exponentials, tau the
 * temperature, n a row x divided by its length. The prefix d marks a gradient. Not thread-safe.
 */
final class SoftmaxHead implements AutoCloseable {
  private static final int BLOCK = 512;

  /** The size of a block if F is kept, as it is for items that a batch shares. */
  private static final int KEPT_BLOCK = 256;

  /** The most and the fewest targets of a part; in between, E holds up to {@link #MOST_NUMBERS}. */
  private static final int MOST_TARGETS = 2048;

  private static final int LEAST_TARGETS = 256;

  private static final int MOST_NUMBERS = 1 << 25;

  /** Logits up to this magnitude need no search for a shift, since their bound serves as one. */
  private static final float MOST_BOUND = 20;

  /**
   * The distance below m of the logit of an item that is not a negative, so that its exponential is
   * 0.
   */
  private static final float EXCLUDED = 200;

  /**
   * The number of runs of blocks per thread. Each run is shorter than the one before, so that other
   * threads take the remaining short ones if a thread is held up.
   */
  private static final int RUNS = 4;

  /** The fewest examples per thread. */
  private static final int LEAST = 16;

  /**
   * Numbers that are processed at once, so that inputs and results stay in the first-level cache.
   */
  private static final int PIECE = 1024;

  /** The number of items from whose scores the largest one of an example is estimated. */
  private static final int SAMPLE = 256;

  /** The distance of a logit above m from which m is raised, so that sums do not overflow. */
  private static final float HEADROOM = 40;

  /**
   * The distance of the largest logit of a sample above the mean from which logits are searched
   * first. The largest of all lies about twice as far. If that exceeds the headroom, the search
   * costs less than repeating products.
   */
  private static final float STEEP = HEADROOM;

  /**
   * A sum of a block below this holds no logit above the headroom, since FloatExp is exact up to
   * e^80.
   */
  private static final float MOST_SUM = (float) Math.exp(HEADROOM);

  /** From this share on, products with a probability are not denormal. */
  private static final double SPREAD = 1e-10;

  /** Items below this probability, about e^-60, are left out. */
  private static final double LEAST_PROBABILITY = 1e-26;

  /** Squared, so that a length is at least 1e-12. */
  private static final double SQUARED_EPSILON = 1e-24;

  private final ItemEmbedding items;
  private final int dim;
  private final boolean cosine;
  private final float scale;
  private @Nullable Buffers buffers;

  /**
   * The softmax over inner products, or over cosines divided by the temperature if it is above 0.
   */
  SoftmaxHead(ItemEmbedding items, double temperature) {
    this.items = items;
    this.dim = items.dim();
    this.cosine = temperature > 0;
    this.scale = cosine ? (float) (1 / temperature) : 1;
  }

  /**
   * The summed loss of users [P, d] and their targets; the gradient of users is overwritten.
   *
   * @param in users and targets
   * @param candidates the items
   * @param gradients gradients of the items' parameters, added to
   */
  double apply(Inputs in, Candidates candidates, Gradients gradients) {
    int count = in.targets().length;
    int most =
        Math.max(
            LEAST_TARGETS,
            Math.min(MOST_TARGETS, MOST_NUMBERS / Math.max(1, candidates.ids().length)));
    int parts = (count + most - 1) / most;
    int largest = (count + parts - 1) / parts;
    Buffers current = buffers;
    if (current == null
        || current.capacity < largest
        || current.candidateCapacity < candidates.ids().length) {
      if (current != null) {
        current.close();
      }
      current = new Buffers(largest, candidates);
      buffers = current;
    }
    current.take(candidates);
    double loss = 0;
    for (int part = 0; part < parts; part++) {
      int from = (int) ((long) count * part / parts);
      int to = (int) ((long) count * (part + 1) / parts);
      loss += current.apply(in, new Part(from, to, part == 0, part == parts - 1), gradients);
    }
    return loss;
  }

  /** Users [P, d] or more rows, their targets [P], and the buffer of the users' gradient. */
  record Inputs(float[] users, int[] targets, float[] userGradient) {}

  /**
   * The items that targets compete with.
   *
   * @param ids [S] item rows, ascending, each once
   * @param weights [S] factors of the exponentials, empty for 1
   * @param excluded the items that are not negatives of a target
   * @param own the location of the targets' own logits
   */
  record Candidates(int[] ids, double[] weights, ExcludedItems excluded, Own own) {}

  /** The location of the logit of a target's own item. */
  enum Own {
    /** Among those of the items. */
    COUNTED,
    /** Separate from those of the items, although all targets are among the items of the batch. */
    LISTED,
    /** Separate from those of the items. */
    APART
  }

  /** A range of targets, and whether it is the first and the last one of a batch. */
  private record Part(int from, int to, boolean first, boolean last) {}

  private static float inverseLength(float[] x, int at, int d) {
    return (float) (1 / Math.sqrt(FloatVectors.dot(x, at, x, at, d) + SQUARED_EPSILON));
  }

  /** Divides rows by their lengths, and keeps the inverse lengths. */
  private void normalize(float[] rows, int from, int to, float[] inverse) {
    for (int i = from; i < to; i++) {
      float length = inverseLength(rows, i * dim, dim);
      inverse[i] = length;
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

  /** The buffers for given largest numbers of targets and items of a part. */
  private final class Buffers implements AutoCloseable {
    private final int capacity;
    private final int candidateCapacity;
    private final Worksheet[] sheets;
    private final Run[] runs;
    private final FloatMatrix userStorage;
    private final float[] user; // [C, d]
    private final float[] userInverse; // [C]
    private final Tensor targets; // their rows in F [C, d]
    private final float[] targetInverse; // [C]
    private final float[] targetLogits; // [C]
    private final int[] targetRows; // their indices among the items [C]
    private final float[] targetShares; // the probability of a target outside the items [C]
    // The items from which m is estimated: their rows in F and their products with U.
    private final Tensor sampleRows;
    private final float[] sampleInverse;
    private final FloatMatrix sampled;
    private final FloatMatrix sampleStorage;
    private final FloatMatrix[] weightStorage; // for each block
    private final float[][] shifts; // for each block m [C]
    private final float[] guesses; // the first m [C]
    private final double[] logSums; // lse [C]
    private final @Nullable FloatMatrix kept; // F [S, d], if it is kept
    private final @Nullable FloatMatrix keptGradient; // dF [S, d]
    private final float[] keptInverse; // [S]
    private Candidates candidates;
    private int count; // P
    private int blocks;
    private int[] sample = new int[0];
    private int[] runStarts = new int[0];
    private boolean steep; // whether logits are searched before their exponentials
    private int size; // C
    private int first; // the first target of the part
    // Views of the part's size in the memory above.
    private FloatMatrix users; // U [C, d]
    private FloatMatrix sampleLogits;
    private FloatMatrix[] weights = new FloatMatrix[0]; // for each block E [block, C]

    Buffers(int targetCount, Candidates candidates) {
      this.candidates = candidates;
      this.capacity = targetCount + (targetCount > LEAST_TARGETS ? targetCount / 8 : 0);
      int ids = candidates.ids().length;
      // The next batch may have a few more items, unless they are the whole catalogue.
      this.candidateCapacity = Math.min(ids + ids / 4, items.itemCount());
      boolean keeps = candidates.own() != Own.COUNTED;
      this.kept = keeps ? FloatMatrix.allocate(candidateCapacity, dim) : null;
      this.keptGradient = keeps ? FloatMatrix.allocate(candidateCapacity, dim) : null;
      this.keptInverse = new float[keeps ? candidateCapacity : 0];
      int block = keeps ? KEPT_BLOCK : BLOCK;
      int most = (candidateCapacity + block - 1) / block;
      this.sheets = new Worksheet[Math.min(most, Workers.count())];
      this.runs = new Run[sheets.length * RUNS];
      this.userStorage = FloatMatrix.allocate(capacity, dim);
      this.user = new float[capacity * dim];
      this.userInverse = new float[capacity];
      this.targets = Tensor.zeros(ElementType.FLOAT32, capacity, dim);
      this.targetInverse = new float[capacity];
      this.targetLogits = new float[capacity];
      this.targetRows = new int[capacity];
      this.targetShares = new float[capacity];
      int samples = Math.min(SAMPLE, candidateCapacity);
      this.sampleRows = Tensor.zeros(ElementType.FLOAT32, samples, dim);
      this.sampleInverse = new float[samples];
      this.sampled = FloatMatrix.allocate(samples, dim);
      this.sampleStorage = FloatMatrix.allocate(samples, capacity);
      this.weightStorage = new FloatMatrix[most];
      for (int i = 0; i < most; i++) {
        int width = Math.min(block, candidateCapacity - i * block);
        weightStorage[i] = FloatMatrix.allocate(width, capacity);
      }
      this.shifts = new float[most][capacity];
      this.guesses = new float[capacity];
      this.logSums = new double[capacity];
      Arrays.setAll(sheets, thread -> new Worksheet(capacity, Math.min(block, candidateCapacity)));
      Arrays.setAll(runs, run -> new Run(capacity));
      this.users = userStorage;
      this.sampleLogits = sampleStorage;
    }

    /**
     * The number of items of a block. It is smaller if there are few items, so that threads have
     * equal parts.
     */
    private int block() {
      return kept == null ? BLOCK : KEPT_BLOCK;
    }

    private int width(int block) {
      return Math.min(block(), candidates.ids().length - block * block());
    }

    /** The items of a block. */
    private int[] ids(int block) {
      int from = block * block();
      return Arrays.copyOfRange(candidates.ids(), from, from + width(block));
    }

    /** The first blocks of the runs, followed by the number of blocks. */
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

    /** Begins a batch. */
    void take(Candidates taken) {
      candidates = taken;
      int ids = taken.ids().length;
      blocks = (ids + block() - 1) / block();
      runStarts = runStarts(Math.min(sheets.length, blocks));
      sample = new int[Math.min(sampleRows.shape(0), ids)];
      Arrays.setAll(sample, i -> taken.ids()[(int) ((long) ids * i / sample.length)]);
      for (Worksheet sheet : sheets) {
        sheet.takenBlock = -1;
      }
      if (kept != null) {
        inBlocks((block, sheet) -> takeRows(block, sheet));
      }
    }

    /** Processes all blocks in parallel. */
    private void inBlocks(BiConsumer<Integer, Worksheet> work) {
      int threads = Math.min(sheets.length, blocks);
      TaskShares shares = new TaskShares(blocks, threads);
      Workers.run(
          threads,
          thread -> {
            for (int block = shares.take(thread);
                block != TaskShares.NONE;
                block = shares.take(thread)) {
              work.accept(block, sheets[thread]);
            }
          });
    }

    /** Begins a part. */
    private void resize(int targetCount) {
      if (size == targetCount
          && weights.length == blocks
          && blocks > 0
          && weights[blocks - 1].rows() == width(blocks - 1)) {
        return;
      }
      size = targetCount;
      users = userStorage.shaped(size, dim);
      sampleLogits = sampleStorage.shaped(sample.length, size);
      weights = new FloatMatrix[blocks];
      Arrays.setAll(weights, block -> weightStorage[block].shaped(width(block), size));
      for (Run run : runs) {
        run.resize(size);
      }
      for (Worksheet sheet : sheets) {
        sheet.resize(size);
      }
    }

    double apply(Inputs in, Part part, Gradients gradients) {
      count = in.targets().length;
      first = part.from();
      resize(part.to() - part.from());
      takeUsers(in.users());
      takeTargets(in.targets());
      guessLargest();
      sumUp();
      double loss = 0;
      for (int b = 0; b < size; b++) {
        double largest = isCounted() ? Double.NEGATIVE_INFINITY : targetLogits[b];
        for (int run = 0; run < runStarts.length - 1; run++) {
          largest = Math.max(largest, runs[run].shifts[b]);
        }
        double sum = isCounted() ? 0 : Math.exp(targetLogits[b] - largest);
        for (int run = 0; run < runStarts.length - 1; run++) {
          sum += runs[run].sums[b] * Math.exp(runs[run].shifts[b] - largest);
        }
        logSums[b] = largest + Math.log(sum);
        targetShares[b] = isCounted() ? 0 : (float) Math.exp(targetLogits[b] - logSums[b]);
        loss += logSums[b] - targetLogits[b];
      }
      if (items.firstTrainedColumn() < dim) {
        for (Worksheet sheet : sheets) {
          sheet.sharedBlock = -1;
        }
        inBlocks((block, sheet) -> rowGradients(block, sheet, part, gradients));
      }
      Workers.split(size, LEAST, (from, to) -> userGradients(in, from, to));
      targetGradients(in, gradients);
      return loss;
    }

    /** exp(m_b - lse_b), the probability that corresponds to an exponential of 1. */
    private double share(float shift, int b) {
      return Math.exp(shift - logSums[b]);
    }

    private void takeUsers(float[] vectors) {
      System.arraycopy(vectors, first * dim, user, 0, size * dim);
      if (cosine) {
        Workers.split(size, LEAST, (from, to) -> normalize(user, from, to, userInverse));
      }
      users.put(0, user, 0, size * dim);
    }

    private void takeTargets(int[] ids) {
      float[] rows = targets.floats();
      Workers.split(
          size,
          LEAST,
          (from, to) -> {
            items.gather(Arrays.copyOfRange(ids, first + from, first + to), targets, from);
            if (cosine) {
              normalize(rows, from, to, targetInverse);
            }
            for (int b = from; b < to; b++) {
              targetRows[b] =
                  candidates.own() == Own.APART
                      ? -1
                      : Arrays.binarySearch(candidates.ids(), ids[first + b]);
              targetLogits[b] = FloatVectors.dot(user, b * dim, rows, b * dim, dim) * scale;
            }
          });
    }

    /**
     * m, estimated from some items and the target. It is raised later if a logit lies far above.
     */
    private void guessLargest() {
      steep = false;
      if (cosine && scale <= MOST_BOUND) {
        Arrays.fill(guesses, 0, size, scale);
        return;
      }
      if (candidates.excluded().size() > 0) {
        // A sample may hold excluded items, and raise m so far that the exponentials of all others
        // vanish.
        System.arraycopy(targetLogits, 0, guesses, 0, size);
        return;
      }
      items.gather(sample, sampleRows);
      float[] rows = sampleRows.floats();
      if (cosine) {
        normalize(rows, 0, sample.length, sampleInverse);
      }
      sampled.put(0, rows, 0, sample.length * dim);
      int parts = Math.min(sheets.length, sample.length);
      float[][] largest = new float[parts][size];
      float[][] sum = new float[parts][size];
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
      for (int b = 0; b < size; b++) {
        float most = largest[0][b];
        float total = 0;
        for (int part = 0; part < parts; part++) {
          most = Math.max(most, largest[part][b]);
          total += sum[part][b];
        }
        guesses[b] = Math.max(most * scale, targetLogits[b]);
        steep |= (most - total / sample.length) * scale > STEEP;
      }
    }

    /** sum_b = sum_b + logits_ib over rows i. */
    private void add(FloatMatrix logits, int from, int to, float[] sum) {
      float[] row = new float[size];
      for (int i = from; i < to; i++) {
        logits.get(i, row, 0, size);
        FloatVectors.addScaled(1, row, sum, size);
      }
    }

    /** largest_b = max(logits_ib) over rows i, to 2^-23 of the largest magnitude among them. */
    private void takeLargest(FloatMatrix logits, int from, int to, float[] largest) {
      float[] row = new float[size];
      logits.get(from, largest, 0, size);
      for (int i = from + 1; i < to; i++) {
        logits.get(i, row, 0, size);
        for (int b = 0; b < size; b++) {
          // The JIT compiles this to SIMD code, unlike Math.max.
          largest[b] = (largest[b] + row[b] + Math.abs(largest[b] - row[b])) * 0.5f;
        }
      }
    }

    /** E, s and E' F, block by block while the block is in a cache. */
    private void sumUp() {
      int threads = Math.min(sheets.length, blocks);
      TaskShares shares = new TaskShares(runStarts.length - 1, threads);
      Workers.run(
          threads,
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
      FloatMatrix.View rows = rows(block, sheet);
      products(block, rows, run);
      if (steep) {
        raiseShifts(block, begun, sheet, run);
      }
      sheet.exponentials(weights[block], itemWeights(block), scale);
      if (sheet.exceed()) {
        products(block, rows, run);
        raiseShifts(block, begun, sheet, run);
        sheet.exponentials(weights[block], itemWeights(block), scale);
      }
      sheet.addSums(run);
      System.arraycopy(run.shifts, 0, shifts[block], 0, size);
      FloatMatrix.multiply(
          weights[block].view().transpose(), rows, run.userGradient.view(), begun); // [C, d]
    }

    /** The weights of a block's items, empty for 1. */
    private double[] itemWeights(int block) {
      double[] all = candidates.weights();
      int from = block * block();
      return all.length == 0 ? all : Arrays.copyOfRange(all, from, from + width(block));
    }

    /** Raises m to a block's largest logits if they lie far above, and rescales the sums. */
    private void raiseShifts(int block, boolean begun, Worksheet sheet, Run run) {
      float[] largest = new float[size];
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

    /** The rows of a block of F. They are gathered first if they are not kept. */
    private FloatMatrix.View rows(int block, Worksheet sheet) {
      if (kept != null) {
        return kept.rows(block * block(), block * block() + width(block));
      }
      takeRows(block, sheet);
      return sheet.block.rows(0, width(block));
    }

    /** Gathers the rows of a block of F. */
    private void takeRows(int block, Worksheet sheet) {
      if (sheet.takenBlock == block) {
        return;
      }
      int width = width(block);
      items.gather(ids(block), sheet.rows);
      float[] values = sheet.rows.floats();
      if (cosine) {
        normalize(values, 0, width, sheet.inverse);
      }
      if (kept != null) {
        kept.put(block * block(), values, 0, width * dim);
        System.arraycopy(sheet.inverse, 0, keptInverse, block * block(), width);
      } else {
        sheet.block.put(0, values, 0, width * dim);
        sheet.takenBlock = block;
      }
    }

    /** F U' of a block, with logits far below m for items that are not negatives of a target. */
    private void products(int block, FloatMatrix.View rows, Run run) {
      FloatMatrix.multiply(rows, users.view().transpose(), weights[block].view(), false);
      int[] ids = candidates.ids();
      int end = block * block() + width(block);
      int row = block * block();
      int[] excluded = candidates.excluded().items();
      int[] of = candidates.excluded().targets();
      for (int i = firstFrom(excluded, ids[row]); i < excluded.length && row < end; i++) {
        while (row < end && ids[row] < excluded[i]) {
          row++;
        }
        int b = of[i] - first;
        if (row < end && ids[row] == excluded[i] && b >= 0 && b < size) {
          weights[block].set(row - block * block(), b, (run.shifts[b] - EXCLUDED) / scale);
        }
      }
    }

    /** The index of the first of ascending items that is not less than a given one. */
    private static int firstFrom(int[] ascending, int item) {
      int low = 0;
      int high = ascending.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (ascending[middle] < item) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    /** Adds dF of a block to the items' gradients, or to the kept gradient until the last part. */
    private void rowGradients(int block, Worksheet sheet, Part part, Gradients gradients) {
      int width = width(block);
      shareUsers(block, sheet);
      if (targetsAmongItems()) {
        addTargets(block);
      }
      // Overwritten before it is read.
      sheet.row[0] = weights[block].touch(0, width);
      int from = cosine ? 0 : items.firstTrainedColumn();
      int at = keptGradient == null ? 0 : block * block();
      FloatMatrix whole = keptGradient == null ? sheet.rowGradient : keptGradient;
      if (keptGradient != null && part.first() && from > 0) {
        // Columns that no product is written to are copied with the others.
        whole.put(at, sheet.zeros, 0, width * dim);
      }
      FloatMatrix.multiply(
          weights[block].view(),
          sheet.sharedUsers.view().columns(from, dim - from),
          whole.rows(at, at + width).columns(from, dim - from),
          keptGradient != null && !part.first()); // [block, d]
      if (keptGradient != null && !part.last()) {
        return;
      }
      float[] gradient = sheet.gradient.floats();
      whole.get(at, gradient, 0, width * dim);
      if (cosine) {
        if (kept == null) {
          takeRows(block, sheet);
        }
        FloatMatrix units = kept == null ? sheet.block : kept;
        float[] inverse = kept == null ? sheet.inverse : keptInverse;
        float[] unit = new float[dim];
        for (int i = 0; i < width; i++) {
          units.get(at + i, unit, 0, dim);
          throughLength(gradient, i * dim, unit, inverse[at + i]);
        }
      }
      items.accumulate(ids(block), sheet.gradient, gradients);
    }

    /** diag(r) U for a block, without numbers that would make products denormal. */
    private void shareUsers(int block, Worksheet sheet) {
      if (sheet.sharedBlock >= 0 && Arrays.equals(shifts[sheet.sharedBlock], shifts[block])) {
        if (sheet.spread) {
          withoutTraces(block, sheet);
        }
        return;
      }
      float[] shared = Arrays.copyOf(user, size * dim);
      Arrays.fill(sheet.least, 0);
      sheet.spread = false;
      for (int b = 0; b < size; b++) {
        double share = share(shifts[block][b], b);
        boolean left = share >= LEAST_PROBABILITY;
        sheet.least[b] = (float) Math.min(LEAST_PROBABILITY / share, Float.MAX_VALUE);
        sheet.spread |= share < SPREAD;
        float factor = left ? (float) (share * scale / count) : 0;
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
     * E = max(E - least, 0). If an example's sum is far above 1, or another block holds nearly all
     * of it, small numbers of E would become denormal in products with its share, which are very
     * slow.
     */
    private void withoutTraces(int block, Worksheet sheet) {
      float[] row = sheet.row;
      float[] least = sheet.least;
      for (int i = 0; i < width(block); i++) {
        weights[block].get(i, row, 0, size);
        for (int b = 0; b < size; b++) {
          row[b] = FloatVectors.positivePart(row[b] - least[b]);
        }
        weights[block].put(i, row, 0, size);
      }
    }

    private void userGradients(Inputs in, int from, int to) {
      float[] gradient = in.userGradient();
      float[] row = new float[dim];
      float[] unit = new float[dim];
      float[] sum = new float[dim];
      float part = scale / count;
      for (int b = from; b < to; b++) {
        Arrays.fill(sum, 0);
        for (int run = 0; run < runStarts.length - 1; run++) {
          float share = (float) share(runs[run].shifts[b], b) * part;
          if (share > 0) {
            runs[run].userGradient.get(b, row, 0, dim);
            FloatVectors.addScaled(share, row, sum, dim);
          }
        }
        float taken = (targetShares[b] - 1) * part;
        FloatVectors.addScaled(taken, targets.floats(), b * dim, sum, 0, dim);
        int at = (first + b) * dim;
        System.arraycopy(sum, 0, gradient, at, dim);
        if (cosine) {
          System.arraycopy(user, b * dim, unit, 0, dim);
          throughLength(gradient, at, unit, userInverse[b]);
        }
      }
    }

    /**
     * Whether the product that gives the gradients of the items includes those of the targets. This
     * holds if all targets are among the items and no share is so small that it is left out.
     */
    private boolean targetsAmongItems() {
      return isBounded() && candidates.own() != Own.APART;
    }

    private boolean isCounted() {
      return candidates.own() == Own.COUNTED;
    }

    /**
     * Changes E so that its product includes the gradients of targets, whose probabilities are
     * reduced by 1.
     */
    private void addTargets(int block) {
      int from = block * block();
      int end = from + width(block);
      float[] one = new float[1];
      for (int b = 0; b < size; b++) {
        int row = targetRows[b];
        if (row >= from && row < end) {
          weights[block].get(row - from, b, one, 1);
          double whole = 1 / share(shifts[block][b], b);
          float less = (float) ((targetShares[b] - 1) * whole);
          weights[block].set(row - from, b, one[0] + less);
        }
      }
    }

    private boolean isBounded() {
      return cosine && scale <= MOST_BOUND;
    }

    private void targetGradients(Inputs in, Gradients gradients) {
      if (targetsAmongItems()) {
        return;
      }
      Tensor gradient = Tensor.zeros(ElementType.FLOAT32, size, dim);
      float[] unit = new float[dim];
      for (int b = 0; b < size; b++) {
        float taken = (targetShares[b] - 1) * scale / count;
        FloatVectors.addScaled(taken, user, b * dim, gradient.floats(), b * dim, dim);
        if (cosine) {
          System.arraycopy(targets.floats(), b * dim, unit, 0, dim);
          throughLength(gradient.floats(), b * dim, unit, targetInverse[b]);
        }
      }
      items.accumulate(Arrays.copyOfRange(in.targets(), first, first + size), gradient, gradients);
    }

    @Override
    public void close() {
      userStorage.close();
      sampled.close();
      sampleStorage.close();
      if (kept != null && keptGradient != null) {
        kept.close();
        keptGradient.close();
      }
      for (FloatMatrix block : weightStorage) {
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

  /** The sums over a run of blocks. */
  private final class Run implements AutoCloseable {
    private final float[] shifts; // m [C]
    private final double[] sums; // s [C]
    private final FloatMatrix storage;
    private FloatMatrix userGradient; // E' F over the run [C, d]

    Run(int targets) {
      this.shifts = new float[targets];
      this.sums = new double[targets];
      this.storage = FloatMatrix.allocate(targets, dim);
      this.userGradient = storage;
    }

    void resize(int targets) {
      userGradient = storage.shaped(targets, dim);
    }

    @Override
    public void close() {
      storage.close();
    }
  }

  /** The buffers of a thread for one block. */
  private final class Worksheet implements AutoCloseable {
    // F of a block, the inverse lengths of its rows, and dF.
    private final Tensor rows;
    private final FloatMatrix block;
    private final float[] inverse;
    private final float[] zeros;
    private final Tensor gradient;
    private final FloatMatrix rowGradient;
    private final FloatMatrix sharedStorage;
    private FloatMatrix sharedUsers; // diag(r) U of a block [C, d]
    private final float[] least; // the threshold below which numbers of E are left out [C]
    private final float[] row; // [C]
    // A few rows of E at once.
    private final float[] piece;
    private final float[] pieceShifts;
    private final float[] pieceSums;
    private final FloatExp exponential;
    private int size;
    private int rowsAtOnce = 1;
    private int takenBlock = -1;
    private int sharedBlock = -1;
    private boolean spread;

    Worksheet(int targets, int width) {
      this.rows = Tensor.zeros(ElementType.FLOAT32, width, dim);
      this.block = FloatMatrix.allocate(width, dim);
      this.inverse = new float[width];
      this.zeros = new float[width * dim];
      this.gradient = Tensor.zeros(ElementType.FLOAT32, width, dim);
      this.rowGradient = FloatMatrix.allocate(width, dim);
      this.sharedStorage = FloatMatrix.allocate(targets, dim);
      this.sharedUsers = sharedStorage;
      this.least = new float[targets];
      this.row = new float[targets];
      this.piece = new float[Math.max(PIECE, targets)];
      this.pieceShifts = new float[piece.length];
      this.pieceSums = new float[piece.length];
      this.exponential = new FloatExp(piece.length);
      // Columns that no product is written to are copied with the others.
      rowGradient.put(0, zeros, 0, zeros.length);
    }

    void resize(int targets) {
      size = targets;
      rowsAtOnce = Math.max(1, PIECE / targets);
      sharedUsers = sharedStorage.shaped(targets, dim);
    }

    /** Begins a run of blocks. */
    void start(Run run, float[] guesses) {
      Arrays.fill(run.sums, 0);
      System.arraycopy(guesses, 0, run.shifts, 0, size);
      spreadShifts(run);
    }

    void spreadShifts(Run run) {
      for (int i = 0; i < rowsAtOnce; i++) {
        System.arraycopy(run.shifts, 0, pieceShifts, i * size, size);
      }
    }

    /** E from the products of a block, and their sums. */
    void exponentials(FloatMatrix e, double[] itemWeights, float scale) {
      Arrays.fill(pieceSums, 0);
      for (int i = 0; i < e.rows(); i += rowsAtOnce) {
        int count = Math.min(rowsAtOnce, e.rows() - i) * size;
        e.get(i, piece, 0, count);
        for (int j = 0; j < count; j++) {
          piece[j] = piece[j] * scale - pieceShifts[j];
        }
        exponential.apply(piece, count);
        if (itemWeights.length > 0 && rowsAtOnce == 1) {
          float weight = (float) itemWeights[i];
          for (int j = 0; j < count; j++) {
            piece[j] *= weight;
            pieceSums[j] += piece[j];
          }
        } else {
          for (int j = 0; j < count && itemWeights.length > 0; j++) {
            piece[j] *= (float) itemWeights[i + j / size];
          }
          for (int j = 0; j < count; j++) {
            pieceSums[j] += piece[j];
          }
        }
        e.put(i, piece, 0, count);
      }
    }

    /**
     * Whether a logit of the block was far above m. NaN is not detected here but shows in the loss.
     */
    boolean exceed() {
      return FloatVectors.max(pieceSums, 0, pieceSums.length) > MOST_SUM;
    }

    void addSums(Run run) {
      for (int j = 0; j < rowsAtOnce * size; j++) {
        run.sums[j % size] += pieceSums[j];
      }
    }

    @Override
    public void close() {
      block.close();
      rowGradient.close();
      sharedStorage.close();
    }
  }

  @Override
  public void close() {
    if (buffers != null) {
      buffers.close();
      buffers = null;
    }
  }
}
