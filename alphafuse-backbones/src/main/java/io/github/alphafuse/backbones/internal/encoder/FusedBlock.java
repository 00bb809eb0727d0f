package io.github.alphafuse.backbones.internal.encoder;

import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderConfig;
import io.github.alphafuse.backbones.internal.FusedNorm;
import io.github.alphafuse.backbones.internal.FusedProduct;
import io.github.alphafuse.backbones.internal.FusedProduct.Heads;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.FloatVectors;
import java.util.Arrays;
import java.util.List;

/**
 * One block of the encoder by hand-derived kernels, forward and backward, for a batch of rows.
 *
 * <p>There is a query for the last row of each example, or for every row. It attends to its own row
 * and to those before it. Keys and values are not computed: W_k is folded into the query, and W_v
 * is applied to the weighted sum of rows, as in {@link EncoderGraph}.
 *
 * <p>Legend: B examples, R rows, Q queries (B or R), L positions, d width, H heads, e = d / H; x
 * rows, q queries, u = W_k' q, s weighted sums of rows, mass sums of attention weights, h attended
 * rows with residual, f their norm, y the output of the feed-forward network. The prefix d marks a
 * gradient. Calls for examples that do not overlap are thread-safe.
 */
final class FusedBlock implements AutoCloseable {
  private final FusedBlockWeights weights;
  private final FusedRows rows;
  private final boolean every;
  private final int length;
  private final int dim;
  private final int heads;
  private final boolean dropped;
  private final float[] attentionMask; // [Q, H, L]
  private final float[] feedForwardMask; // [Q, d]
  private final float[] last; // [B, d], the rows of the queries if not all rows have one
  private final float[] query; // [Q, d]
  private final float[] q;
  private final float[] u; // [Q, H, d]
  private final float[] attention; // [Q, H, L]
  private final float[] mass; // [Q, H]
  private final float[] s; // [Q, H, d]
  private final float[] h; // [Q, d]
  private final float[] f;
  private final float[] hidden;
  private final float[] y;
  private final float[] output; // [Q, d]
  private final float[] dy;
  private final float[] dHidden;
  private final float[] df;
  private final float[] dh;
  private final float[] ds; // [Q, H, d]
  private final float[] du; // [Q, H, d]
  private final float[] dq; // [Q, d]
  private final float[] dQuery;
  private final float[] valueBias; // [d], live
  private final FusedNorm attentionNorm;
  private final FusedNorm feedForwardNorm;
  private final FusedNorm outputNorm;
  private final FusedProduct queries;
  private final FusedProduct keys;
  private final FusedProduct values;
  private final FusedProduct inners;
  private final FusedProduct outers;
  private float[] x = new float[0]; // [R, d], of the last forward

  /** The task of a block: its queries, and whether numbers are dropped. */
  record Kind(EncoderConfig config, Positions queries, boolean dropped) {}

  FusedBlock(FusedBlockWeights weights, FusedRows rows, Kind kind) {
    this.weights = weights;
    this.rows = rows;
    this.every = kind.queries() == Positions.EVERY;
    this.length = kind.config().maxLength();
    this.dim = kind.config().dim();
    this.heads = kind.config().heads();
    this.dropped = kind.dropped();
    int most = every ? rows.rowCapacity() : rows.capacity();
    int flat = Math.multiplyExact(most, dim);
    int wide = Math.multiplyExact(flat, heads);
    int pairs = Math.multiplyExact(most * heads, length);
    this.attention = new float[pairs];
    this.mass = new float[most * heads];
    this.last = new float[every ? 0 : flat];
    this.query = new float[flat];
    this.q = new float[flat];
    this.u = new float[wide];
    this.s = new float[wide];
    this.h = new float[flat];
    this.f = new float[flat];
    this.hidden = new float[flat];
    this.y = new float[flat];
    this.output = new float[flat];
    this.dy = new float[flat];
    this.dHidden = new float[flat];
    this.df = new float[flat];
    this.dh = new float[flat];
    this.ds = new float[wide];
    this.du = new float[wide];
    this.dq = new float[flat];
    this.dQuery = new float[flat];
    this.attentionMask = new float[dropped ? pairs : 0];
    this.feedForwardMask = new float[dropped ? flat : 0];
    this.valueBias = weights.live("value", ".bias");
    this.attentionNorm = norm(most, "attention_norm");
    this.feedForwardNorm = norm(most, "feed_forward_norm");
    this.outputNorm = norm(most, "output_norm");
    FusedProduct.Size perHead = new FusedProduct.Size(most, heads);
    this.queries = FusedProduct.of(most, weights.query());
    this.keys = FusedProduct.ofHeads(weights.key(), Heads.OUT_OF, perHead);
    this.values = FusedProduct.ofHeads(weights.value(), Heads.INTO, perHead);
    this.inners = FusedProduct.of(most, weights.inner());
    this.outers = FusedProduct.of(most, weights.outer());
  }

  private FusedNorm norm(int most, String layer) {
    return new FusedNorm(most, weights.live(layer, ".weight"), weights.live(layer, ".bias"));
  }

  /** The first query of an example. */
  int firstQuery(int example) {
    return every ? rows.start(example) : example;
  }

  /** The row past the last that a query attends to. */
  private int keysEnd(int example, int at) {
    return every ? at + 1 : rows.end(example);
  }

  /** The output of the last forward [Q, d]. */
  float[] output() {
    return output;
  }

  /** Draws the dropout of an example. */
  void draw(int example, EncoderDropout.Stream random) {
    int from = firstQuery(example);
    int to = firstQuery(example + 1);
    for (int at = from; at < to; at++) {
      int count = keysEnd(example, at) - rows.start(example);
      for (int head = 0; head < heads; head++) {
        random.fill(attentionMask, (at * heads + head) * length, count);
      }
    }
    random.fill(feedForwardMask, from * dim, (to - from) * dim);
  }

  /**
   * Computes the output of some examples from rows [R, d], which are kept for the backward pass.
   */
  void forward(float[] in, int firstExample, int endExample) {
    x = in;
    int from = firstQuery(firstExample);
    int to = firstQuery(endExample);
    if (!every) {
      for (int example = firstExample; example < endExample; example++) {
        System.arraycopy(in, (rows.end(example) - 1) * dim, last, example * dim, dim);
      }
    }
    attentionNorm.forward(every ? in : last, query, from, to); // q^ [Q, d]
    queries.forward(query, q, from, to); // q [Q, d]
    addBias(q, "query", from, to);
    keys.forward(q, u, from, to); // u_h = W_k' q_h [Q, H, d]
    attend(firstExample, endExample); // s_h = sum a x [Q, H, d]
    values.forward(s, h, from, to); // W_v s [Q, d]
    for (int at = from; at < to; at++) {
      addQueryAndValueBias(at);
    }
    feedForwardNorm.forward(h, f, from, to); // f [Q, d]
    inners.forward(f, hidden, from, to); // [Q, d]
    addBias(hidden, "inner", from, to);
    for (int i = from * dim; i < to * dim; i++) {
      hidden[i] = FloatVectors.positivePart(hidden[i]);
    }
    outers.forward(hidden, y, from, to); // [Q, d]
    addBias(y, "outer", from, to);
    if (dropped) {
      for (int i = from * dim; i < to * dim; i++) {
        y[i] *= feedForwardMask[i];
      }
    }
    for (int i = from * dim; i < to * dim; i++) {
      y[i] += f[i];
    }
    outputNorm.forward(y, output, from, to);
  }

  private void addBias(float[] numbers, String layer, int from, int to) {
    FusedProduct.addToRows(weights.live(layer, ".bias"), numbers, from, to);
  }

  /** The rows of an example in arrays of their own, since only loops from 0 become SIMD code. */
  private int load(int example, float[][] into) {
    int from = rows.start(example);
    int count = rows.end(example) - from;
    for (int k = 0; k < count; k++) {
      System.arraycopy(x, (from + k) * dim, into[k], 0, dim);
    }
    return count;
  }

  /** a_h = softmax(x u_h / sqrt d); s_h = sum of a_h mask x; mass_h = sum of a_h mask. */
  private void attend(int firstExample, int endExample) {
    float[][] keyRows = new float[length][dim];
    float[] sum = new float[dim];
    for (int example = firstExample; example < endExample; example++) {
      load(example, keyRows);
      for (int at = firstQuery(example); at < firstQuery(example + 1); at++) {
        attend(at, keysEnd(example, at) - rows.start(example), keyRows, sum);
      }
    }
  }

  private void attend(int query, int count, float[][] keyRows, float[] sum) {
    float scale = (float) (1 / Math.sqrt(dim));
    for (int head = 0; head < heads; head++) {
      int at = (query * heads + head) * length;
      int wide = (query * heads + head) * dim;
      float largest = Float.NEGATIVE_INFINITY;
      for (int k = 0; k < count; k++) {
        float score = FloatVectors.dot(keyRows[k], 0, u, wide, dim) * scale;
        attention[at + k] = score;
        largest = Math.max(largest, score);
      }
      double total = 0;
      for (int k = 0; k < count; k++) {
        double weight = Math.exp((double) attention[at + k] - largest);
        attention[at + k] = (float) weight;
        total += weight;
      }
      Arrays.fill(sum, 0);
      float kept = 0;
      for (int k = 0; k < count; k++) {
        float weight = (float) (attention[at + k] / total);
        attention[at + k] = weight;
        if (dropped) {
          weight *= attentionMask[at + k];
        }
        kept += weight;
        FloatVectors.addScaled(weight, keyRows[k], sum, dim);
      }
      System.arraycopy(sum, 0, s, wide, dim);
      mass[query * heads + head] = kept;
    }
  }

  /** h = W_v s + b_v mass + q^. */
  private void addQueryAndValueBias(int at) {
    int e = dim / heads;
    for (int head = 0; head < heads; head++) {
      FloatVectors.addScaled(
          mass[at * heads + head], valueBias, head * e, h, at * dim + head * e, e);
    }
    FloatVectors.add(query, at * dim, h, at * dim, dim);
  }

  /**
   * Sets dx [R, d] of some examples from the gradient of the output [Q, d], which is overwritten.
   */
  void backward(float[] d, float[] dx, int firstExample, int endExample) {
    int from = firstQuery(firstExample);
    int to = firstQuery(endExample);
    outputNorm.backward(d, d, from, to); // of mask y + f
    for (int i = from * dim; i < to * dim; i++) {
      dy[i] = dropped ? d[i] * feedForwardMask[i] : d[i];
    }
    outers.backward(dy, dHidden, from, to);
    for (int i = from * dim; i < to * dim; i++) {
      dHidden[i] *= FloatVectors.isPositive(hidden[i]);
    }
    inners.backward(dHidden, df, from, to);
    for (int i = from * dim; i < to * dim; i++) {
      df[i] += d[i];
    }
    feedForwardNorm.backward(df, dh, from, to); // of h = q^ + attended
    values.backward(dh, ds, from, to);
    attendBackward(dx, firstExample, endExample);
    keys.backward(du, dq, from, to);
    queries.backward(dq, dQuery, from, to);
    for (int i = from * dim; i < to * dim; i++) {
      dQuery[i] += dh[i];
    }
    attentionNorm.backward(dQuery, dQuery, from, to);
    for (int example = firstExample; example < endExample; example++) {
      for (int at = firstQuery(example); at < firstQuery(example + 1); at++) {
        int row = keysEnd(example, at) - 1;
        FloatVectors.add(dQuery, at * dim, dx, row * dim, dim);
      }
    }
  }

  /** The buffers of one thread in the backward pass through the attention. */
  private final class BackwardRows {
    private final float[][] keys = new float[length][dim];
    private final float[][] dKeys = new float[length][dim];
    private final float[] dWeight = new float[length];
    private final float[] dRow = new float[dim];
    private final float[] dSum = new float[dim];
    private final float[] wideQuery = new float[dim];
    private final float[] dWideQuery = new float[dim];
  }

  /** dx and du from ds, through the softmax. */
  private void attendBackward(float[] dx, int firstExample, int endExample) {
    BackwardRows scratch = new BackwardRows();
    for (int example = firstExample; example < endExample; example++) {
      int count = load(example, scratch.keys);
      int last = firstQuery(example + 1) - 1;
      // Starts with the last query. It attends to all rows, so it sets the sums and the others add
      // to them.
      for (int at = last; at >= firstQuery(example); at--) {
        attendBackward(at, count - last + at, at == last, scratch);
      }
      int from = rows.start(example);
      for (int k = 0; k < count; k++) {
        System.arraycopy(scratch.dKeys[k], 0, dx, (from + k) * dim, dim);
      }
    }
  }

  private void attendBackward(int query, int count, boolean first, BackwardRows scratch) {
    int e = dim / heads;
    float scale = (float) (1 / Math.sqrt(dim));
    float[][] keys = scratch.keys;
    float[] dWeight = scratch.dWeight;
    float[] dRow = scratch.dRow;
    float[] dSum = scratch.dSum;
    float[] wideQuery = scratch.wideQuery;
    float[] dWideQuery = scratch.dWideQuery;
    for (int head = 0; head < heads; head++) {
      int at = (query * heads + head) * length;
      int wide = (query * heads + head) * dim;
      System.arraycopy(ds, wide, dSum, 0, dim);
      System.arraycopy(u, wide, wideQuery, 0, dim);
      Arrays.fill(dWideQuery, 0);
      float dMass = FloatVectors.dot(valueBias, head * e, dh, query * dim + head * e, e);
      float along = 0;
      for (int k = 0; k < count; k++) {
        float mask = dropped ? attentionMask[at + k] : 1;
        dWeight[k] = (FloatVectors.dot(dSum, 0, keys[k], 0, dim) + dMass) * mask;
        along += attention[at + k] * dWeight[k];
      }
      for (int k = 0; k < count; k++) {
        float weight = attention[at + k];
        float kept = dropped ? weight * attentionMask[at + k] : weight;
        float dScore = weight * (dWeight[k] - along) * scale;
        FloatVectors.addScaled(dScore, keys[k], dWideQuery, dim);
        if (first && head == 0) {
          FloatVectors.combine(kept, dSum, dScore, wideQuery, scratch.dKeys[k]);
        } else {
          FloatVectors.combine(kept, dSum, dScore, wideQuery, dRow);
          FloatVectors.addScaled(1, dRow, scratch.dKeys[k], dim);
        }
      }
      System.arraycopy(dWideQuery, 0, du, wide, dim);
    }
  }

  /** The gradients of the weights over the whole batch, as tasks that may run in parallel. */
  void addGradientTasks(List<Runnable> tasks, Gradients gradients) {
    int count = firstQuery(rows.size());
    tasks.addAll(queries.gradientTasks(count, of("query", ".weight", gradients)));
    tasks.addAll(keys.gradientTasks(count, of("key", ".weight", gradients)));
    tasks.addAll(values.gradientTasks(count, of("value", ".weight", gradients)));
    tasks.addAll(inners.gradientTasks(count, of("inner", ".weight", gradients)));
    tasks.addAll(outers.gradientTasks(count, of("outer", ".weight", gradients)));
    addNorm(tasks, attentionNorm, "attention_norm", gradients);
    addNorm(tasks, feedForwardNorm, "feed_forward_norm", gradients);
    addNorm(tasks, outputNorm, "output_norm", gradients);
    tasks.add(() -> FusedProduct.sumRows(dq, count, of("query", ".bias", gradients)));
    tasks.add(() -> FusedProduct.sumRows(dHidden, count, of("inner", ".bias", gradients)));
    tasks.add(() -> FusedProduct.sumRows(dy, count, of("outer", ".bias", gradients)));
    tasks.add(() -> valueBiasGradient(count, of("value", ".bias", gradients)));
    // Adding a number to all scores of a query does not change the softmax.
    tasks.add(() -> Arrays.fill(of("key", ".bias", gradients), 0));
  }

  private float[] of(String layer, String part, Gradients gradients) {
    return gradients.get(weights.name(layer) + part).floats();
  }

  private void addNorm(List<Runnable> tasks, FusedNorm norm, String layer, Gradients gradients) {
    tasks.add(
        () ->
            norm.gradients(
                firstQuery(rows.size()),
                of(layer, ".weight", gradients),
                of(layer, ".bias", gradients)));
  }

  private void valueBiasGradient(int count, float[] gradient) {
    Arrays.fill(gradient, 0);
    int e = dim / heads;
    for (int at = 0; at < count; at++) {
      for (int head = 0; head < heads; head++) {
        FloatVectors.addScaled(
            mass[at * heads + head], dh, at * dim + head * e, gradient, head * e, e);
      }
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
