package io.github.alphafuse.backbones.dreamrec;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sampling by its definition, with two calls of the denoiser's graph per step, for any denoiser.
 *
 * <p>Thread-safe, since the graph is called by one thread at a time.
 */
final class NaiveSampler implements Sampler {
  private static final String NOISED = "noised";
  private static final String CONDITION = "condition";
  private static final String SINUSOIDS = "sinusoids";

  private final NoiseSchedule schedule;
  private final Sampling sampling;
  private final Tensor none;
  private final SameDiff graph;
  private final DenoiserGraph denoiser;
  private final String predicted;

  NaiveSampler(DreamRecWeights weights, NoiseSchedule schedule, Sampling sampling) {
    this.schedule = schedule;
    this.sampling = sampling;
    this.none = weights.get(DreamRecWeights.NONE).copy();
    Backend.require();
    this.graph = SameDiff.create();
    ElementType type = none.elementType();
    SDVariable noised = graph.placeHolder(NOISED, Tensor.nd4jType(type)); // [B, d]
    SDVariable condition = graph.placeHolder(CONDITION, Tensor.nd4jType(type)); // [B, d]
    SDVariable sinusoids = graph.placeHolder(SINUSOIDS, Tensor.nd4jType(type)); // [B, 256]
    this.denoiser = new DenoiserGraph(graph, weights);
    this.predicted = denoiser.predict(noised, condition, sinusoids).name();
  }

  /** The condition "none", repeated for some rows. */
  Tensor none(int rows) {
    int d = none.shape(1);
    Tensor tiled = Tensor.zeros(none.elementType(), rows, d);
    for (int i = 0; i < tiled.size(); i++) {
      tiled.set(i, none.get(i % d));
    }
    return tiled;
  }

  /**
   * The denoiser's prediction [B, d] of noised rows [B, d] under conditions [B, d] at times [B].
   */
  synchronized Tensor predict(Tensor noised, Tensor conditions, int[] times) {
    Tensor sinusoids = Tensor.zeros(none.elementType(), times.length, TimestepEmbedding.WIDTH);
    double[] embedding = new double[0];
    for (int b = 0; b < times.length; b++) {
      if (b == 0 || times[b] != times[b - 1]) {
        embedding = TimestepEmbedding.of(times[b]);
      }
      for (int j = 0; j < embedding.length; j++) {
        sinusoids.set(b * embedding.length + j, embedding[j]);
      }
    }
    Map<String, INDArray> fed = new HashMap<>();
    fed.put(NOISED, noised.toNd4j());
    fed.put(CONDITION, conditions.toNd4j());
    fed.put(SINUSOIDS, sinusoids.toNd4j());
    try (INDArray output = requireNonNull(graph.output(fed, predicted).get(predicted))) {
      return Tensor.copyOf(output);
    } finally {
      fed.values().forEach(INDArray::close);
    }
  }

  @Override
  public Tensor generate(Tensor conditions, Tensor start, StepNoise noise) {
    Tensor x = start.copy();
    if (sampling.isDeterministic()) {
      DdimSteps steps = schedule.ddim(sampling.stride());
      for (int n = steps.count() - 1; n >= 0; n--) {
        Tensor guided = guided(x, conditions, steps.time(n));
        blend(x, guided, steps.ofPredicted(n), steps.ofCurrent(n));
      }
      return x;
    }
    Tensor fresh = Tensor.zeros(x.elementType(), x.shape());
    for (int t = schedule.steps() - 1; t >= 0; t--) {
      Tensor guided = guided(x, conditions, t);
      blend(x, guided, schedule.posteriorMeanOfSignal(t), schedule.posteriorMeanOfNoised(t));
      if (t > 0) {
        noise.next(fresh);
        blend(x, fresh, Math.sqrt(schedule.posteriorVariance(t)), 1);
      }
    }
    return x;
  }

  private Tensor guided(Tensor x, Tensor conditions, int time) {
    int[] times = new int[x.shape(0)];
    Arrays.fill(times, time);
    Tensor guided = predict(x, conditions, times);
    Tensor unguided = predict(x, none(x.shape(0)), times);
    blend(guided, unguided, -sampling.guidance(), 1 + sampling.guidance());
    return guided;
  }

  /** x = a y + b x. */
  private static void blend(Tensor x, Tensor y, double a, double b) {
    for (int i = 0; i < x.size(); i++) {
      x.set(i, a * y.get(i) + b * x.get(i));
    }
  }

  @Override
  public void close() {
    denoiser.close();
  }
}
