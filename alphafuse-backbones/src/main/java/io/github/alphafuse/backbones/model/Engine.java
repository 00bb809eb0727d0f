package io.github.alphafuse.backbones.model;

/**
 * The implementation that computes a model. All engines compute the same results from the same
 * named weights.
 */
public enum Engine {
  /** The fastest engine that supports the model on the current backend. */
  AUTO,
  /** The model's SameDiff graph, on any ND4J backend. */
  SAMEDIFF,
  /** Hand-derived kernels over the BLAS of the CPU backend, in float32; the faster engine. */
  FUSED
}
