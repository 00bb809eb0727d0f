package io.github.alphafuse.backbones.strategy;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.rows.Rows;
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
    archive.requireNumbers(
        "experts",
        archive.intSetting("experts"),
        archive.intSetting("dim"),
        archive.intSetting("languageDim"));
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
    private final RowDropout dropout = new RowDropout(settings.dropout(), type, languageDim);
    private final Rows x = BlockProduct.rows(type, languageDim);
    private final Rows dropped = BlockProduct.rows(type, languageDim);
    private final Rows dLogits = BlockProduct.rows(type, settings.experts());
    private final Rows dNoises = BlockProduct.rows(type, settings.experts());
    private final Rows sums = Rows.zeros(type, settings.experts(), dim); // sum dy_e
    private final Rows row = Rows.zeros(type, 1, dim);
    private final Rows sum = Rows.zeros(type, 1, dim);

    void prepare() {
      gates.refresh();
      noises.refresh();
      for (BlockProduct expert : experts) {
        expert.refresh();
      }
      sums.clear();
    }

    /** The language rows of a block. */
    Rows load(Input input, int from, int to) {
      Rows language = Rows.of(input.language());
      for (int m = from; m < to; m++) {
        x.copy(m - from, language, input.items()[m]);
      }
      return x.rows(0, to - from);
    }

    /** The input of an expert for a block that is loaded. */
    Rows input(Input input, int expert, int[] fromTo) {
      int count = fromTo[1] - fromTo[0];
      if (!input.training() || settings.dropout() == 0) {
        return x.rows(0, count);
      }
      for (int r = 0; r < count; r++) {
        dropout.apply(streamSeed(input, fromTo[0] + r, expert), x, r, dropped, r);
      }
      return dropped.rows(0, count);
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
    private final Rows[] outputs = new Rows[settings.experts()]; // y_e, then dy_e [M, d]
    private final Rows offsets = Rows.zeros(gate.elementType(), settings.experts(), dim); // W_e b_e
    private Tensor logits = Tensor.zeros(gate.elementType(), 0, 0); // l, then g [M, E]
    private Tensor deviations = logits; // S x [M, E]
    private double[] draws = new double[0]; // noise [M, E]
    private @Nullable Input last;

    private void reserve(int count) {
      if (outputs[0] != null && outputs[0].count() >= count) {
        return;
      }
      ElementType type = gate.elementType();
      for (int e = 0; e < outputs.length; e++) {
        outputs[e] = Rows.of(Tensor.zeros(type, count, dim));
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
      Rows target = Rows.of(rows);
      for (int e = 0; e < outputs.length; e++) {
        Rows weight = Rows.of(weights[e]);
        Rows bias = Rows.of(biases[e]);
        for (int o = 0; o < dim; o++) {
          offsets.set(e, o, weight.dot(o, bias, 0));
        }
      }
      lanes.begin(count, Lane::prepare);
      lanes.forEachBlock(
          count,
          (lane, from, to) -> {
            Rows x = lane.load(input, from, to);
            lane.gates.forward(x, Rows.of(logits).rows(from, to));
            if (isNoisy(input)) {
              lane.noises.forward(x, Rows.of(deviations).rows(from, to));
              addNoise(input, from, to);
            }
            for (int m = from; m < to; m++) {
              softmax(m);
            }
            for (int e = 0; e < outputs.length; e++) {
              Rows in = lane.input(input, e, new int[] {from, to});
              lane.experts[e].forward(in, outputs[e].rows(from, to));
            }
            for (int m = from; m < to; m++) {
              mix(lane, m, target);
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
    private void mix(Lane lane, int m, Rows rows) {
      lane.sum.clear(0);
      for (int e = 0; e < outputs.length; e++) {
        lane.row.copy(0, outputs[e], m);
        lane.row.addScaled(0, -1, offsets, e);
        outputs[e].copy(m, lane.row, 0);
        lane.sum.addScaled(0, logits.get(m * outputs.length + e), lane.row, 0);
      }
      rows.copy(m, lane.sum, 0);
    }

    @Override
    public void backward(Tensor rowGradients, Gradients gradients) {
      Input input = requireNonNull(last, "forward comes first");
      Rows dy = Rows.of(rowGradients);
      lanes.forEachBlock(
          input.items().length,
          (lane, from, to) -> {
            for (int m = from; m < to; m++) {
              differentiate(lane, m, new int[] {from, isNoisy(input) ? 1 : 0}, dy);
            }
            Rows x = lane.load(input, from, to);
            lane.gates.addGradient(lane.dLogits.rows(0, to - from), x);
            if (isNoisy(input)) {
              lane.noises.addGradient(lane.dNoises.rows(0, to - from), x);
            }
            for (int e = 0; e < outputs.length; e++) {
              Rows in = lane.input(input, e, new int[] {from, to});
              lane.experts[e].addGradient(outputs[e].rows(from, to), in);
            }
          });
      sum(gradients);
    }

    /** Computes, for one row, the gradients of logits and noise, and replaces y_e by dy_e. */
    private void differentiate(Lane lane, int m, int[] firstAndNoisy, Rows rowGradients) {
      int experts = outputs.length;
      int at = m * experts;
      int to = m - firstAndNoisy[0];
      Rows dy = lane.sum;
      dy.copy(0, rowGradients, m);
      double mean = 0;
      for (int e = 0; e < experts; e++) {
        double dGate = dy.dot(0, outputs[e], m);
        lane.dLogits.set(to, e, dGate);
        mean += logits.get(at + e) * dGate;
      }
      for (int e = 0; e < experts; e++) {
        double g = logits.get(at + e);
        double dLogit = g * (lane.dLogits.get(to, e) - mean);
        lane.dLogits.set(to, e, dLogit);
        if (firstAndNoisy[1] == 1) {
          double slope = 1 / (1 + Math.exp(-deviations.get(at + e)));
          lane.dNoises.set(to, e, dLogit * draws[at + e] * slope);
        }
        lane.row.copy(0, dy, 0);
        lane.row.scale(0, g);
        outputs[e].copy(m, lane.row, 0);
        lane.sums.addScaled(e, 1, lane.row, 0);
      }
    }

    private void sum(Gradients gradients) {
      for (int e = 0; e < outputs.length; e++) {
        int expert = e;
        Rows weight = Rows.of(weights[e]);
        Rows bias = Rows.of(biases[e]);
        Rows weightGradient = Rows.of(gradients.get(weight(e)));
        Rows biasGradient = Rows.of(gradients.get(bias(e)));
        lanes.forEach(
            lane -> {
              lane.experts[expert].addTo(weightGradient);
              for (int o = 0; o < dim; o++) {
                double sum = lane.sums.get(expert, o);
                weightGradient.addScaled(o, -sum, bias, 0);
                biasGradient.addScaled(0, -sum, weight, o);
              }
            });
      }
      Rows gateGradient = Rows.of(gradients.get(GATE));
      Rows noiseGradient = Rows.of(gradients.get(NOISE));
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
