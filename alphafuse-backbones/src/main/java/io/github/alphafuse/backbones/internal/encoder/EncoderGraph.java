package io.github.alphafuse.backbones.internal.encoder;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderConfig;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sequence encoder as a SameDiff graph, from item rows of padded histories to user vectors.
 *
 * <p>Legend: B batch, L positions, d width, H heads, e = d / H.
 *
 * <p>A block normalises its input for the queries only, attends from there to the input itself,
 * adds the normalised query back, and ends with a feed-forward network; there is no output
 * projection, and scores are divided by sqrt(d) for any number of heads. The user vector is the
 * last position, so the last block computes only that query, and no keys or values:
 *
 * <pre>
 * score_j = q.(W_k x_j + b_k) = (W_k' q).x_j + b_k.q
 * output  = sum_j a_j (W_v x_j + b_v) = W_v (sum_j a_j x_j) + b_v sum_j a_j
 * </pre>
 *
 * <p>This is exact, even under dropout on the weights a. The blocks before the last attend fully
 * and causally, and so does the last one if there is a user vector at every position. Not
 * thread-safe.
 *
 * <p>If item rows are two views, [ID ; text] of width 2d, each view gets the positional embedding
 * and dropout. Two cross-attentions of 2 heads, not causal and without residual, connect the views.
 * The encoder above takes the results of both as a batch of 2B, and the user vector is [ID branch ;
 * text branch].
 *
 * <p>See: {@link EncoderConfig} for the papers and the differences from them.
 */
public final class EncoderGraph implements AutoCloseable {
  private static final double NORM_EPSILON = 1e-5;

  /** Added to the score of a masked key, so that its softmax is exactly 0 in both data types. */
  private static final double MASKED = -1e9;

  private static final String INPUT_MASK = "input_mask";
  private static final String KEY_MASK = "key_mask";
  private static final String KEEP = "keep";
  private static final String CAUSAL_MASK = "causal_mask";
  private static final String LAST_POSITION = "last_position";
  private static final String CROSS_MASK = "cross_mask";
  private static final String TEXT_MASK = "text_mask";

  private final SameDiff graph;
  private final EncoderConfig config;
  private final ElementType type;
  private final boolean training;
  private final boolean every;
  private final ImmutableMap<String, SDVariable> weights;
  private final SDVariable user;

  /** Whether numbers are dropped, and the positions that have user vectors. */
  private record Mode(boolean training, Positions positions) {}

  private EncoderGraph(SameDiff graph, EncoderWeights start, SDVariable rows, Mode mode) {
    this.graph = graph;
    this.config = start.config();
    this.type = start.get(EncoderWeights.POSITION).elementType();
    this.training = mode.training() && config.dropout() > 0;
    this.every = mode.positions() == Positions.EVERY;
    config.requireSupported(mode.positions());
    ImmutableMap.Builder<String, SDVariable> variables = ImmutableMap.builder();
    start.asMap().forEach((name, weight) -> variables.put(name, graph.var(name, weight.toNd4j())));
    this.weights = variables.buildOrThrow();
    this.user = define(rows);
  }

  /**
   * Adds an encoder to a graph.
   *
   * @param graph the graph
   * @param weights the weights, whose current values become variables of the same names
   * @param rows item rows [B, L, d], or [B, L, 2d] if they are two views
   * @return the encoder without dropout
   */
  public static EncoderGraph forInference(SameDiff graph, EncoderWeights weights, SDVariable rows) {
    return new EncoderGraph(graph, weights, rows, new Mode(false, Positions.LAST));
  }

  /**
   * Adds an encoder with dropout to a graph.
   *
   * @param graph the graph
   * @param weights the weights, whose current values become variables of the same names
   * @param rows item rows [B, L, d], or [B, L, 2d] if they are two views
   * @return the encoder, whose dropout masks are drawn by {@link #masks}
   */
  public static EncoderGraph forTraining(SameDiff graph, EncoderWeights weights, SDVariable rows) {
    return new EncoderGraph(graph, weights, rows, new Mode(true, Positions.LAST));
  }

  /**
   * Adds an encoder with dropout to a graph, with a user vector at every position.
   *
   * @param graph the graph
   * @param weights the weights, whose current values become variables of the same names
   * @param rows item rows [B, L, d]
   * @return the encoder, whose dropout masks are drawn by {@link #masks}
   * @throws IllegalArgumentException if items have two views
   */
  public static EncoderGraph forTrainingAtEveryPosition(
      SameDiff graph, EncoderWeights weights, SDVariable rows) {
    return new EncoderGraph(graph, weights, rows, new Mode(true, Positions.EVERY));
  }

  /**
   * The user vectors.
   *
   * @return [B, d], or [B, 2d] if item rows are two views; at every position [B L, d], where those
   *     of padded positions have no meaning
   */
  public SDVariable user() {
    return user;
  }

  /**
   * Sets the graph's weights.
   *
   * @param values weights of the same sizes
   */
  public void assign(EncoderWeights values) {
    weights.forEach(
        (name, variable) -> {
          try (INDArray value = values.get(name).toNd4j()) {
            variable.getArr().assign(value);
          }
        });
  }

  /**
   * The masks of a batch, to be fed with the rows.
   *
   * @param padded [B, L], whether a position is padding
   * @param random where dropout masks come from; not used without dropout
   * @return placeholder values by name, to be closed by the caller
   */
  public Map<String, INDArray> masks(boolean[] padded, RandomGenerator random) {
    int length = config.maxLength();
    int batch = padded.length / length;
    Map<String, INDArray> masks = new LinkedHashMap<>();
    int branches = config.views().branches();
    Tensor keep = Tensor.zeros(type, branches * batch, length, 1);
    Tensor keyMask = Tensor.zeros(type, branches * batch, 1, length);
    for (int i = 0; i < keep.size(); i++) {
      keep.set(i, padded[i % padded.length] ? 0 : 1);
      keyMask.set(i, padded[i % padded.length] ? MASKED : 0);
    }
    masks.put(KEY_MASK, keyMask.toNd4j());
    if (fullBlocks() > 0) {
      masks.put(KEEP, keep.toNd4j());
    }
    if (isDual()) {
      masks.put(CROSS_MASK, keyMask.firstRows(batch).reshape(batch, 1, 1, length).toNd4j());
    }
    if (training) {
      dropout(padded, random, masks);
    } else {
      masks.put(INPUT_MASK, keep.firstRows(batch).toNd4j());
    }
    return masks;
  }

  /** Adds the factors of dropout to the other masks. */
  private void dropout(boolean[] padded, RandomGenerator random, Map<String, INDArray> masks) {
    int length = config.maxLength();
    int batch = padded.length / length;
    int d = config.dim();
    int heads = config.heads();
    int full = fullBlocks();
    int rows = config.views().branches() * batch;
    List<Tensor> inputs = new ArrayList<>();
    List<Tensor> attention = new ArrayList<>();
    List<Tensor> feedForward = new ArrayList<>();
    for (int v = 0; v < config.views().inputs(); v++) {
      inputs.add(Tensor.zeros(type, batch, length, d));
    }
    for (int b = 0; b < config.blocks(); b++) {
      int queries = b < full ? length : 1;
      attention.add(Tensor.zeros(type, rows, heads, queries, length));
      feedForward.add(Tensor.zeros(type, rows, queries, d));
    }
    EncoderDropout dropout = new EncoderDropout(config.dropout());
    long[] seeds = EncoderDropout.seeds(batch, random);
    for (int example = 0; example < batch; example++) {
      int first = example * length;
      while (first < (example + 1) * length - 1 && padded[first]) {
        first++;
      }
      int count = (example + 1) * length - first;
      EncoderDropout.Stream stream = dropout.of(seeds[example]);
      for (Tensor input : inputs) {
        stream.fill(input, first * d, count * d);
      }
      for (int row = example; row < rows; row += batch) {
        for (int b = 0; b < config.blocks(); b++) {
          int queries = b < full ? count : 1;
          int of = b < full ? length : 1;
          for (int i = 0; i < queries; i++) {
            int keys = count - queries + i + 1;
            for (int head = 0; head < heads; head++) {
              int at = (row * heads + head) * of + of - queries + i;
              stream.fill(attention.get(b), (at + 1) * length - count, keys);
            }
          }
          stream.fill(feedForward.get(b), (row * of + of - queries) * d, queries * d);
        }
      }
    }
    for (int b = 0; b < config.blocks(); b++) {
      Tensor weights = attention.get(b);
      Tensor numbers = feedForward.get(b);
      if (b >= full) {
        weights = weights.reshape(rows, heads, length);
        numbers = numbers.reshape(rows, d);
      }
      masks.put(attentionMask(b), weights.toNd4j());
      masks.put(feedForwardMask(b), numbers.toNd4j());
    }
    for (int v = 0; v < inputs.size(); v++) {
      masks.put(inputMask(v), inputs.get(v).toNd4j());
    }
  }

  private static String inputMask(int view) {
    return view == 0 ? INPUT_MASK : TEXT_MASK;
  }

  /** Frees the weights and constants of the graph. */
  @Override
  public void close() {
    for (SDVariable variable : graph.variables()) {
      VariableType kind = variable.getVariableType();
      if (kind == VariableType.VARIABLE || kind == VariableType.CONSTANT) {
        INDArray array = variable.getArr();
        if (array != null && array.closeable()) {
          array.close();
        }
      }
    }
  }

  private static String attentionMask(int block) {
    return EncoderWeights.block(block, "attention_mask");
  }

  private static String feedForwardMask(int block) {
    return EncoderWeights.block(block, "feed_forward_mask");
  }

  /** The blocks, from the first, with a query at every position. */
  private int fullBlocks() {
    return every ? config.blocks() : config.blocks() - 1;
  }

  private SDVariable define(SDVariable rows) {
    SDVariable inputMask =
        graph.placeHolder(INPUT_MASK, Tensor.nd4jType(type)); // [B, L, d] or [B, L, 1]
    SDVariable keyMask = graph.placeHolder(KEY_MASK, Tensor.nd4jType(type)); // [B, 1, L]
    // With two views there are 2B examples from here on, those of the ID branch first.
    SDVariable x = isDual() ? branches(rows, inputMask) : placed(rows, inputMask); // [B, L, d]
    int full = fullBlocks();
    if (full > 0) {
      SDVariable keep = graph.placeHolder(KEEP, Tensor.nd4jType(type)); // [B, L, 1]
      SDVariable mask = graph.expandDims(keyMask, 1).add(causalMask()); // [B, 1, L, L]
      for (int b = 0; b < full; b++) {
        x = fullBlock(x, b, mask, keep); // [B, L, d]
      }
    }
    if (every) {
      return norm(flat(x), EncoderWeights.FINAL_NORM); // [B L, d]
    }
    SDVariable y = lastQueryBlock(x, full, keyMask); // [B, d]
    SDVariable users = norm(y, EncoderWeights.FINAL_NORM); // [B, d]
    if (!isDual()) {
      return users;
    }
    SDVariable byBranch = graph.reshape(users, 2, -1, config.dim()); // [2B, d] -> [2, B, d]
    return graph.reshape(swap(byBranch), -1, config.rowDim()); // [B, 2, d] -> [B, 2d]
  }

  private boolean isDual() {
    return config.views() != ItemViews.ONE;
  }

  /** Rows with their positions and with dropout, and 0 for padding. */
  private SDVariable placed(SDVariable rows, SDVariable mask) {
    return rows.add(weight(EncoderWeights.POSITION)).mul(mask); // [B, L, d]
  }

  /** The two views of [B, L, 2d], each after attending to the other: [2B, L, d]. */
  private SDVariable branches(SDVariable rows, SDVariable inputMask) {
    SDVariable crossMask = graph.placeHolder(CROSS_MASK, Tensor.nd4jType(type)); // [B, 1, 1, L]
    SDVariable ids;
    SDVariable texts;
    if (config.views() == ItemViews.TEXT_TWICE) {
      texts = flat(placed(view(rows, 1), inputMask)); // [B L, d]
      ids = texts;
    } else {
      SDVariable textMask =
          training ? graph.placeHolder(TEXT_MASK, Tensor.nd4jType(type)) : inputMask;
      ids = flat(placed(view(rows, 0), inputMask)); // [B L, d]
      texts = flat(placed(view(rows, 1), textMask)); // [B L, d]
    }
    SDVariable ofIds =
        crossAttention(EncoderWeights.TEXT_TO_ID, new Sides(texts, ids, crossMask)); // [B, L, d]
    SDVariable ofTexts =
        crossAttention(EncoderWeights.ID_TO_TEXT, new Sides(ids, texts, crossMask)); // [B, L, d]
    return graph.concat(0, ofIds, ofTexts); // [2B, L, d]
  }

  /**
   * One view of [B, L, 2d], as a sum that leaves out the other, because the gradient of ND4J's
   * slices is not reliable.
   */
  private SDVariable view(SDVariable rows, int which) {
    Tensor selected = Tensor.zeros(type, 1, 2, 1);
    selected.set(which, 1);
    SDVariable selector = graph.constant("view_" + which, selected.toNd4j()); // [1, 2, 1]
    SDVariable views = graph.reshape(rows, -1, 2, config.dim()); // [B L, 2, d]
    return positionsOf(views.mul(selector).sum(1)); // [B, L, d]
  }

  /** The inputs of an attention: of the queries [B L, d], and of keys and values [B L, d]. */
  private record Sides(SDVariable queries, SDVariable others, SDVariable mask) {}

  private SDVariable crossAttention(String name, Sides sides) {
    int heads = EncoderConfig.CROSS_HEADS;
    SDVariable q = perHead(product(sides.queries, name + ".query"), heads); // [B, 2, L, d / 2]
    SDVariable k = perHead(product(sides.others, name + ".key"), heads);
    SDVariable v = perHead(product(sides.others, name + ".value"), heads);
    SDVariable scores =
        graph
            .mmul(q, k, false, true, false)
            .mul(Math.sqrt((double) heads / config.dim())); // [B, 2, L, L]
    SDVariable a = softmax(scores.add(sides.mask), 3); // [B, 2, L, L]
    SDVariable joined = graph.permute(a.mmul(v), 0, 2, 1, 3); // [B, L, 2, d / 2]
    return positionsOf(linear(flat(joined), name + ".output")); // [B, L, d]
  }

  private SDVariable causalMask() {
    int length = config.maxLength();
    Tensor mask = Tensor.zeros(type, 1, 1, length, length);
    for (int i = 0; i < length; i++) {
      for (int j = i + 1; j < length; j++) {
        mask.set(i * length + j, MASKED);
      }
    }
    return graph.constant(CAUSAL_MASK, mask.toNd4j()); // [1, 1, L, L]
  }

  private SDVariable lastQueryBlock(SDVariable x, int b, SDVariable keyMask) {
    SDVariable at = lastPosition(x); // [B, d]
    SDVariable query = norm(at, EncoderWeights.block(b, "attention_norm")); // [B, d]
    SDVariable q = linear(query, EncoderWeights.block(b, "query")); // [B, d]
    SDVariable scores =
        graph
            .mmul(perHeadInput(q, b), x, false, true, false) // [B, H, d] x [B, d, L] -> [B, H, L]
            .add(keyBias(q, b)) // [B, H, 1]
            .mul(1 / Math.sqrt(config.dim()))
            .add(keyMask); // [B, 1, L]
    SDVariable a = softmax(scores, 2); // [B, H, L]
    if (training) {
      a = a.mul(graph.placeHolder(attentionMask(b), Tensor.nd4jType(type))); // [B, H, L]
    }
    SDVariable attended = perHeadOutput(a.mmul(x), a.sum(true, 2), b); // [B, d]
    return feedForward(query.add(attended), b); // [B, d]
  }

  /**
   * The last position of each history, as a sum that leaves out the others, because the gradients
   * of ND4J's slices fail if L is larger than d, or for a batch of one.
   */
  private SDVariable lastPosition(SDVariable x) {
    int length = config.maxLength();
    if (length == 1) {
      return flat(x); // [B, 1, d] -> [B, d]
    }
    Tensor last = Tensor.zeros(type, 1, length, 1);
    last.set(length - 1, 1);
    SDVariable selector = graph.constant(LAST_POSITION, last.toNd4j()); // [1, L, 1]
    return x.mul(selector).sum(1); // [B, L, d] -> [B, d]
  }

  /** W_k' q for each head. */
  private SDVariable perHeadInput(SDVariable q, int b) {
    SDVariable key = weight(EncoderWeights.block(b, "key.weight")); // [d, d]
    if (config.heads() == 1) {
      return graph.expandDims(q.mmul(key), 1); // [B, 1, d]
    }
    return swap(swap(heads(q)).mmul(headRows(key))); // [H, B, e] x [H, e, d] -> [B, H, d]
  }

  /** b_k.q for each head. */
  private SDVariable keyBias(SDVariable q, int b) {
    SDVariable bias = weight(EncoderWeights.block(b, "key.bias")); // [d]
    return heads(q.mul(bias)).sum(true, 2); // [B, H, e] -> [B, H, 1]
  }

  /** W_v (sum a x) + b_v sum a, heads side by side. */
  private SDVariable perHeadOutput(SDVariable context, SDVariable mass, int b) {
    SDVariable value = weight(EncoderWeights.block(b, "value.weight")); // [d, d]
    SDVariable bias = weight(EncoderWeights.block(b, "value.bias")); // [d]
    if (config.heads() == 1) {
      SDVariable flat = graph.squeeze(context, 1); // [B, d]
      return graph
          .mmul(flat, value, false, true, false)
          .add(graph.squeeze(mass, 1).mul(bias)); // [B, d]
    }
    SDVariable outputs =
        swap(graph.mmul(swap(context), headRows(value), false, true, false)); // [B, H, e]
    SDVariable biases = mass.mul(graph.reshape(bias, 1, config.heads(), headDim())); // [B, H, e]
    return graph.reshape(outputs.add(biases), -1, config.dim()); // [B, d]
  }

  private SDVariable fullBlock(SDVariable x, int b, SDVariable mask, SDVariable keep) {
    SDVariable query = norm(flat(x), EncoderWeights.block(b, "attention_norm")); // [B L, d]
    SDVariable q = split(query, EncoderWeights.block(b, "query")); // [B, H, L, e]
    SDVariable k = split(flat(x), EncoderWeights.block(b, "key"));
    SDVariable v = split(flat(x), EncoderWeights.block(b, "value"));
    SDVariable scores =
        graph.mmul(q, k, false, true, false).mul(1 / Math.sqrt(config.dim())); // [B, H, L, L]
    SDVariable a = softmax(scores.add(mask), 3); // [B, H, L, L]
    a = a.mul(graph.expandDims(keep, 1)); // padded queries give 0: [B, 1, L, 1]
    if (training) {
      a = a.mul(graph.placeHolder(attentionMask(b), Tensor.nd4jType(type))); // [B, H, L, L]
    }
    SDVariable joined = graph.permute(a.mmul(v), 0, 2, 1, 3); // [B, L, H, e]
    SDVariable attended = flat(joined).add(query); // [B L, d]
    SDVariable y = feedForward(attended, b); // [B L, d]
    return positionsOf(y).mul(keep); // [B, L, d]
  }

  /** A linear layer of [B L, d], split into heads: [B, H, L, e]. */
  private SDVariable split(SDVariable x, String layer) {
    return perHead(linear(x, layer), config.heads());
  }

  private SDVariable perHead(SDVariable y, int heads) {
    SDVariable parted =
        graph.reshape(y, -1, config.maxLength(), heads, config.dim() / heads); // [B, L, H, e]
    return graph.permute(parted, 0, 2, 1, 3); // [B, H, L, e]
  }

  private SDVariable flat(SDVariable x) {
    return graph.reshape(x, -1, config.dim()); // [B, L, d] or [B, L, H, e] -> [B L, d]
  }

  private SDVariable positionsOf(SDVariable x) {
    return graph.reshape(x, -1, config.maxLength(), config.dim()); // [B L, d] -> [B, L, d]
  }

  private SDVariable feedForward(SDVariable h, int b) {
    boolean last = b >= fullBlocks();
    SDVariable f = norm(h, EncoderWeights.block(b, "feed_forward_norm")); // [rows, d]
    SDVariable inner = graph.nn().relu(linear(f, EncoderWeights.block(b, "inner")), 0);
    SDVariable y = linear(inner, EncoderWeights.block(b, "outer")); // [rows, d]
    if (training) {
      SDVariable mask = graph.placeHolder(feedForwardMask(b), Tensor.nd4jType(type));
      y = y.mul(last ? mask : flat(mask)); // [B, d] or [B L, d]
    }
    return norm(y.add(f), EncoderWeights.block(b, "output_norm")); // [rows, d]
  }

  private SDVariable linear(SDVariable x, String layer) {
    return product(x, layer).add(weight(layer + ".bias")); // [rows, out]
  }

  private SDVariable product(SDVariable x, String layer) {
    return graph.mmul(
        x, weight(layer + ".weight"), false, true, false); // [rows, in] x [in, out] -> [rows, out]
  }

  /** Layer normalisation of rows, with its epsilon, which ND4J's operation lacks. */
  private SDVariable norm(SDVariable x, String layer) {
    // Axes are counted from the front, because a reduction over axis -1 that keeps it is wrong for
    // rank 3.
    SDVariable centred = x.sub(x.mean(true, 1)); // [rows, d]
    SDVariable variance = centred.mul(centred).mean(true, 1); // [rows, 1]
    // Not a division, because its gradient is wrong for a single row, where the divisor has length
    // 1.
    SDVariable inverse = graph.math().rsqrt(variance.add(NORM_EPSILON)); // [rows, 1]
    return centred
        .mul(inverse)
        .mul(weight(layer + ".weight"))
        .add(weight(layer + ".bias")); // [rows, d]
  }

  /** The softmax over the last axis. */
  private SDVariable softmax(SDVariable scores, int axis) {
    // In float64 ND4J takes exponentials of rows far below 0 as they are, and gives 0 / 0: rows are
    // shifted to a maximum of 0 first.
    SDVariable shifted = type == ElementType.FLOAT64 ? scores.sub(scores.max(true, axis)) : scores;
    return graph.nn().softmax(shifted, -1);
  }

  private SDVariable heads(SDVariable x) {
    return graph.reshape(x, -1, config.heads(), headDim()); // [B, d] -> [B, H, e]
  }

  private SDVariable headRows(SDVariable weight) {
    return graph.reshape(weight, config.heads(), headDim(), config.dim()); // [d, d] -> [H, e, d]
  }

  private SDVariable swap(SDVariable x) {
    return graph.permute(x, 1, 0, 2); // [B, H, n] <-> [H, B, n]
  }

  private int headDim() {
    return config.dim() / config.heads();
  }

  private SDVariable weight(String name) {
    SDVariable variable = weights.get(name);
    if (variable == null) {
      throw new IllegalStateException("the encoder has no weight '" + name + "'");
    }
    return variable;
  }
}
