package io.github.alphafuse.backbones.internal.encoder;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderConfig;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.backbones.internal.FusedNorm;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.FloatVectors;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The sequence encoder that {@link EncoderGraph} defines, by hand-derived kernels, forward and
 * backward, on the CPU.
 *
 * <p>Only positions that hold an item are computed. There is a user vector for the last position of
 * each example, or for every position that holds an item. A batch goes through these calls:
 *
 * <pre>
 * encoder.refresh();                            // after weights changed
 * encoder.begin(batch, random);
 * items.gather(encoder.items(from, to), encoder.rows(), encoder.firstRow(from));
 * encoder.forward(from, to);                    // each example once, on any thread
 * ... encoder.users() ... encoder.userGradients() ...
 * encoder.backward(from, to);
 * encoder.gradientTasks(gradients).forEach(Runnable::run);
 * items.accumulate(encoder.items(0, size), encoder.rowGradients(), gradients);
 * </pre>
 *
 * <p>Legend: B examples, L positions, R positions of the batch that hold an item, P user vectors (B
 * or R), d width. Not thread-safe, except for parts of a batch that do not overlap.
 *
 * <p>See: Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018.
 */
public final class FusedEncoder implements AutoCloseable {
  private final EncoderWeights weights;
  private final int length;
  private final int dim;
  private final boolean dropped;
  private final Positions positions;
  private final EncoderDropout dropout;
  private final List<FusedBlockWeights> blocks;
  private final boolean owner;
  private @Nullable Buffers buffers;

  private FusedEncoder(EncoderWeights weights, boolean training, Positions positions) {
    EncoderConfig config = weights.config();
    requireSupported(weights);
    this.weights = weights;
    this.length = config.maxLength();
    this.dim = config.dim();
    this.dropped = training && config.dropout() > 0;
    this.positions = positions;
    this.dropout = new EncoderDropout(config.dropout());
    this.blocks =
        IntStream.range(0, config.blocks())
            .mapToObj(block -> new FusedBlockWeights(weights, block))
            .toList();
    this.owner = true;
  }

  static void requireSupported(EncoderWeights weights) {
    checkArgument(
        supports(weights),
        "the fused engine takes items of one view in float32 on the CPU backend, found %s",
        weights.config());
  }

  /**
   * Whether these kernels can compute an encoder. They need one view of items, float32 and a CPU
   * backend.
   *
   * @param weights the encoder's weights
   * @return true if they can
   */
  public static boolean supports(EncoderWeights weights) {
    return weights.config().views() == ItemViews.ONE
        && weights.get(EncoderWeights.POSITION).elementType() == ElementType.FLOAT32
        && FloatMatrix.isAvailable();
  }

  /**
   * An encoder with dropout.
   *
   * @param weights the live weights
   * @param positions the positions that have user vectors
   * @return the encoder
   * @throws IllegalArgumentException if the kernels do not support them
   */
  public static FusedEncoder forTraining(EncoderWeights weights, Positions positions) {
    return new FusedEncoder(weights, true, positions);
  }

  /**
   * An encoder for last positions, without dropout.
   *
   * @param weights the weights
   * @return the encoder
   * @throws IllegalArgumentException if the kernels do not support them
   */
  public static FusedEncoder forInference(EncoderWeights weights) {
    return new FusedEncoder(weights, false, Positions.LAST);
  }

  /**
   * An encoder with buffers of its own over the same copies of the weights. It must be closed
   * before this one.
   *
   * @return the encoder
   */
  public FusedEncoder share() {
    return new FusedEncoder(this);
  }

  private FusedEncoder(FusedEncoder other) {
    this.weights = other.weights;
    this.length = other.length;
    this.dim = other.dim;
    this.dropped = other.dropped;
    this.positions = other.positions;
    this.dropout = other.dropout;
    this.blocks = other.blocks;
    this.owner = false;
  }

  /** Copies the weights again after they changed. */
  public void refresh() {
    blocks.forEach(FusedBlockWeights::refresh);
  }

  /**
   * Takes a padded batch.
   *
   * @param batch histories [B, L], with targets at this encoder's positions
   * @param random the source of dropout; not used without dropout
   * @throws IllegalArgumentException if the last position of a history is padding
   */
  public void begin(PaddedBatch batch, RandomGenerator random) {
    int[] histories = batch.histories();
    int count = 0;
    for (int item : histories) {
      count += item == batch.padding() ? 0 : 1;
    }
    Buffers b = reserve(batch.size(), count);
    for (int example = 0; example < batch.size(); example++) {
      b.rows.begin();
      for (int position = 0; position < length; position++) {
        int item = histories[example * length + position];
        if (item != batch.padding()) {
          b.rows.add(item, position);
        }
      }
      checkArgument(
          histories[example * length + length - 1] != batch.padding(),
          "history %s must end with an item, found padding",
          example);
      b.rows.end();
    }
    b.seeds = dropped ? EncoderDropout.seeds(batch.size(), random) : new long[0];
  }

  /**
   * Takes histories that are not padded.
   *
   * @param histories [B] item rows, oldest first, none empty; the last L are used
   */
  public void begin(int[][] histories) {
    int rows = 0;
    for (int[] history : histories) {
      rows += Math.min(history.length, length);
    }
    Buffers b = reserve(histories.length, rows);
    for (int[] history : histories) {
      b.rows.begin();
      int count = Math.min(history.length, length);
      for (int i = 0; i < count; i++) {
        b.rows.add(history[history.length - count + i], length - count + i);
      }
      b.rows.end();
    }
  }

  private Buffers reserve(int examples, int rows) {
    Buffers current = buffers;
    if (current == null
        || current.rows.capacity() < examples
        || current.rows.rowCapacity() < rows) {
      if (current != null) {
        current.close();
      }
      // The next batch may have a few more rows, but no more than L per example.
      long most = Math.min(rows + rows / 4L, (long) examples * length);
      int least = current == null ? 0 : current.rows.capacity();
      current = new Buffers(new FusedRows(Math.max(examples, least), Math.toIntExact(most)));
      buffers = current;
    }
    current.rows.clear();
    return current;
  }

  private Buffers current() {
    if (buffers == null) {
      throw new IllegalStateException("begin must be called first");
    }
    return buffers;
  }

  /**
   * The items of some examples.
   *
   * @param from the first example
   * @param to the example past the last
   * @return item rows, example by example
   */
  public int[] items(int from, int to) {
    FusedRows rows = current().rows;
    int first = rows.start(from);
    int[] items = new int[rows.start(to) - first];
    for (int i = 0; i < items.length; i++) {
      items[i] = rows.item(first + i);
    }
    return items;
  }

  /**
   * The first row of an example.
   *
   * @param example the example
   * @return the number of rows before
   */
  public int firstRow(int example) {
    return current().rows.start(example);
  }

  /**
   * The first user vector of an example.
   *
   * @param example the example
   * @return the number of user vectors before
   */
  public int firstUser(int example) {
    return positions == Positions.EVERY ? firstRow(example) : example;
  }

  /**
   * The buffer into which the items' rows have to be gathered.
   *
   * @return [R, d] or more rows, the live buffer
   */
  public Tensor rows() {
    return current().x;
  }

  /**
   * The user vectors.
   *
   * @return [P, d] or more rows, the live buffer
   */
  public Tensor users() {
    return current().user;
  }

  /**
   * The buffer for the gradient of the user vectors. {@link #backward} overwrites it.
   *
   * @return [P, d] or more rows, the live buffer
   */
  public Tensor userGradients() {
    return current().dUser;
  }

  /**
   * The gradient of the gathered rows.
   *
   * @return [R, d] or more rows, the live buffer
   */
  public Tensor rowGradients() {
    return current().dx;
  }

  /**
   * Encodes some examples.
   *
   * @param from the first example
   * @param to the example past the last
   */
  public void forward(int from, int to) {
    Buffers b = current();
    b.input(from, to);
    float[] x = b.x.floats(); // [R, d]
    for (FusedBlock block : b.blocks) {
      block.forward(x, from, to);
      x = block.output(); // [R, d], of the last block [P, d]
    }
    b.finalNorm.forward(x, b.user.floats(), firstUser(from), firstUser(to));
  }

  /**
   * Computes the gradient of some examples' rows from that of their user vectors.
   *
   * @param from the first example
   * @param to the example past the last
   */
  public void backward(int from, int to) {
    Buffers b = current();
    float[] d = b.dUser.floats(); // [P, d]
    b.finalNorm.backward(d, d, firstUser(from), firstUser(to));
    for (int i = b.blocks.size() - 1; i >= 0; i--) {
      float[] dx = i == 0 ? b.dx.floats() : b.between; // [R, d]
      // A block reads the gradient of its output before it writes that of its rows.
      b.blocks.get(i).backward(d, dx, from, to);
      d = dx;
    }
    b.inputBackward(from, to);
  }

  /**
   * The gradients of the weights over the whole batch, as tasks that may run in parallel.
   *
   * @param gradients receives them, overwritten
   * @return the tasks, longest first
   */
  public List<Runnable> gradientTasks(Gradients gradients) {
    Buffers b = current();
    List<Runnable> tasks = new ArrayList<>();
    b.blocks.forEach(block -> block.addGradientTasks(tasks, gradients));
    tasks.add(() -> b.positionGradient(gradients.get(EncoderWeights.POSITION).floats()));
    tasks.add(
        () ->
            b.finalNorm.gradients(
                firstUser(b.rows.size()),
                gradients.get(EncoderWeights.FINAL_NORM + ".weight").floats(),
                gradients.get(EncoderWeights.FINAL_NORM + ".bias").floats()));
    return tasks;
  }

  /** The buffers of a batch. */
  private final class Buffers implements AutoCloseable {
    private final FusedRows rows;
    private final Tensor x; // [R, d]
    private final Tensor dx; // [R, d]
    private final Tensor user; // [P, d]
    private final Tensor dUser; // [P, d]
    private final float[] between; // gradients from block to block [R, d]
    private final float[] inputMask; // [R, d]
    private final List<FusedBlock> blocks = new ArrayList<>();
    private final FusedNorm finalNorm;
    private long[] seeds = new long[0];

    Buffers(FusedRows rows) {
      this.rows = rows;
      int users = positions == Positions.EVERY ? rows.rowCapacity() : rows.capacity();
      int wide = Math.multiplyExact(rows.rowCapacity(), dim);
      this.x = Tensor.zeros(ElementType.FLOAT32, rows.rowCapacity(), dim);
      this.dx = Tensor.zeros(ElementType.FLOAT32, rows.rowCapacity(), dim);
      this.user = Tensor.zeros(ElementType.FLOAT32, users, dim);
      this.dUser = Tensor.zeros(ElementType.FLOAT32, users, dim);
      int count = FusedEncoder.this.blocks.size();
      this.between = new float[count > 1 ? wide : 0];
      this.inputMask = new float[dropped ? wide : 0];
      for (int i = 0; i < count; i++) {
        Positions queries = i < count - 1 ? Positions.EVERY : positions;
        blocks.add(
            new FusedBlock(
                FusedEncoder.this.blocks.get(i),
                rows,
                new FusedBlock.Kind(weights.config(), queries, dropped)));
      }
      this.finalNorm =
          new FusedNorm(
              users,
              weights.get(EncoderWeights.FINAL_NORM + ".weight").floats(),
              weights.get(EncoderWeights.FINAL_NORM + ".bias").floats());
    }

    /** x = (row + position) mask. */
    void input(int first, int end) {
      float[] row = new float[dim];
      float[] place = new float[dim];
      for (int example = first; example < end; example++) {
        input(example, row, place);
      }
    }

    private void input(int example, float[] row, float[] place) {
      float[] numbers = x.floats();
      float[] placed = weights.get(EncoderWeights.POSITION).floats();
      int from = rows.start(example);
      int to = rows.end(example);
      for (int r = from; r < to; r++) {
        System.arraycopy(numbers, r * dim, row, 0, dim);
        System.arraycopy(placed, rows.position(r) * dim, place, 0, dim);
        FloatVectors.addScaled(1, place, row, dim);
        System.arraycopy(row, 0, numbers, r * dim, dim);
      }
      if (dropped) {
        EncoderDropout.Stream random = dropout.of(seeds[example]);
        random.fill(inputMask, from * dim, (to - from) * dim);
        blocks.forEach(block -> block.draw(example, random));
        for (int i = from * dim; i < to * dim; i++) {
          numbers[i] *= inputMask[i];
        }
      }
    }

    /** dx through the mask. */
    void inputBackward(int firstExample, int endExample) {
      if (dropped) {
        float[] dRows = dx.floats();
        for (int i = rows.start(firstExample) * dim; i < rows.start(endExample) * dim; i++) {
          dRows[i] *= inputMask[i];
        }
      }
    }

    void positionGradient(float[] gradient) {
      float[] row = new float[dim];
      float[][] sums = new float[length][dim];
      for (int r = 0; r < rows.rows(); r++) {
        System.arraycopy(dx.floats(), r * dim, row, 0, dim);
        FloatVectors.addScaled(1, row, sums[rows.position(r)], dim);
      }
      for (int p = 0; p < length; p++) {
        System.arraycopy(sums[p], 0, gradient, p * dim, dim);
      }
    }

    @Override
    public void close() {
      blocks.forEach(FusedBlock::close);
    }
  }

  @Override
  public void close() {
    if (buffers != null) {
      buffers.close();
      buffers = null;
    }
    if (owner) {
      blocks.forEach(FusedBlockWeights::close);
    }
  }
}
