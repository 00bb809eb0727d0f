package io.github.alphafuse.backbones.dreamrec;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;

/**
 * {@link AffineSampler} by the fused engine: in float32, with users divided among threads, and with
 * the condition's weight folded into the collapsed chain.
 *
 * <pre>x_0 = A x_T + Q g + v = A x_T + (1 + w) Q W_c c + v</pre>
 *
 * <p>Legend: B users, d width of an item's row. Vectors are stored as rows, so W x is computed as x
 * W'. Thread-safe.
 */
final class FusedAffineSampler implements Sampler {
  /** The fewest users per thread. */
  private static final int LEAST = 16;

  private final NoiseSchedule schedule;
  private final Sampling sampling;
  private final int dim;
  private final FloatMatrix weight; // [d, 2d + time]
  private final float[][] offsets; // k_t for each step [d]
  private final LazyChain<Chain> chain;

  FusedAffineSampler(DreamRecWeights weights, NoiseSchedule schedule, Sampling sampling) {
    Tensor denoiser = weights.get(DreamRecWeights.DENOISER + ".weight");
    AffineTerms terms = AffineTerms.of(weights, schedule, sampling);
    this.schedule = schedule;
    this.sampling = sampling;
    this.dim = denoiser.shape(0);
    this.weight = FloatMatrix.allocate(dim, denoiser.shape(1));
    weight.put(0, denoiser.floats(), 0, denoiser.size());
    this.offsets = new float[terms.times().length][dim];
    for (int n = 0; n < offsets.length; n++) {
      System.arraycopy(terms.offsets().floats(), n * dim, offsets[n], 0, dim);
    }
    this.chain = new LazyChain<>(sampling.form(), terms.breakEven(dim), this::chain);
  }

  /** Whether this can sample for a model. */
  static boolean supports(DreamRecWeights weights) {
    return weights.denoiser() == Denoiser.LINEAR
        && weights.get(DreamRecWeights.NONE).elementType() == ElementType.FLOAT32
        && FloatMatrix.isAvailable();
  }

  /** The whole chain: A [d, d], (1 + w) W_c' Q [d, d] and v [d]. */
  private record Chain(FloatMatrix ofStart, FloatMatrix ofCondition, float[] constant) {
    void close() {
      ofStart.close();
      ofCondition.close();
    }
  }

  private FloatMatrix.View ofNoised() {
    return weight.view().columns(0, dim).transpose(); // W_x' [d, d]
  }

  private FloatMatrix.View ofCondition() {
    return weight.view().columns(dim, dim).transpose(); // W_c' [d, d]
  }

  @Override
  public Tensor generate(Tensor conditions, Tensor start, StepNoise noise) {
    int users = start.shape(0);
    if (sampling.isDeterministic() && chain.isWorthwhile(users)) {
      return byMap(conditions, start);
    }
    float[] x = start.copy().floats();
    float[] pull = pull(conditions);
    if (sampling.isDeterministic()) {
      DdimSteps steps = schedule.ddim(sampling.stride());
      walk(x, pull, stepsOf(steps, true));
    } else {
      ancestral(x, pull, noise);
    }
    return Tensor.of(x, users, dim);
  }

  /** g = (1 + w) W_c c for each user. */
  private float[] pull(Tensor conditions) {
    int users = conditions.shape(0);
    float[] pull = new float[users * dim];
    float factor = (float) (1 + sampling.guidance());
    Workers.split(
        users,
        LEAST,
        (from, to) -> {
          try (FloatMatrix c = FloatMatrix.allocate(to - from, dim);
              FloatMatrix g = FloatMatrix.allocate(to - from, dim)) {
            c.put(0, conditions.floats(), from * dim, (to - from) * dim);
            FloatMatrix.multiply(c.view(), ofCondition(), g.view(), false);
            g.get(0, pull, from * dim, (to - from) * dim);
          }
          for (int i = from * dim; i < to * dim; i++) {
            pull[i] *= factor;
          }
        });
    return pull;
  }

  /** x = c1 (x W_x' + g + k) + c2 x. */
  private record Step(float ofPredicted, float ofCurrent, float[] offset) {}

  private Step[] stepsOf(DdimSteps steps, boolean withOffsets) {
    float[] zeros = new float[dim];
    Step[] walked = new Step[steps.count()];
    for (int i = 0; i < walked.length; i++) {
      int n = walked.length - 1 - i;
      walked[i] =
          new Step(
              (float) steps.ofPredicted(n),
              (float) steps.ofCurrent(n),
              withOffsets ? offsets[n] : zeros);
    }
    return walked;
  }

  /** Makes steps with rows x and g [rows, d], x in place. */
  private void walk(float[] x, float[] pull, Step... steps) {
    Workers.split(
        x.length / dim,
        LEAST,
        (from, to) -> {
          int rows = to - from;
          try (FloatMatrix current = FloatMatrix.allocate(rows, dim);
              FloatMatrix predicted = FloatMatrix.allocate(rows, dim)) {
            float[] row = new float[dim];
            float[] at = new float[dim];
            float[] g = new float[dim];
            for (Step step : steps) {
              current.put(0, x, from * dim, rows * dim);
              FloatMatrix.multiply(current.view(), ofNoised(), predicted.view(), false);
              for (int b = from; b < to; b++) {
                predicted.get(b - from, row, 0, dim);
                System.arraycopy(x, b * dim, at, 0, dim);
                System.arraycopy(pull, b * dim, g, 0, dim);
                float[] k = step.offset();
                for (int j = 0; j < dim; j++) {
                  row[j] = row[j] + g[j] + k[j];
                }
                FloatVectors.combine(step.ofPredicted(), row, step.ofCurrent(), at, at);
                System.arraycopy(at, 0, x, b * dim, dim);
              }
            }
          }
        });
  }

  private void ancestral(float[] x, float[] pull, StepNoise noise) {
    Tensor fresh = Tensor.zeros(ElementType.FLOAT32, x.length / dim, dim);
    for (int t = schedule.steps() - 1; t >= 0; t--) {
      walk(
          x,
          pull,
          new Step(
              (float) schedule.posteriorMeanOfSignal(t),
              (float) schedule.posteriorMeanOfNoised(t),
              offsets[t]));
      if (t > 0) {
        noise.next(fresh);
        FloatVectors.addScaled(
            (float) Math.sqrt(schedule.posteriorVariance(t)), fresh.floats(), x, x.length);
      }
    }
  }

  private Tensor byMap(Tensor conditions, Tensor start) {
    Chain collapsed = chain.get();
    int users = start.shape(0);
    float[] generated = new float[users * dim];
    Workers.split(
        users,
        LEAST,
        (from, to) -> {
          int rows = to - from;
          try (FloatMatrix in = FloatMatrix.allocate(rows, dim);
              FloatMatrix out = FloatMatrix.allocate(rows, dim)) {
            for (int b = 0; b < rows; b++) {
              out.put(b, collapsed.constant(), 0, dim);
            }
            in.put(0, start.floats(), from * dim, rows * dim);
            FloatMatrix.multiply(in.view(), collapsed.ofStart().view(), out.view(), true);
            in.put(0, conditions.floats(), from * dim, rows * dim);
            FloatMatrix.multiply(in.view(), collapsed.ofCondition().view(), out.view(), true);
            out.get(0, generated, from * dim, rows * dim);
          }
        });
    return Tensor.of(generated, users, dim);
  }

  /**
   * A, Q and v are the results of the steps for the rows of the identity as x, for those as g, and
   * for the offsets.
   */
  private Chain chain() {
    DdimSteps steps = schedule.ddim(sampling.stride());
    float[] x = new float[2 * dim * dim];
    float[] pull = new float[2 * dim * dim];
    for (int j = 0; j < dim; j++) {
      x[j * dim + j] = 1;
      pull[(dim + j) * dim + j] = 1;
    }
    walk(x, pull, stepsOf(steps, false));
    float[] constant = new float[dim];
    walk(constant, new float[dim], stepsOf(steps, true));
    FloatMatrix ofStart = FloatMatrix.allocate(dim, dim);
    ofStart.put(0, x, 0, dim * dim);
    FloatMatrix folded = FloatMatrix.allocate(dim, dim);
    try (FloatMatrix ofPull = FloatMatrix.allocate(dim, dim)) {
      ofPull.put(0, x, dim * dim, dim * dim);
      FloatMatrix.multiply(ofCondition(), ofPull.view(), folded.view(), false);
    }
    float[] scaled = Arrays.copyOf(x, dim * dim);
    folded.get(0, scaled, 0, dim * dim);
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= (float) (1 + sampling.guidance());
    }
    folded.put(0, scaled, 0, dim * dim);
    return new Chain(ofStart, folded, constant);
  }

  @Override
  public void close() {
    weight.close();
    chain.close(Chain::close);
  }
}
