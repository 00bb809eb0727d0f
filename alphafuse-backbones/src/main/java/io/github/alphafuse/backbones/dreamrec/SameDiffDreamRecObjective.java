package io.github.alphafuse.backbones.dreamrec;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.internal.encoder.EncoderGraph;
import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.GraphItemRows;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.api.OutAndGrad;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DreamRec under a diffusion loss as one SameDiff graph.
 *
 * <p>Noise of a random time is added to a target's row x_0. The denoiser predicts x_0 from the
 * result under the user's condition, which is sometimes replaced by "none". The gradient reaches
 * x_0 in two ways: as the row that is noised and as the row that is predicted.
 *
 * <p>Legend: B examples, L positions, P targets, Q rows with a loss (B, or B L at every position,
 * of which padded ones weigh 0), d embedding dimension, T steps. Not thread-safe.
 */
final class SameDiffDreamRecObjective extends DreamRecObjective {
  private static final String HISTORY = "history_rows";
  private static final String TARGET = "target_rows";
  private static final String SIGNAL = "signal";
  private static final String NOISE = "scaled_noise";
  private static final String DROPPED = "condition_dropped";
  private static final String SINUSOIDS = "sinusoids";
  private static final String SHARES = "shares";

  private final DreamRec model;
  private final ItemEmbedding items;
  private final ElementType type;
  private final SameDiff graph;
  private final GraphItemRows history;
  private final GraphItemRows target;
  private final EncoderGraph encoder;
  private final DenoiserGraph denoiser;
  private final String lossName;
  private final List<String> differentiated;

  SameDiffDreamRecObjective(DreamRec model, DiffusionLoss loss, Positions positions) {
    super(model, positions);
    this.model = model;
    this.items = rows();
    this.type = items.elementType();
    Backend.require();
    this.graph = SameDiff.create();
    this.history = GraphItemRows.placeholder(graph, items, HISTORY); // [B, L, d]
    this.target = GraphItemRows.placeholder(graph, items, TARGET); // [Q, d]
    SDVariable signal = graph.placeHolder(SIGNAL, Tensor.nd4jType(type)); // [Q, 1]
    SDVariable noise = graph.placeHolder(NOISE, Tensor.nd4jType(type)); // [Q, d]
    SDVariable dropped = graph.placeHolder(DROPPED, Tensor.nd4jType(type)); // [Q, 1]
    SDVariable sinusoids = graph.placeHolder(SINUSOIDS, Tensor.nd4jType(type)); // [Q, 256]
    SDVariable shares = graph.placeHolder(SHARES, Tensor.nd4jType(type)); // [Q, 1]
    this.encoder =
        positions == Positions.EVERY
            ? EncoderGraph.forTrainingAtEveryPosition(graph, model.encoder(), history.variable())
            : EncoderGraph.forTraining(graph, model.encoder(), history.variable());
    this.denoiser = new DenoiserGraph(graph, model.diffusion());
    SDVariable noised = target.variable().mul(signal).add(noise); // [Q, d]
    SDVariable told = encoder.user(); // [Q, d]
    SDVariable condition = told.add(denoiser.none().sub(told).mul(dropped)); // [Q, d]
    SDVariable predicted = denoiser.predict(noised, condition, sinusoids); // [Q, d]
    SDVariable losses = distances(loss, target.variable().sub(predicted)); // [Q, d]
    SDVariable value = losses.mul(shares).sum(); // []
    this.lossName = value.name();
    graph.setLossVariables(value);
    graph.createGradFunction(HISTORY, TARGET);
    this.differentiated = new ArrayList<>(model.encoder().asMap().keySet());
    differentiated.addAll(model.diffusion().asMap().keySet());
    differentiated.add(HISTORY);
    differentiated.add(TARGET);
  }

  /** The loss of each error [Q, d]. */
  private SDVariable distances(DiffusionLoss loss, SDVariable error) {
    return switch (loss) {
      case L2 -> error.mul(error);
      case L1 -> graph.math().abs(error);
      case HUBER -> {
        SDVariable size = graph.math().abs(error);
        SDVariable beyond = graph.nn().relu(size.sub(1.0), 0);
        SDVariable within = size.sub(beyond); // min(|e|, 1)
        yield within.mul(within).mul(0.5).add(beyond);
      }
    };
  }

  @Override
  double run(Step step, RandomGenerator random, Gradients gradients) {
    PaddedBatch examples = step.batch().examples();
    encoder.assign(model.encoder());
    denoiser.assign(model.diffusion());
    boolean[] padded = new boolean[examples.histories().length];
    for (int i = 0; i < padded.length; i++) {
      padded[i] = examples.histories()[i] == examples.padding();
    }
    Map<String, INDArray> fed = encoder.masks(padded, random);
    fed.put(HISTORY, history.gather(examples.histories(), examples.size(), examples.length()));
    boolean every = examples.positions() == Positions.EVERY;
    int[] places = examples.places(); // [P]
    if (!every) {
      Arrays.setAll(places, p -> p);
    }
    int[] targets = new int[every ? padded.length : examples.size()]; // [Q]
    Arrays.fill(targets, examples.padding());
    for (int p = 0; p < places.length; p++) {
      targets[places[p]] = examples.targets()[p];
    }
    fed.put(TARGET, target.gather(targets, targets.length));
    feedDraw(step.draw(), new Places(places, targets.length), fed);
    gradients.clear();
    OutAndGrad result = graph.calculateGradientsAndOutputs(fed, List.of(lossName), differentiated);
    Map<String, INDArray> found = result.getGradients();
    INDArray value = requireNonNull(result.getOutputs().get(lossName));
    try {
      for (String name : differentiated) {
        if (!name.equals(HISTORY) && !name.equals(TARGET)) {
          gradients.get(name).copyFrom(Tensor.copyOf(requireNonNull(found.get(name))));
        }
      }
      history.accumulate(examples.histories(), requireNonNull(found.get(HISTORY)), gradients);
      target.accumulate(targets, requireNonNull(found.get(TARGET)), gradients);
      return value.getDouble(0);
    } finally {
      found.values().forEach(INDArray::close);
      value.close();
      fed.values().forEach(INDArray::close);
    }
  }

  /** The row of each target [P] among Q. */
  private record Places(int[] rows, int count) {}

  private void feedDraw(DiffusionDraw draw, Places places, Map<String, INDArray> fed) {
    int size = places.count();
    int d = items.dim();
    Tensor signal = Tensor.zeros(type, size, 1);
    Tensor noise = Tensor.zeros(type, size, d);
    Tensor dropped = Tensor.zeros(type, size, 1);
    Tensor sinusoids = Tensor.zeros(type, size, TimestepEmbedding.WIDTH);
    Tensor shares = Tensor.zeros(type, size, 1);
    for (int p = 0; p < places.rows().length; p++) {
      int time = draw.times()[p];
      int b = places.rows()[p];
      signal.set(b, model.schedule().signal(time));
      double scale = model.schedule().noise(time);
      for (int j = 0; j < d; j++) {
        noise.set(b * d + j, scale * draw.noise().get(p * d + j));
      }
      shares.set(b, 1.0 / ((double) places.rows().length * d));
      dropped.set(b, draw.conditionDropped()[p] ? 1 : 0);
      double[] embedding = TimestepEmbedding.of(time);
      for (int j = 0; j < embedding.length; j++) {
        sinusoids.set(b * embedding.length + j, embedding[j]);
      }
    }
    fed.put(SIGNAL, signal.toNd4j());
    fed.put(NOISE, noise.toNd4j());
    fed.put(DROPPED, dropped.toNd4j());
    fed.put(SINUSOIDS, sinusoids.toNd4j());
    fed.put(SHARES, shares.toNd4j());
  }

  @Override
  public void close() {
    encoder.close();
    denoiser.close();
    super.close();
  }
}
