package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.random.RandomGenerator;

/**
 * The weights of a linear layer, y = W x + b.
 *
 * @param weight W [out, in]
 * @param bias b [out]
 */
record LinearLayer(Tensor weight, Tensor bias) {

  /** The usual start weights: uniform within 1 / sqrt(in) of 0. */
  static LinearLayer initial(ElementType type, int[] outAndIn, RandomGenerator random) {
    LinearLayer layer =
        new LinearLayer(Tensor.zeros(type, outAndIn), Tensor.zeros(type, outAndIn[0]));
    double bound = 1 / Math.sqrt(outAndIn[1]);
    for (Tensor tensor : new Tensor[] {layer.weight, layer.bias}) {
      for (int i = 0; i < tensor.size(); i++) {
        tensor.set(i, (2 * random.nextDouble() - 1) * bound);
      }
    }
    return layer;
  }

  int out() {
    return weight.shape(0);
  }

  int in() {
    return weight.shape(1);
  }
}
