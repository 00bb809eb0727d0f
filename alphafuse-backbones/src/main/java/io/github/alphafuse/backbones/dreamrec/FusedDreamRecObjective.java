package io.github.alphafuse.backbones.dreamrec;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.internal.FloatWeight;
import io.github.alphafuse.backbones.internal.FusedGelu;
import io.github.alphafuse.backbones.internal.FusedProduct;
import io.github.alphafuse.backbones.internal.encoder.FusedEncoder;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * DreamRec with a linear denoiser under a diffusion loss by hand-derived kernels.
 *
 * <pre>
 * x_t = a x_0 + s noise        e = W_2 gelu(W_1 sinusoids + b_1) + b_2
 * f = W [x_t ; c ; e] + b      loss = mean l(x_0 - f)
 * df = -l'(x_0 - f) / (P d)    [dx_t ; dc ; de] = W' df        dx_0 = -df + a dx_t
 * </pre>
 *
 * <p>Legend: B examples, P targets, d embedding dimension; x_0 a target's row, x_t the noised row,
 * a and s its factors of signal and noise, c the condition, e the embedded time, f the prediction.
 * The prefix d marks a gradient.
 */
final class FusedDreamRecObjective extends DreamRecObjective {
  /** The fewest examples per thread. */
  private static final int LEAST = 8;

  private final DreamRec model;
  private final DiffusionLoss loss;
  private final ItemEmbedding items;
  private final DreamRecWeights weights;
  private final int dim;
  private final FusedEncoder encoder;
  private final FloatWeight timeInner; // [d, 256]
  private final FloatWeight timeOuter; // [d, d]
  private final FloatWeight denoiser; // [d, 3d]
  private final float[][] sinusoids; // [T][256], computed on first use
  private @Nullable Buffers buffers;

  FusedDreamRecObjective(DreamRec model, DiffusionLoss loss, Positions positions) {
    super(model, positions);
    this.model = model;
    this.loss = loss;
    this.items = rows();
    this.weights = model.diffusion();
    this.dim = items.dim();
    this.encoder = FusedEncoder.forTraining(model.encoder(), positions);
    this.timeInner = new FloatWeight(weights.get(DreamRecWeights.TIME_INNER + ".weight"));
    this.timeOuter = new FloatWeight(weights.get(DreamRecWeights.TIME_OUTER + ".weight"));
    this.denoiser = new FloatWeight(weights.get(DreamRecWeights.DENOISER + ".weight"));
    this.sinusoids = new float[model.schedule().steps()][];
  }

  /** Whether these kernels can compute a model here. */
  static boolean supports(DreamRec model) {
    return FusedEncoder.supports(model.encoder())
        && model.diffusion().denoiser() == Denoiser.LINEAR;
  }

  @Override
  double run(Step step, RandomGenerator random, Gradients gradients) {
    PaddedBatch examples = step.batch().examples();
    int size = examples.targets().length;
    Buffers current = buffers;
    if (current == null || current.capacity < size) {
      if (current != null) {
        current.close();
      }
      // The next batch may have a few more targets.
      current = new Buffers(size + (examples.positions() == Positions.EVERY ? size / 8 : 0));
      buffers = current;
    }
    Buffers b = current;
    b.draw = step.draw();
    b.noise = b.draw.noise().to(ElementType.FLOAT32).floats();
    b.size = size;
    for (int time : b.draw.times()) {
      if (sinusoids[time] == null) {
        sinusoids[time] = b.sinusoids(time);
      }
    }
    encoder.refresh();
    timeInner.refresh();
    timeOuter.refresh();
    denoiser.refresh();
    encoder.begin(examples, random);
    items.start(touched(examples), gradients);
    double[] losses = new double[size];
    Workers.split(
        examples.size(),
        LEAST,
        (from, to) -> {
          items.gather(encoder.items(from, to), encoder.rows(), encoder.firstRow(from));
          int first = encoder.firstUser(from);
          int end = encoder.firstUser(to);
          items.gather(Arrays.copyOfRange(examples.targets(), first, end), b.target, first);
          encoder.forward(from, to);
          b.forward(first, end);
          b.error(first, end, losses);
          b.backward(first, end);
          encoder.backward(from, to);
        });
    List<Runnable> tasks = encoder.gradientTasks(gradients);
    b.addGradientTasks(tasks, gradients);
    tasks.add(
        () -> {
          items.accumulate(encoder.items(0, examples.size()), encoder.rowGradients(), gradients);
          items.accumulate(examples.targets(), b.targetGradient, gradients);
        });
    Workers.run(tasks.size(), i -> tasks.get(i).run());
    double total = 0;
    for (double one : losses) {
      total += one;
    }
    return total / ((double) size * dim);
  }

  /** The items of histories and targets, ascending, each once. */
  private static int[] touched(PaddedBatch examples) {
    return java.util.stream.IntStream.concat(
            Arrays.stream(examples.histories()), Arrays.stream(examples.targets()))
        .filter(item -> item != examples.padding())
        .sorted()
        .distinct()
        .toArray();
  }

  /** The numbers of a batch between its calls. */
  private final class Buffers implements AutoCloseable {
    private final int capacity;
    private final Tensor target; // x_0 [P, d]
    private final Tensor targetGradient; // [P, d]
    private final float[] waves; // [P, 256]
    private final float[] inner; // [P, d]
    private final float[] time; // e [P, d]
    private final float[] input; // [x_t ; c ; e] [P, 3d]
    private final float[] predicted; // f, then df [P, d]
    private final float[] dInput; // [P, 3d]
    private final float[] dTime; // [P, d]
    private final float[] dInner; // [P, d]
    private final FusedGelu gelu;
    private final FusedProduct inners;
    private final FusedProduct outers;
    private final FusedProduct denoisers;
    private DiffusionDraw draw =
        new DiffusionDraw(new int[0], Tensor.zeros(ElementType.FLOAT32, 0, 0), new boolean[0]);
    private float[] noise = new float[0]; // [P, d]
    private int size;

    Buffers(int targets) {
      this.capacity = targets;
      this.target = Tensor.zeros(ElementType.FLOAT32, targets, dim);
      this.targetGradient = Tensor.zeros(ElementType.FLOAT32, targets, dim);
      this.waves = new float[targets * TimestepEmbedding.WIDTH];
      this.inner = new float[targets * dim];
      this.time = new float[targets * dim];
      this.input = new float[targets * 3 * dim];
      this.predicted = new float[targets * dim];
      this.dInput = new float[targets * 3 * dim];
      this.dTime = new float[targets * dim];
      this.dInner = new float[targets * dim];
      this.gelu = new FusedGelu(targets * dim);
      this.inners = FusedProduct.of(targets, timeInner);
      this.outers = FusedProduct.of(targets, timeOuter);
      this.denoisers = FusedProduct.of(targets, denoiser);
    }

    float[] sinusoids(int at) {
      double[] exact = TimestepEmbedding.of(at);
      float[] rounded = new float[exact.length];
      for (int i = 0; i < exact.length; i++) {
        rounded[i] = (float) exact[i];
      }
      return rounded;
    }

    void forward(int from, int to) {
      for (int b = from; b < to; b++) {
        System.arraycopy(
            sinusoids[draw.times()[b]],
            0,
            waves,
            b * TimestepEmbedding.WIDTH,
            TimestepEmbedding.WIDTH);
      }
      inners.forward(waves, inner, from, to);
      addBias(inner, DreamRecWeights.TIME_INNER, from, to);
      gelu.forward(inner, from * dim, to * dim);
      outers.forward(inner, time, from, to);
      addBias(time, DreamRecWeights.TIME_OUTER, from, to);
      float[] none = weights.get(DreamRecWeights.NONE).floats();
      float[] users = encoder.users().floats();
      float[] row = new float[dim];
      float[] noise = new float[dim];
      for (int b = from; b < to; b++) {
        int at = b * 3 * dim;
        float signal = (float) model.schedule().signal(draw.times()[b]);
        float scale = (float) model.schedule().noise(draw.times()[b]);
        System.arraycopy(target.floats(), b * dim, row, 0, dim);
        System.arraycopy(this.noise, b * dim, noise, 0, dim);
        FloatVectors.combine(signal, row, scale, noise, row);
        System.arraycopy(row, 0, input, at, dim);
        boolean dropped = draw.conditionDropped()[b];
        System.arraycopy(dropped ? none : users, dropped ? 0 : b * dim, input, at + dim, dim);
        System.arraycopy(time, b * dim, input, at + 2 * dim, dim);
      }
      denoisers.forward(input, predicted, from, to);
      addBias(predicted, DreamRecWeights.DENOISER, from, to);
    }

    private void addBias(float[] rows, String layer, int from, int to) {
      FusedProduct.addToRows(weights.get(layer + ".bias").floats(), rows, from, to);
    }

    /** The losses of some targets. It replaces f by df and sets the part of dx_0 that is -df. */
    void error(int from, int to, double[] losses) {
      float[] x = target.floats();
      float[] dx = targetGradient.floats();
      float share = (float) (1.0 / ((double) size * dim));
      float[] error = new float[dim];
      for (int b = from; b < to; b++) {
        for (int j = 0; j < dim; j++) {
          error[j] = x[b * dim + j] - predicted[b * dim + j];
        }
        losses[b] = loss.differentiate(error);
        for (int j = 0; j < dim; j++) {
          dx[b * dim + j] = error[j] * share;
          predicted[b * dim + j] = -error[j] * share;
        }
      }
    }

    void backward(int from, int to) {
      denoisers.backward(predicted, dInput, from, to);
      float[] dx = targetGradient.floats();
      float[] dUser = encoder.userGradients().floats();
      float[] row = new float[dim];
      float[] sum = new float[dim];
      for (int b = from; b < to; b++) {
        int at = b * 3 * dim;
        float signal = (float) model.schedule().signal(draw.times()[b]);
        System.arraycopy(dInput, at, row, 0, dim);
        System.arraycopy(dx, b * dim, sum, 0, dim);
        FloatVectors.addScaled(signal, row, sum, dim);
        System.arraycopy(sum, 0, dx, b * dim, dim);
        if (draw.conditionDropped()[b]) {
          Arrays.fill(dUser, b * dim, (b + 1) * dim, 0);
        } else {
          System.arraycopy(dInput, at + dim, dUser, b * dim, dim);
        }
        System.arraycopy(dInput, at + 2 * dim, dTime, b * dim, dim);
      }
      outers.backward(dTime, dInner, from, to);
      gelu.backward(dInner, from * dim, to * dim);
      inners.keep(dInner, from, to);
    }

    void addGradientTasks(List<Runnable> tasks, Gradients gradients) {
      addLayer(tasks, denoisers, new Layer(DreamRecWeights.DENOISER, predicted), gradients);
      addLayer(tasks, outers, new Layer(DreamRecWeights.TIME_OUTER, dTime), gradients);
      addLayer(tasks, inners, new Layer(DreamRecWeights.TIME_INNER, dInner), gradients);
      float[] none = gradients.get(DreamRecWeights.NONE).floats();
      tasks.add(
          () -> {
            Arrays.fill(none, 0);
            for (int b = 0; b < size; b++) {
              if (draw.conditionDropped()[b]) {
                FloatVectors.add(dInput, b * 3 * dim + dim, none, 0, dim);
              }
            }
          });
    }

    private record Layer(String name, float[] gradient) {}

    private void addLayer(
        List<Runnable> tasks, FusedProduct product, Layer layer, Gradients gradients) {
      tasks.addAll(product.gradientTasks(size, gradients.get(layer.name() + ".weight").floats()));
      float[] bias = gradients.get(layer.name() + ".bias").floats();
      tasks.add(() -> FusedProduct.sumRows(layer.gradient(), size, bias));
    }

    @Override
    public void close() {
      inners.close();
      outers.close();
      denoisers.close();
    }
  }

  @Override
  public void close() {
    if (buffers != null) {
      buffers.close();
    }
    encoder.close();
    timeInner.close();
    timeOuter.close();
    denoiser.close();
    super.close();
  }
}
