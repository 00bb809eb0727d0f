package io.github.alphafuse.backbones.dreamrec;

import com.google.common.collect.ImmutableMap;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The denoiser as a SameDiff graph: noised rows, conditions and times to predicted rows.
 *
 * <p>Legend: B batch, d embedding dimension. Not thread-safe.
 *
 * <p>See: Yang et al., "Generate What You Prefer: Reshaping Sequential Recommendation via Guided
 * Diffusion", NeurIPS 2023, section 3.
 */
final class DenoiserGraph implements AutoCloseable {
  private final SameDiff graph;
  private final DreamRecWeights start;
  private final ImmutableMap<String, SDVariable> weights;

  DenoiserGraph(SameDiff graph, DreamRecWeights start) {
    this.graph = graph;
    this.start = start;
    ImmutableMap.Builder<String, SDVariable> variables = ImmutableMap.builder();
    start.asMap().forEach((name, weight) -> variables.put(name, graph.var(name, weight.toNd4j())));
    this.weights = variables.buildOrThrow();
  }

  /** The learned condition of a user about whom nothing is known, [1, d]. */
  SDVariable none() {
    return weight(DreamRecWeights.NONE);
  }

  /**
   * Predicted rows [B, d] of noised rows [B, d], conditions [B, d] and sinusoids of the times [B,
   * 256].
   */
  SDVariable predict(SDVariable noised, SDVariable condition, SDVariable sinusoids) {
    SDVariable inner = linear(sinusoids, DreamRecWeights.TIME_INNER); // [B, d]
    SDVariable time = linear(gelu(inner), DreamRecWeights.TIME_OUTER); // [B, d]
    SDVariable input = graph.concat(1, noised, condition, time); // [B, 3d]
    if (start.denoiser() == Denoiser.LINEAR) {
      return linear(input, DreamRecWeights.DENOISER); // [B, d]
    }
    SDVariable hidden = gelu(linear(input, DreamRecWeights.DENOISER_INNER)); // [B, 2d]
    return linear(hidden, DreamRecWeights.DENOISER_OUTER); // [B, d]
  }

  void assign(DreamRecWeights values) {
    weights.forEach(
        (name, variable) -> {
          try (INDArray value = values.get(name).toNd4j()) {
            variable.getArr().assign(value);
          }
        });
  }

  private SDVariable linear(SDVariable x, String layer) {
    return graph
        .mmul(x, weight(layer + ".weight"), false, true, false)
        .add(weight(layer + ".bias")); // [B, in] x [in, out] -> [B, out]
  }

  /** The exact GELU: x (1 + erf(x / sqrt 2)) / 2. */
  private SDVariable gelu(SDVariable x) {
    return graph.math().erf(x.mul(Math.sqrt(0.5))).add(1.0).mul(x).mul(0.5);
  }

  private SDVariable weight(String name) {
    SDVariable variable = weights.get(name);
    if (variable == null) {
      throw new IllegalStateException("the denoiser has no weight '" + name + "'");
    }
    return variable;
  }

  /** Frees the weights of the graph. */
  @Override
  public void close() {
    for (SDVariable variable : weights.values()) {
      INDArray array = variable.getArr();
      if (variable.getVariableType() == VariableType.VARIABLE
          && array != null
          && array.closeable()) {
        array.close();
      }
    }
  }
}
