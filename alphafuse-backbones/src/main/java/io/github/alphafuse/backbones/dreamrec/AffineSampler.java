package io.github.alphafuse.backbones.dreamrec;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sampling with a linear denoiser, with one product per step or two in all. Both are exact.
 *
 * <p>With f(x, c, t) = W_x x + W_c c + W_t e_t + b the guided prediction is W_x x + g + k_t, where
 * g = (1 + w) W_c c depends on the user and k_t = W_t e_t + b - w W_c none does not. A step is
 *
 * <pre>x = c1 (W_x x + g + k_t) + c2 x</pre>
 *
 * <p>so the whole deterministic chain is affine in x_T and g: x_0 = A x_T + Q g + v, with A, Q [d,
 * d] and v [d] that depend only on the weights.
 *
 * <p>Legend: B users, d width of an item's row. Vectors are stored as rows, so W x is computed as x
 * W'. Thread-safe.
 */
final class AffineSampler implements Sampler {
  private final AffineTerms terms;
  private final NoiseSchedule schedule;
  private final Sampling sampling;
  private final int dim;
  private final ElementType type;
  private final INDArray ofNoised;
  private final INDArray ofCondition;
  private final INDArray[] offsets;
  private final LazyChain<INDArray> chain;

  AffineSampler(DreamRecWeights weights, NoiseSchedule schedule, Sampling sampling) {
    this.terms = AffineTerms.of(weights, schedule, sampling);
    this.schedule = schedule;
    this.sampling = sampling;
    this.dim = weights.get(DreamRecWeights.NONE).shape(1);
    this.type = weights.get(DreamRecWeights.NONE).elementType();
    this.ofNoised = AffineTerms.columns(weights, 0).toNd4j(); // W_x' [d, d]
    this.ofCondition = AffineTerms.columns(weights, 1).toNd4j(); // W_c' [d, d]
    this.offsets = new INDArray[terms.times().length];
    try (INDArray all = terms.offsets().toNd4j()) {
      for (int n = 0; n < offsets.length; n++) {
        offsets[n] = all.getRow(n, true).dup('c');
      }
    }
    this.chain = new LazyChain<>(sampling.form(), terms.breakEven(dim), this::chain);
  }

  @Override
  public Tensor generate(Tensor conditions, Tensor start, StepNoise noise) {
    int users = start.shape(0);
    try (INDArray condition = conditions.toNd4j();
        INDArray pull = condition.mmul(ofCondition).muli(1 + sampling.guidance())) {
      if (!sampling.isDeterministic()) {
        return ancestral(pull, start, noise);
      }
      return chain.isWorthwhile(users) ? byMap(pull, start) : stepwise(pull, start);
    }
  }

  private Tensor stepwise(INDArray pull, Tensor start) {
    DdimSteps steps = schedule.ddim(sampling.stride());
    try (INDArray x = start.toNd4j()) {
      for (int n = steps.count() - 1; n >= 0; n--) {
        step(x, pull, new Step(n, steps.ofPredicted(n), steps.ofCurrent(n)));
      }
      return Tensor.copyOf(x);
    }
  }

  private Tensor ancestral(INDArray pull, Tensor start, StepNoise noise) {
    Tensor fresh = Tensor.zeros(start.elementType(), start.shape());
    try (INDArray x = start.toNd4j()) {
      for (int t = terms.times().length - 1; t >= 0; t--) {
        step(
            x,
            pull,
            new Step(t, schedule.posteriorMeanOfSignal(t), schedule.posteriorMeanOfNoised(t)));
        if (t > 0) {
          noise.next(fresh);
          try (INDArray added = fresh.toNd4j()) {
            x.addi(added.muli(Math.sqrt(schedule.posteriorVariance(t))));
          }
        }
      }
      return Tensor.copyOf(x);
    }
  }

  /** A step: the index of its offset, and the weights of prediction and current x. */
  private record Step(int offset, double ofPredicted, double ofCurrent) {}

  /** x = c1 (x W_x' + g + k) + c2 x, in place. */
  private void step(INDArray x, INDArray pull, Step step) {
    try (INDArray predicted = x.mmul(ofNoised)) { // [B, d]
      predicted.addi(pull).addiRowVector(offsets[step.offset()]).muli(step.ofPredicted());
      x.muli(step.ofCurrent()).addi(predicted);
    }
  }

  private Tensor byMap(INDArray pull, Tensor start) {
    INDArray map = chain.get(); // [2d + 1, d]
    Tensor pulled = Tensor.copyOf(pull);
    int users = start.shape(0);
    int width = 2 * dim + 1;
    Tensor input = Tensor.zeros(type, users, width); // [x_T, g, 1]
    for (int b = 0; b < users; b++) {
      for (int j = 0; j < dim; j++) {
        input.set(b * width + j, start.get(b * dim + j));
        input.set(b * width + dim + j, pulled.get(b * dim + j));
      }
      input.set(b * width + 2 * dim, 1);
    }
    try (INDArray fed = input.toNd4j();
        INDArray generated = fed.mmul(map)) {
      return Tensor.copyOf(generated);
    }
  }

  /** The chain as one matrix, A above Q above v, which multiplies rows [x_T, g, 1]. */
  private INDArray chain() {
    DdimSteps steps = schedule.ddim(sampling.stride());
    int width = 2 * dim + 1;
    Tensor start = Tensor.zeros(type, width, dim);
    Tensor pull = Tensor.zeros(type, width, dim);
    for (int j = 0; j < dim; j++) {
      start.set(j * dim + j, 1); // x_T passes
      pull.set((dim + j) * dim + j, 1); // g is added at each step
    }
    INDArray map = start.toNd4j();
    try (INDArray added = pull.toNd4j()) {
      for (int n = steps.count() - 1; n >= 0; n--) {
        added.putRow(2L * dim, offsets[n]); // and so is k_n
        try (INDArray predicted = map.mmul(ofNoised)) {
          predicted.addi(added).muli(steps.ofPredicted(n));
          map.muli(steps.ofCurrent(n)).addi(predicted);
        }
      }
    }
    return map;
  }

  @Override
  public void close() {
    ofNoised.close();
    ofCondition.close();
    for (INDArray offset : offsets) {
      offset.close();
    }
    chain.close(INDArray::close);
  }
}
