package io.github.alphafuse.backbones.dreamrec;

import io.github.alphafuse.core.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The inputs of the steps of a linear denoiser besides its weight: the times, and the offsets k_t =
 * W_t e_t + b - w W_c none.
 *
 * @param times the time of each step
 * @param offsets k_t [steps, d]
 */
record AffineTerms(int[] times, Tensor offsets) {

  static AffineTerms of(DreamRecWeights weights, NoiseSchedule schedule, Sampling sampling) {
    int[] times;
    if (sampling.isDeterministic()) {
      DdimSteps steps = schedule.ddim(sampling.stride());
      times = new int[steps.count()];
      java.util.Arrays.setAll(times, steps::time);
    } else {
      times = new int[schedule.steps()];
      java.util.Arrays.setAll(times, t -> t);
    }
    // From the denoiser's own graph: f(0, none, t) = W_c none + W_t e_t + b.
    try (NaiveSampler denoiser = new NaiveSampler(weights, schedule, sampling)) {
      Tensor none = denoiser.none(times.length);
      Tensor zeros = Tensor.zeros(none.elementType(), none.shape());
      try (INDArray predicted = denoiser.predict(zeros, none, times).toNd4j();
          INDArray told = denoiser.none(1).toNd4j();
          INDArray ofCondition = columns(weights, 1).toNd4j();
          INDArray shift = told.mmul(ofCondition).muli(1 + sampling.guidance())) {
        predicted.subiRowVector(shift);
        return new AffineTerms(times, Tensor.copyOf(predicted));
      }
    }
  }

  /** W_x' (part 0) or W_c' (part 1) [d, d]: some of the weight's columns, transposed. */
  static Tensor columns(DreamRecWeights weights, int part) {
    Tensor weight = weights.get(DreamRecWeights.DENOISER + ".weight"); // [d, 2d + time]
    int dim = weight.shape(0);
    int width = weight.shape(1);
    Tensor columns = Tensor.zeros(weight.elementType(), dim, dim);
    for (int out = 0; out < dim; out++) {
      for (int in = 0; in < dim; in++) {
        columns.set(in * dim + out, weight.get(out * width + part * dim + in));
      }
    }
    return columns;
  }

  /**
   * The number of users from which collapsing the steps, with two products per user, costs no more
   * than one product of d x d per step and user.
   */
  double breakEven(int dim) {
    return times.length <= 2
        ? Double.POSITIVE_INFINITY
        : (2.0 * dim + 1) * times.length / (times.length - 2);
  }
}
