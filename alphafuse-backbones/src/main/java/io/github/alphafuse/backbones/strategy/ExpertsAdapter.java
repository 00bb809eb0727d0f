package io.github.alphafuse.backbones.strategy;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.strategy.BlockProduct.Rows;
import io.github.alphafuse.backbones.strategy.Vectors.Piece;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A mixture of linear experts, the adapter of UniSRec.
 *
 * <pre>
 * y = sum g_e y_e      y_e = W_e (dropout_e(x) - b_e)      g = softmax(l)
 * l_e = G_e.x + (softplus(S_e.x) + 1e-2) noise_e           noise in training only
 *
 * dg_e = dy.y_e        dl_e = g_e (dg_e - sum g dg)        dG_e = sum dl_e x
 * dS_e = sum dl_e noise_e sigmoid(S_e.x) x
 * dy_e = g_e dy        dW_e = dy_e' dropout_e(x) - (sum dy_e) b_e'      db_e = -W_e' sum dy_e
 * </pre>
 *
 * <p>Legend: M items, E experts, d_l language dimension, d item dimension; x language rows, y item
 * rows, g gates, l their logits. W_e [d, d_l], b_e [d_l], G and S [E, d_l]. The prefix d marks a
 * gradient.
 */
final class ExpertsAdapter implements Adapter {
  static final String KIND = "experts";
  static final String GATE = "item_adapter.gate";
  static final String NOISE = "item_adapter.noise";
  private static final double LEAST_NOISE = 1e-2;
  private static final double START_DEVIATION = 0.02;

  private final Settings settings;
  private final int dim;
  private final int languageDim;
  private final Tensor gate; // G
  private final Tensor noise; // S
  private final Tensor[] weights; // W_e
  private final Tensor[] biases; // b_e
  private final ImmutableMap<String, Tensor> parameters;

  /**
   * The settings.
   *
   * @param experts E
   * @param dropout the probability with which a number of an expert's input is dropped
   * @param gateNoise whether noise is added to the gates in training
   */
  record Settings(int experts, double dropout, boolean gateNoise) {}

  private ExpertsAdapter(Settings settings, ElementType type, int[] outAndIn) {
    this.settings = settings;
    this.dim = outAndIn[0];
    this.languageDim = outAndIn[1];
    this.gate = Tensor.zeros(type, settings.experts(), languageDim);
    this.noise = Tensor.zeros(type, settings.experts(), languageDim);
    this.weights = new Tensor[settings.experts()];
    this.biases = new Tensor[settings.experts()];
    ImmutableMap.Builder<String, Tensor> all = ImmutableMap.builder();
    all.put(GATE, gate).put(NOISE, noise);
    for (int e = 0; e < weights.length; e++) {
      weights[e] = Tensor.zeros(type, dim, languageDim);
      biases[e] = Tensor.zeros(type, languageDim);
      all.put(weight(e), weights[e]).put(bias(e), biases[e]);
    }
    this.parameters = all.buildOrThrow();
  }

  static String weight(int expert) {
    return "item_adapter.experts." + expert + ".weight";
  }

  static String bias(int expert) {
    return "item_adapter.experts." + expert + ".bias";
  }

  /**
   * An adapter with start weights, or with zeros to be overwritten if there is no random source.
   */
  static ExpertsAdapter initial(
      Settings settings, Tensor like, int dim, @Nullable RandomGenerator random) {
    ExpertsAdapter adapter =
        new ExpertsAdapter(settings, like.elementType(), new int[] {dim, like.shape(1)});
    if (random != null) {
      for (Tensor weight : adapter.weights) {
        for (int i = 0; i < weight.size(); i++) {
          weight.set(i, START_DEVIATION * random.nextGaussian());
        }
      }
    }
    return adapter;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int languageDim() {
    return languageDim;
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return parameters;
  }

  @Override
  public void writeSettings(ArchiveWriter archive) {
    archive
        .setting("experts", settings.experts())
        .setting("dropout", settings.dropout())
        .setting("gateNoise", settings.gateNoise());
  }

  static Settings readSettings(ArchiveReader archive) {
    return new Settings(
        archive.intSetting("experts"),
        archive.doubleSetting("dropout"),
        archive.booleanSetting("gateNoise"));
  }

  @Override
  public boolean draws() {
    return settings.dropout() > 0 || settings.gateNoise();
  }

  @Override
  public Pass newPass() {
    return new ExpertsPass();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d experts, dropout %s, gate noise %s",
        settings.experts(),
        settings.dropout(),
        settings.gateNoise());
  }

  /** The buffers of one thread. */
  private final class Lane implements AutoCloseable {
    private final ElementType type = gate.elementType();
    private final BlockProduct.Workspace workspace = new BlockProduct.Workspace();
    private final BlockProduct gates = BlockProduct.of(gate, workspace);
    private final BlockProduct noises = BlockProduct.of(noise, workspace);
    private final BlockProduct[] experts =
        Arrays.stream(weights)
            .map(weight -> BlockProduct.of(weight, workspace))
            .toArray(BlockProduct[]::new);
    private final RowDropout dropout = new RowDropout(settings.dropout(), languageDim);
    private final Tensor x = Tensor.zeros(type, BlockProduct.ROWS, languageDim);
    private final Tensor dropped = Tensor.zeros(type, BlockProduct.ROWS, languageDim);
    private final Tensor dLogits = Tensor.zeros(type, BlockProduct.ROWS, settings.experts());
    private final Tensor dNoises = Tensor.zeros(type, BlockProduct.ROWS, settings.experts());
    private final Piece[] sums = new Piece[settings.experts()]; // sum dy_e [d]
    private final Piece row = new Piece(Tensor.zeros(type, dim), 0);
    private final Piece sum = new Piece(Tensor.zeros(type, dim), 0);

    Lane() {
      Arrays.setAll(sums, e -> new Piece(Tensor.zeros(type, dim), 0));
    }

    void prepare() {
      gates.refresh();
      noises.refresh();
      for (BlockProduct expert : experts) {
        expert.refresh();
      }
      for (Piece each : sums) {
        each.tensor().fill(0);
      }
    }

    void load(Input input, int from, int to) {
      for (int m = from; m < to; m++) {
        Vectors.copy(
            Piece.row(input.language(), input.items()[m]), Piece.row(x, m - from), languageDim);
      }
    }

    /** The input of an expert for a block that is loaded. */
    Rows input(Input input, int expert, int[] fromTo) {
      if (!input.training() || settings.dropout() == 0) {
        return new Rows(x, 0);
      }
      for (int m = fromTo[0]; m < fromTo[1]; m++) {
        int r = m - fromTo[0];
        dropout.apply(streamSeed(input, m, expert), Piece.row(x, r), Piece.row(dropped, r));
      }
      return new Rows(dropped, 0);
    }

    @Override
    public void close() {
      gates.close();
      noises.close();
      for (BlockProduct expert : experts) {
        expert.close();
      }
    }
  }

  private final class ExpertsPass implements Pass {
    private final Lanes<Lane> lanes = new Lanes<>(Lane::new, Lane::close);
    private final Tensor[] outputs = new Tensor[settings.experts()]; // y_e, then dy_e [M, d]
    private final Tensor[] offsets = new Tensor[settings.experts()]; // W_e b_e [d]
    private Tensor logits = Tensor.zeros(gate.elementType(), 0, 0); // l, then g [M, E]
    private Tensor deviations = logits; // S x [M, E]
    private double[] draws = new double[0]; // noise [M, E]
    private @Nullable Input last;

    private void reserve(int count) {
      if (outputs[0] != null && outputs[0].shape(0) >= count) {
        return;
      }
      ElementType type = gate.elementType();
      for (int e = 0; e < outputs.length; e++) {
        outputs[e] = Tensor.zeros(type, count, dim);
        offsets[e] = Tensor.zeros(type, dim);
      }
      logits = Tensor.zeros(type, count, outputs.length);
      deviations = Tensor.zeros(type, count, outputs.length);
      draws = new double[count * outputs.length];
    }

    private boolean isNoisy(Input input) {
      return input.training() && settings.gateNoise();
    }

    @Override
    public void forward(Input input, Tensor rows) {
      int count = input.items().length;
      reserve(count);
      last = input;
      for (int e = 0; e < outputs.length; e++) {
        for (int o = 0; o < dim; o++) {
          offsets[e].set(
              o, Vectors.dot(Piece.row(weights[e], o), new Piece(biases[e], 0), languageDim));
        }
      }
      lanes.begin(count, Lane::prepare);
      lanes.forEachBlock(
          count,
          (lane, from, to) -> {
            lane.load(input, from, to);
            lane.gates.forward(new Rows(lane.x, 0), new Rows(logits, from), to - from);
            if (isNoisy(input)) {
              lane.noises.forward(new Rows(lane.x, 0), new Rows(deviations, from), to - from);
              addNoise(input, from, to);
            }
            for (int m = from; m < to; m++) {
              softmax(m);
            }
            for (int e = 0; e < outputs.length; e++) {
              Rows in = lane.input(input, e, new int[] {from, to});
              lane.experts[e].forward(in, new Rows(outputs[e], from), to - from);
            }
            for (int m = from; m < to; m++) {
              mix(lane, m, rows);
            }
          });
    }

    private void addNoise(Input input, int from, int to) {
      int experts = outputs.length;
      for (int m = from; m < to; m++) {
        SplittableRandom random = new SplittableRandom(streamSeed(input, m, experts));
        for (int i = m * experts; i < (m + 1) * experts; i++) {
          draws[i] = random.nextGaussian();
          double deviation = softplus(deviations.get(i)) + LEAST_NOISE;
          logits.set(i, logits.get(i) + deviation * draws[i]);
        }
      }
    }

    private void softmax(int m) {
      int experts = outputs.length;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = m * experts; i < (m + 1) * experts; i++) {
        most = Math.max(most, logits.get(i));
      }
      double sum = 0;
      for (int i = m * experts; i < (m + 1) * experts; i++) {
        double exponential = Math.exp(logits.get(i) - most);
        sum += exponential;
        logits.set(i, exponential);
      }
      for (int i = m * experts; i < (m + 1) * experts; i++) {
        logits.set(i, logits.get(i) / sum);
      }
    }

    /** y_e - W_e b_e, and their sum, in vectors of their own. */
    private void mix(Lane lane, int m, Tensor rows) {
      lane.sum.tensor().fill(0);
      for (int e = 0; e < outputs.length; e++) {
        Piece output = Piece.row(outputs[e], m);
        Vectors.copy(output, lane.row, dim);
        Vectors.addScaled(-1, new Piece(offsets[e], 0), lane.row, dim);
        Vectors.copy(lane.row, output, dim);
        Vectors.addScaled(logits.get(m * outputs.length + e), lane.row, lane.sum, dim);
      }
      Vectors.copy(lane.sum, Piece.row(rows, m), dim);
    }

    @Override
    public void backward(Tensor rowGradients, Gradients gradients) {
      Input input = requireNonNull(last, "forward comes first");
      lanes.forEachBlock(
          input.items().length,
          (lane, from, to) -> {
            for (int m = from; m < to; m++) {
              differentiate(lane, m, new int[] {from, isNoisy(input) ? 1 : 0}, rowGradients);
            }
            lane.load(input, from, to);
            lane.gates.addGradient(new Rows(lane.dLogits, 0), new Rows(lane.x, 0), to - from);
            if (isNoisy(input)) {
              lane.noises.addGradient(new Rows(lane.dNoises, 0), new Rows(lane.x, 0), to - from);
            }
            for (int e = 0; e < outputs.length; e++) {
              Rows in = lane.input(input, e, new int[] {from, to});
              lane.experts[e].addGradient(new Rows(outputs[e], from), in, to - from);
            }
          });
      sum(gradients);
    }

    /** Computes, for one row, the gradients of logits and noise, and replaces y_e by dy_e. */
    private void differentiate(Lane lane, int m, int[] firstAndNoisy, Tensor rowGradients) {
      int experts = outputs.length;
      int at = m * experts;
      int to = (m - firstAndNoisy[0]) * experts;
      Piece dy = lane.sum;
      Vectors.copy(Piece.row(rowGradients, m), dy, dim);
      double mean = 0;
      for (int e = 0; e < experts; e++) {
        double dGate = Vectors.dot(dy, Piece.row(outputs[e], m), dim);
        lane.dLogits.set(to + e, dGate);
        mean += logits.get(at + e) * dGate;
      }
      for (int e = 0; e < experts; e++) {
        double g = logits.get(at + e);
        double dLogit = g * (lane.dLogits.get(to + e) - mean);
        lane.dLogits.set(to + e, dLogit);
        if (firstAndNoisy[1] == 1) {
          double slope = 1 / (1 + Math.exp(-deviations.get(at + e)));
          lane.dNoises.set(to + e, dLogit * draws[at + e] * slope);
        }
        Vectors.scale(g, dy, lane.row, dim);
        Vectors.copy(lane.row, Piece.row(outputs[e], m), dim);
        Vectors.addScaled(1, lane.row, lane.sums[e], dim);
      }
    }

    private void sum(Gradients gradients) {
      for (int e = 0; e < outputs.length; e++) {
        int expert = e;
        Tensor weight = gradients.get(weight(e));
        Tensor bias = gradients.get(bias(e));
        lanes.forEach(
            lane -> {
              lane.experts[expert].addTo(weight);
              for (int o = 0; o < dim; o++) {
                double sum = lane.sums[expert].tensor().get(o);
                Vectors.addScaled(
                    -sum, new Piece(biases[expert], 0), Piece.row(weight, o), languageDim);
                Vectors.addScaled(
                    -sum, Piece.row(weights[expert], o), new Piece(bias, 0), languageDim);
              }
            });
      }
      Tensor gateGradient = gradients.get(GATE);
      Tensor noiseGradient = gradients.get(NOISE);
      lanes.forEach(
          lane -> {
            lane.gates.addTo(gateGradient);
            lane.noises.addTo(noiseGradient);
          });
    }

    @Override
    public void close() {
      lanes.close();
    }
  }

  /**
   * The seed of the random numbers of an expert for a row, or of the gates, which follow the
   * experts.
   */
  private long streamSeed(Input input, int m, int expert) {
    // Scattered, because seeds at a fixed distance can give the same stream, only shifted.
    long scattered = input.seed() + (long) m * (settings.experts() + 1) + expert;
    scattered = (scattered ^ (scattered >>> 33)) * 0xFF51AFD7ED558CCDL;
    scattered = (scattered ^ (scattered >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return scattered ^ (scattered >>> 33);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }
}
