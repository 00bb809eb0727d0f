package io.github.alphafuse.backbones.encoder;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.internal.FloatWeight;
import io.github.alphafuse.backbones.internal.FusedNorm;
import io.github.alphafuse.backbones.internal.FusedProduct;
import io.github.alphafuse.backbones.internal.FusedProduct.Heads;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.FloatVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * One block of the sequence encoder by hand-derived kernels: what {@link EncoderGraph} defines,
 * forward and backward, on the CPU.
 *
 * <p>Only positions that hold an item are computed. A batch goes through these calls:
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
 * <p>Legend: B examples, L positions, R positions of the batch that hold an item, d width, H heads,
 * e = d / H. Not thread-safe but for parts of a batch that do not overlap.
 *
 * <p>See: Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018.
 */
public final class FusedEncoder implements AutoCloseable {
  private static final String QUERY = EncoderWeights.block(0, "query");
  private static final String KEY = EncoderWeights.block(0, "key");
  private static final String VALUE = EncoderWeights.block(0, "value");
  private static final String INNER = EncoderWeights.block(0, "inner");
  private static final String OUTER = EncoderWeights.block(0, "outer");
  private static final String ATTENTION_NORM = EncoderWeights.block(0, "attention_norm");
  private static final String FEED_FORWARD_NORM = EncoderWeights.block(0, "feed_forward_norm");
  private static final String OUTPUT_NORM = EncoderWeights.block(0, "output_norm");

  private final EncoderWeights weights;
  private final int length;
  private final int dim;
  private final int heads;
  private final boolean training;
  private final EncoderDropout dropout;
  private final FloatWeight query;
  private final FloatWeight key;
  private final FloatWeight value;
  private final FloatWeight inner;
  private final FloatWeight outer;
  private final boolean owner;
  private @Nullable Buffers buffers;

  private FusedEncoder(EncoderWeights weights, boolean training) {
    EncoderConfig config = weights.config();
    checkArgument(
        supports(weights),
        "the fused engine takes one block in float32, found %s",
        weights.config());
    this.weights = weights;
    this.length = config.maxLength();
    this.dim = config.dim();
    this.heads = config.heads();
    this.training = training && config.dropout() > 0;
    this.dropout = new EncoderDropout(config.dropout());
    this.query = new FloatWeight(weights.get(QUERY + ".weight"));
    this.key = new FloatWeight(weights.get(KEY + ".weight"));
    this.value = new FloatWeight(weights.get(VALUE + ".weight"));
    this.inner = new FloatWeight(weights.get(INNER + ".weight"));
    this.outer = new FloatWeight(weights.get(OUTER + ".weight"));
    this.owner = true;
  }

  /**
   * Whether these kernels can compute an encoder here: one block, one view of items, float32, and a
   * CPU backend.
   *
   * @param weights the encoder's weights
   * @return whether they can
   */
  public static boolean supports(EncoderWeights weights) {
    return weights.config().blocks() == 1
        && weights.config().views() == ItemViews.ONE
        && weights.get(EncoderWeights.POSITION).dataType() == DataType.FLOAT
        && FloatMatrix.isAvailable();
  }

  /**
   * An encoder with dropout.
   *
   * @param weights the live weights
   * @return the encoder
   * @throws IllegalArgumentException if the kernels do not support them
   */
  public static FusedEncoder forTraining(EncoderWeights weights) {
    return new FusedEncoder(weights, true);
  }

  /**
   * An encoder without dropout.
   *
   * @param weights the weights
   * @return the encoder
   * @throws IllegalArgumentException if the kernels do not support them
   */
  public static FusedEncoder forInference(EncoderWeights weights) {
    return new FusedEncoder(weights, false);
  }

  /**
   * An encoder with buffers of its own over the same copies of the weights; this one must be closed
   * after it.
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
    this.heads = other.heads;
    this.training = other.training;
    this.dropout = other.dropout;
    this.query = other.query;
    this.key = other.key;
    this.value = other.value;
    this.inner = other.inner;
    this.outer = other.outer;
    this.owner = false;
  }

  /** Takes over weights that changed. */
  public void refresh() {
    query.refresh();
    key.refresh();
    value.refresh();
    inner.refresh();
    outer.refresh();
  }

  /**
   * Takes a padded batch.
   *
   * @param batch histories [B, L]
   * @param random where dropout comes from; not used without dropout
   * @throws IllegalArgumentException if the last position of a history is padding
   */
  public void begin(PaddedBatch batch, RandomGenerator random) {
    Buffers b = reserve(batch.size());
    int[] histories = batch.histories();
    int rows = 0;
    for (int example = 0; example < batch.size(); example++) {
      b.start[example] = rows;
      for (int position = 0; position < length; position++) {
        int item = histories[example * length + position];
        if (item != batch.padding()) {
          b.item[rows] = item;
          b.position[rows++] = position;
        }
      }
      checkArgument(
          histories[example * length + length - 1] != batch.padding(),
          "history %s must end with an item, found padding",
          example);
    }
    b.finish(batch.size(), rows);
    b.seeds = training ? EncoderDropout.seeds(batch.size(), random) : new long[0];
  }

  /**
   * Takes histories that are not padded.
   *
   * @param histories [B] item rows, oldest first, none empty; the last L are looked at
   */
  public void begin(int[][] histories) {
    Buffers b = reserve(histories.length);
    int rows = 0;
    for (int example = 0; example < histories.length; example++) {
      int[] history = histories[example];
      b.start[example] = rows;
      int count = Math.min(history.length, length);
      for (int i = 0; i < count; i++) {
        b.item[rows] = history[history.length - count + i];
        b.position[rows++] = length - count + i;
      }
    }
    b.finish(histories.length, rows);
  }

  private Buffers reserve(int examples) {
    Buffers current = buffers;
    if (current == null || current.capacity < examples) {
      if (current != null) {
        current.close();
      }
      current = new Buffers(examples);
      buffers = current;
    }
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
    Buffers b = current();
    return Arrays.copyOfRange(b.item, b.start[from], b.start[to]);
  }

  /**
   * Where the rows of an example start.
   *
   * @param example the example
   * @return the number of rows before
   */
  public int firstRow(int example) {
    return current().start[example];
  }

  /**
   * Where the items' rows are to be gathered.
   *
   * @return [R, d] or more rows, the live buffer
   */
  public Tensor rows() {
    return current().x;
  }

  /**
   * The user vectors.
   *
   * @return [B, d] or more rows, the live buffer
   */
  public Tensor users() {
    return current().user;
  }

  /**
   * Where the gradient of the user vectors is to be put; {@link #backward} destroys it.
   *
   * @return [B, d] or more rows, the live buffer
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
    b.attentionNorm.forward(b.last, b.query, from, to); // q^ [B, d]
    b.queries.forward(b.query, b.q, from, to); // q [B, d]
    addBias(b.q, QUERY, from, to);
    b.keys.forward(b.q, b.u, from, to); // u_h = W_k' q_h [B, H, d]
    b.attend(from, to); // s_h = sum a x [B, H, d]
    b.values.forward(b.s, b.h, from, to); // W_v s [B, d]
    for (int example = from; example < to; example++) {
      b.addQueryAndValueBias(example);
    }
    b.feedForwardNorm.forward(b.h, b.f, from, to); // f [B, d]
    b.inners.forward(b.f, b.hidden, from, to); // [B, d]
    addBias(b.hidden, INNER, from, to);
    for (int i = from * dim; i < to * dim; i++) {
      b.hidden[i] = FloatVectors.positivePart(b.hidden[i]);
    }
    b.outers.forward(b.hidden, b.y, from, to); // [B, d]
    addBias(b.y, OUTER, from, to);
    if (training) {
      for (int i = from * dim; i < to * dim; i++) {
        b.y[i] *= b.feedForwardMask[i];
      }
    }
    for (int i = from * dim; i < to * dim; i++) {
      b.y[i] += b.f[i];
    }
    b.outputNorm.forward(b.y, b.y, from, to);
    b.finalNorm.forward(b.y, b.user.floats(), from, to);
  }

  private void addBias(float[] rows, String layer, int from, int to) {
    FusedProduct.addToRows(weights.get(layer + ".bias").floats(), rows, from, to);
  }

  /**
   * Takes the gradient of some examples back to their rows.
   *
   * @param from the first example
   * @param to the example past the last
   */
  public void backward(int from, int to) {
    Buffers b = current();
    float[] d = b.dUser.floats();
    b.finalNorm.backward(d, d, from, to);
    b.outputNorm.backward(d, d, from, to); // of mask y + f
    for (int i = from * dim; i < to * dim; i++) {
      b.dy[i] = training ? d[i] * b.feedForwardMask[i] : d[i];
    }
    b.outers.backward(b.dy, b.dHidden, from, to);
    for (int i = from * dim; i < to * dim; i++) {
      b.dHidden[i] *= FloatVectors.isPositive(b.hidden[i]);
    }
    b.inners.backward(b.dHidden, b.df, from, to);
    for (int i = from * dim; i < to * dim; i++) {
      b.df[i] += d[i];
    }
    b.feedForwardNorm.backward(b.df, b.dh, from, to); // of h = q^ + attended
    b.values.backward(b.dh, b.ds, from, to);
    b.attendBackward(from, to);
    b.keys.backward(b.du, b.dq, from, to);
    b.queries.backward(b.dq, b.dQuery, from, to);
    for (int i = from * dim; i < to * dim; i++) {
      b.dQuery[i] += b.dh[i];
    }
    b.attentionNorm.backward(b.dQuery, b.dQuery, from, to);
    for (int example = from; example < to; example++) {
      b.inputBackward(example);
    }
  }

  /**
   * The gradients of the weights over the whole batch, as tasks that may run side by side.
   *
   * @param gradients receives them, overwritten
   * @return the tasks, the long ones first
   */
  public List<Runnable> gradientTasks(Gradients gradients) {
    Buffers b = current();
    int rows = b.size;
    List<Runnable> tasks = new ArrayList<>();
    tasks.addAll(b.queries.gradientTasks(rows, gradients.get(QUERY + ".weight").floats()));
    tasks.addAll(b.keys.gradientTasks(rows, gradients.get(KEY + ".weight").floats()));
    tasks.addAll(b.values.gradientTasks(rows, gradients.get(VALUE + ".weight").floats()));
    tasks.addAll(b.inners.gradientTasks(rows, gradients.get(INNER + ".weight").floats()));
    tasks.addAll(b.outers.gradientTasks(rows, gradients.get(OUTER + ".weight").floats()));
    tasks.add(() -> b.positionGradient(gradients.get(EncoderWeights.POSITION).floats()));
    addNorm(tasks, b.attentionNorm, ATTENTION_NORM, gradients);
    addNorm(tasks, b.feedForwardNorm, FEED_FORWARD_NORM, gradients);
    addNorm(tasks, b.outputNorm, OUTPUT_NORM, gradients);
    addNorm(tasks, b.finalNorm, EncoderWeights.FINAL_NORM, gradients);
    tasks.add(() -> FusedProduct.sumRows(b.dq, rows, gradients.get(QUERY + ".bias").floats()));
    tasks.add(() -> FusedProduct.sumRows(b.dHidden, rows, gradients.get(INNER + ".bias").floats()));
    tasks.add(() -> FusedProduct.sumRows(b.dy, rows, gradients.get(OUTER + ".bias").floats()));
    tasks.add(() -> b.valueBiasGradient(gradients.get(VALUE + ".bias").floats()));
    // The softmax does not see what is added to all scores of an example.
    tasks.add(() -> gradients.get(KEY + ".bias").fill(0));
    return tasks;
  }

  private void addNorm(List<Runnable> tasks, FusedNorm norm, String layer, Gradients gradients) {
    tasks.add(
        () ->
            norm.gradients(
                current().size,
                gradients.get(layer + ".weight").floats(),
                gradients.get(layer + ".bias").floats()));
  }

  private FusedNorm norm(int rows, String layer) {
    return new FusedNorm(
        rows, weights.get(layer + ".weight").floats(), weights.get(layer + ".bias").floats());
  }

  /** What one thread works on in an example's way back through the attention. */
  private static final class BackwardRows {
    private final float[] dWeight;
    private final float[] row;
    private final float[] dRow;
    private final float[] dSum;
    private final float[] wideQuery;
    private final float[] dWideQuery;

    BackwardRows(int length, int dim) {
      this.dWeight = new float[length];
      this.row = new float[dim];
      this.dRow = new float[dim];
      this.dSum = new float[dim];
      this.wideQuery = new float[dim];
      this.dWideQuery = new float[dim];
    }
  }

  /** The numbers of a batch between its calls. */
  private final class Buffers implements AutoCloseable {
    private final int capacity;
    private final int[] start;
    private final int[] item;
    private final int[] position;
    private final Tensor x; // [R, d]
    private final Tensor dx; // [R, d]
    private final Tensor user; // [B, d]
    private final Tensor dUser; // [B, d]
    private final float[] inputMask; // [R, d]
    private final float[] attentionMask; // [B, H, L]
    private final float[] feedForwardMask; // [B, d]
    private final float[] last; // [B, d]
    private final float[] query;
    private final float[] q;
    private final float[] u; // [B, H, d]
    private final float[] attention; // [B, H, L]
    private final float[] mass; // [B, H]
    private final float[] s; // [B, H, d]
    private final float[] h; // [B, d]
    private final float[] f;
    private final float[] hidden;
    private final float[] y;
    private final float[] dy;
    private final float[] dHidden;
    private final float[] df;
    private final float[] dh;
    private final float[] ds; // [B, H, d]
    private final float[] du; // [B, H, d]
    private final float[] dq; // [B, d]
    private final float[] dQuery;
    private final FusedNorm attentionNorm;
    private final FusedNorm feedForwardNorm;
    private final FusedNorm outputNorm;
    private final FusedNorm finalNorm;
    private final FusedProduct queries;
    private final FusedProduct keys;
    private final FusedProduct values;
    private final FusedProduct inners;
    private final FusedProduct outers;
    private int size;
    private long[] seeds = new long[0];

    Buffers(int examples) {
      this.capacity = examples;
      int rows = Math.multiplyExact(examples, length);
      int wide = Math.multiplyExact(rows, dim);
      int flat = examples * dim;
      this.start = new int[examples + 1];
      this.item = new int[rows];
      this.position = new int[rows];
      this.x = Tensor.zeros(DataType.FLOAT, rows, dim);
      this.user = Tensor.zeros(DataType.FLOAT, examples, dim);
      this.attention = new float[examples * heads * length];
      this.mass = new float[examples * heads];
      this.last = new float[flat];
      this.query = new float[flat];
      this.q = new float[flat];
      this.u = new float[flat * heads];
      this.s = new float[flat * heads];
      this.h = new float[flat];
      this.f = new float[flat];
      this.hidden = new float[flat];
      this.y = new float[flat];
      this.dx = Tensor.zeros(DataType.FLOAT, rows, dim);
      this.dUser = Tensor.zeros(DataType.FLOAT, examples, dim);
      this.dy = new float[flat];
      this.dHidden = new float[flat];
      this.df = new float[flat];
      this.dh = new float[flat];
      this.ds = new float[flat * heads];
      this.du = new float[flat * heads];
      this.dq = new float[flat];
      this.dQuery = new float[flat];
      this.inputMask = new float[training ? wide : 0];
      this.attentionMask = new float[training ? attention.length : 0];
      this.feedForwardMask = new float[training ? flat : 0];
      this.attentionNorm = norm(examples, ATTENTION_NORM);
      this.feedForwardNorm = norm(examples, FEED_FORWARD_NORM);
      this.outputNorm = norm(examples, OUTPUT_NORM);
      this.finalNorm = norm(examples, EncoderWeights.FINAL_NORM);
      FusedProduct.Size perHead = new FusedProduct.Size(examples, heads);
      this.queries = FusedProduct.of(examples, FusedEncoder.this.query);
      this.keys = FusedProduct.ofHeads(key, Heads.OUT_OF, perHead);
      this.values = FusedProduct.ofHeads(value, Heads.INTO, perHead);
      this.inners = FusedProduct.of(examples, inner);
      this.outers = FusedProduct.of(examples, outer);
    }

    void finish(int examples, int rows) {
      start[examples] = rows;
      size = examples;
    }

    /** x = (row + position) mask, and the last of it. */
    void input(int first, int end) {
      float[] row = new float[dim];
      float[] place = new float[dim];
      for (int example = first; example < end; example++) {
        input(example, row, place);
      }
    }

    private void input(int example, float[] row, float[] place) {
      float[] rows = x.floats();
      float[] positions = weights.get(EncoderWeights.POSITION).floats();
      int from = start[example];
      int to = start[example + 1];
      for (int r = from; r < to; r++) {
        System.arraycopy(rows, r * dim, row, 0, dim);
        System.arraycopy(positions, position[r] * dim, place, 0, dim);
        FloatVectors.addScaled(1, place, row, dim);
        System.arraycopy(row, 0, rows, r * dim, dim);
      }
      if (training) {
        EncoderDropout.Stream random = dropout.of(seeds[example]);
        random.fill(inputMask, from * dim, (to - from) * dim);
        for (int head = 0; head < heads; head++) {
          random.fill(attentionMask, (example * heads + head) * length, to - from);
        }
        random.fill(feedForwardMask, example * dim, dim);
        for (int i = from * dim; i < to * dim; i++) {
          rows[i] *= inputMask[i];
        }
      }
      System.arraycopy(rows, (to - 1) * dim, last, example * dim, dim);
    }

    /** a_h = softmax(x u_h / sqrt d); s_h = sum of a_h mask x; mass_h = sum of a_h mask. */
    void attend(int first, int end) {
      float[] row = new float[dim];
      float[] sum = new float[dim];
      for (int example = first; example < end; example++) {
        attend(example, row, sum);
      }
    }

    private void attend(int example, float[] row, float[] sum) {
      float[] rows = x.floats();
      int from = start[example];
      int count = start[example + 1] - from;
      float scale = (float) (1 / Math.sqrt(dim));
      for (int head = 0; head < heads; head++) {
        int at = (example * heads + head) * length;
        int wide = (example * heads + head) * dim;
        float largest = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < count; j++) {
          float score = FloatVectors.dot(rows, (from + j) * dim, u, wide, dim) * scale;
          attention[at + j] = score;
          largest = Math.max(largest, score);
        }
        double total = 0;
        for (int j = 0; j < count; j++) {
          double weight = Math.exp((double) attention[at + j] - largest);
          attention[at + j] = (float) weight;
          total += weight;
        }
        Arrays.fill(sum, 0);
        float kept = 0;
        for (int j = 0; j < count; j++) {
          float weight = (float) (attention[at + j] / total);
          attention[at + j] = weight;
          if (training) {
            weight *= attentionMask[at + j];
          }
          kept += weight;
          System.arraycopy(rows, (from + j) * dim, row, 0, dim);
          FloatVectors.addScaled(weight, row, sum, dim);
        }
        System.arraycopy(sum, 0, s, wide, dim);
        mass[example * heads + head] = kept;
      }
    }

    /** h = W_v s + b_v mass + q^. */
    void addQueryAndValueBias(int example) {
      float[] bias = weights.get(VALUE + ".bias").floats();
      int e = dim / heads;
      for (int head = 0; head < heads; head++) {
        FloatVectors.addScaled(
            mass[example * heads + head], bias, head * e, h, example * dim + head * e, e);
      }
      FloatVectors.add(query, example * dim, h, example * dim, dim);
    }

    /** dx and du from ds, through the softmax. */
    void attendBackward(int first, int end) {
      BackwardRows scratch = new BackwardRows(length, dim);
      for (int example = first; example < end; example++) {
        attendBackward(example, scratch);
      }
    }

    private void attendBackward(int example, BackwardRows scratch) {
      float[] rows = x.floats();
      float[] dRows = dx.floats();
      float[] bias = weights.get(VALUE + ".bias").floats();
      int from = start[example];
      int count = start[example + 1] - from;
      int e = dim / heads;
      float scale = (float) (1 / Math.sqrt(dim));
      float[] dWeight = scratch.dWeight;
      float[] row = scratch.row;
      float[] dRow = scratch.dRow;
      float[] dSum = scratch.dSum;
      float[] wideQuery = scratch.wideQuery;
      float[] dWideQuery = scratch.dWideQuery;
      for (int head = 0; head < heads; head++) {
        int at = (example * heads + head) * length;
        int wide = (example * heads + head) * dim;
        System.arraycopy(ds, wide, dSum, 0, dim);
        System.arraycopy(u, wide, wideQuery, 0, dim);
        Arrays.fill(dWideQuery, 0);
        float dMass = FloatVectors.dot(bias, head * e, dh, example * dim + head * e, e);
        float along = 0;
        for (int j = 0; j < count; j++) {
          float mask = training ? attentionMask[at + j] : 1;
          dWeight[j] = (FloatVectors.dot(dSum, 0, rows, (from + j) * dim, dim) + dMass) * mask;
          along += attention[at + j] * dWeight[j];
        }
        for (int j = 0; j < count; j++) {
          float weight = attention[at + j];
          float kept = training ? weight * attentionMask[at + j] : weight;
          float dScore = weight * (dWeight[j] - along) * scale;
          System.arraycopy(rows, (from + j) * dim, row, 0, dim);
          FloatVectors.addScaled(dScore, row, dWideQuery, dim);
          FloatVectors.combine(kept, dSum, dScore, wideQuery, dRow);
          if (head > 0) {
            FloatVectors.add(dRows, (from + j) * dim, dRow, 0, dim);
          }
          System.arraycopy(dRow, 0, dRows, (from + j) * dim, dim);
        }
        System.arraycopy(dWideQuery, 0, du, wide, dim);
      }
    }

    /** dx += that of the last position, and all of it through the mask. */
    void inputBackward(int example) {
      float[] dRows = dx.floats();
      int from = start[example];
      int to = start[example + 1];
      FloatVectors.add(dQuery, example * dim, dRows, (to - 1) * dim, dim);
      if (training) {
        for (int i = from * dim; i < to * dim; i++) {
          dRows[i] *= inputMask[i];
        }
      }
    }

    void valueBiasGradient(float[] gradient) {
      Arrays.fill(gradient, 0);
      int e = dim / heads;
      for (int example = 0; example < size; example++) {
        for (int head = 0; head < heads; head++) {
          FloatVectors.addScaled(
              mass[example * heads + head], dh, example * dim + head * e, gradient, head * e, e);
        }
      }
    }

    void positionGradient(float[] gradient) {
      float[] row = new float[dim];
      float[][] sums = new float[length][dim];
      for (int r = 0; r < start[size]; r++) {
        System.arraycopy(dx.floats(), r * dim, row, 0, dim);
        FloatVectors.addScaled(1, row, sums[position[r]], dim);
      }
      for (int p = 0; p < length; p++) {
        System.arraycopy(sums[p], 0, gradient, p * dim, dim);
      }
    }

    @Override
    public void close() {
      queries.close();
      keys.close();
      values.close();
      inners.close();
      outers.close();
    }
  }

  @Override
  public void close() {
    if (buffers != null) {
      buffers.close();
      buffers = null;
    }
    if (owner) {
      query.close();
      key.close();
      value.close();
      inner.close();
      outer.close();
    }
  }
}
