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
import io.github.alphafuse.core.internal.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
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
 * items.gather(encoder.items(), encoder.rows());
 * encoder.forward(from, to);                    // each example once, on any thread
 * ... encoder.users() ... encoder.userGradients() ...
 * encoder.backward(from, to);
 * encoder.gradients(gradients);
 * items.accumulate(encoder.items(), encoder.rowGradients(), gradients);
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
  }

  /**
   * Whether these kernels can compute an encoder here: one block, float32, and a CPU backend.
   *
   * @param weights the encoder's weights
   * @return whether they can
   */
  public static boolean supports(EncoderWeights weights) {
    return weights.config().blocks() == 1
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
   * The items of the batch.
   *
   * @return [R] item rows, example by example
   */
  public int[] items() {
    return current().items;
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
    for (int example = from; example < to; example++) {
      b.input(example);
    }
    b.attentionNorm.forward(b.last, b.query, from, to); // q^ [B, d]
    b.queries.forward(b.query, b.q, from, to); // q [B, d]
    addBias(b.q, QUERY, from, to);
    b.keys.forward(b.q, b.u, from, to); // u_h = W_k' q_h [B, H, d]
    for (int example = from; example < to; example++) {
      b.attend(example); // s_h = sum a x [B, H, d]
    }
    b.values.forward(b.s, b.h, from, to); // W_v s [B, d]
    for (int example = from; example < to; example++) {
      b.addQueryAndValueBias(example);
    }
    b.feedForwardNorm.forward(b.h, b.f, from, to); // f [B, d]
    b.inners.forward(b.f, b.hidden, from, to); // [B, d]
    addBias(b.hidden, INNER, from, to);
    for (int i = from * dim; i < to * dim; i++) {
      b.hidden[i] = Math.max(b.hidden[i], 0);
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
    float[] bias = weights.get(layer + ".bias").floats();
    for (int example = from; example < to; example++) {
      FloatVectors.add(bias, 0, rows, example * dim, dim);
    }
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
      b.dHidden[i] = b.hidden[i] > 0 ? b.dHidden[i] : 0;
    }
    b.inners.backward(b.dHidden, b.df, from, to);
    for (int i = from * dim; i < to * dim; i++) {
      b.df[i] += d[i];
    }
    b.feedForwardNorm.backward(b.df, b.dh, from, to); // of h = q^ + attended
    b.values.backward(b.dh, b.ds, from, to);
    for (int example = from; example < to; example++) {
      b.attendBackward(example);
    }
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
   * The gradients of the weights over the whole batch.
   *
   * @param gradients receives them, overwritten
   */
  public void gradients(Gradients gradients) {
    Buffers b = current();
    List<IntConsumer> tasks = new ArrayList<>();
    addTasks(tasks, b.queries, gradients.get(QUERY + ".weight"));
    addTasks(tasks, b.keys, gradients.get(KEY + ".weight"));
    addTasks(tasks, b.values, gradients.get(VALUE + ".weight"));
    addTasks(tasks, b.inners, gradients.get(INNER + ".weight"));
    addTasks(tasks, b.outers, gradients.get(OUTER + ".weight"));
    tasks.add(rows -> FusedProduct.sumRows(b.dq, rows, gradients.get(QUERY + ".bias").floats()));
    tasks.add(
        rows -> FusedProduct.sumRows(b.dHidden, rows, gradients.get(INNER + ".bias").floats()));
    tasks.add(rows -> FusedProduct.sumRows(b.dy, rows, gradients.get(OUTER + ".bias").floats()));
    tasks.add(rows -> b.valueBiasGradient(gradients.get(VALUE + ".bias").floats()));
    // The softmax does not see what is added to all scores of an example.
    tasks.add(rows -> gradients.get(KEY + ".bias").fill(0));
    addNorm(tasks, b.attentionNorm, ATTENTION_NORM, gradients);
    addNorm(tasks, b.feedForwardNorm, FEED_FORWARD_NORM, gradients);
    addNorm(tasks, b.outputNorm, OUTPUT_NORM, gradients);
    addNorm(tasks, b.finalNorm, EncoderWeights.FINAL_NORM, gradients);
    tasks.add(rows -> b.positionGradient(gradients.get(EncoderWeights.POSITION).floats()));
    Workers.run(tasks.size(), i -> tasks.get(i).accept(b.size));
  }

  private static void addTasks(List<IntConsumer> tasks, FusedProduct product, Tensor gradient) {
    for (int i = 0; i < product.tasks(); i++) {
      int task = i;
      tasks.add(rows -> product.gradient(task, rows, gradient.floats()));
    }
  }

  private static void addNorm(
      List<IntConsumer> tasks, FusedNorm norm, String layer, Gradients gradients) {
    tasks.add(
        rows ->
            norm.gradients(
                rows,
                gradients.get(layer + ".weight").floats(),
                gradients.get(layer + ".bias").floats()));
  }

  private FusedNorm norm(int rows, String layer) {
    return new FusedNorm(
        rows, weights.get(layer + ".weight").floats(), weights.get(layer + ".bias").floats());
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
    private int[] items = new int[0];
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
      items = Arrays.copyOf(item, rows);
    }

    /** x = (row + position) mask, and the last of it. */
    void input(int example) {
      float[] rows = x.floats();
      float[] positions = weights.get(EncoderWeights.POSITION).floats();
      int from = start[example];
      int to = start[example + 1];
      for (int r = from; r < to; r++) {
        FloatVectors.add(positions, position[r] * dim, rows, r * dim, dim);
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
    void attend(int example) {
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
        Arrays.fill(s, wide, wide + dim, 0);
        float sum = 0;
        for (int j = 0; j < count; j++) {
          float weight = (float) (attention[at + j] / total);
          attention[at + j] = weight;
          if (training) {
            weight *= attentionMask[at + j];
          }
          sum += weight;
          FloatVectors.addScaled(weight, rows, (from + j) * dim, s, wide, dim);
        }
        mass[example * heads + head] = sum;
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
    void attendBackward(int example) {
      float[] rows = x.floats();
      float[] dRows = dx.floats();
      float[] bias = weights.get(VALUE + ".bias").floats();
      int from = start[example];
      int count = start[example + 1] - from;
      int e = dim / heads;
      float scale = (float) (1 / Math.sqrt(dim));
      Arrays.fill(dRows, from * dim, (from + count) * dim, 0);
      float[] dWeight = new float[count];
      for (int head = 0; head < heads; head++) {
        int at = (example * heads + head) * length;
        int wide = (example * heads + head) * dim;
        float dMass = FloatVectors.dot(bias, head * e, dh, example * dim + head * e, e);
        float along = 0;
        for (int j = 0; j < count; j++) {
          float mask = training ? attentionMask[at + j] : 1;
          float weight = attention[at + j];
          FloatVectors.addScaled(weight * mask, ds, wide, dRows, (from + j) * dim, dim);
          dWeight[j] = (FloatVectors.dot(ds, wide, rows, (from + j) * dim, dim) + dMass) * mask;
          along += weight * dWeight[j];
        }
        Arrays.fill(du, wide, wide + dim, 0);
        for (int j = 0; j < count; j++) {
          float dScore = attention[at + j] * (dWeight[j] - along) * scale;
          FloatVectors.addScaled(dScore, rows, (from + j) * dim, du, wide, dim);
          FloatVectors.addScaled(dScore, u, wide, dRows, (from + j) * dim, dim);
        }
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
      Arrays.fill(gradient, 0);
      for (int r = 0; r < start[size]; r++) {
        FloatVectors.add(dx.floats(), r * dim, gradient, position[r] * dim, dim);
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
    query.close();
    key.close();
    value.close();
    inner.close();
    outer.close();
  }
}
