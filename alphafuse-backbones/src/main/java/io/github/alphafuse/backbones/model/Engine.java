package io.github.alphafuse.backbones.model;

/** What computes a model. All engines compute the same from the same named weights. */
public enum Engine {
  /** The fastest engine that supports the model on the backend at hand. */
  AUTO,
  /** The model's SameDiff graph, on any ND4J backend. */
  SAMEDIFF,
  /** Hand-derived kernels over the BLAS of the CPU backend, in float32, several times faster. */
  FUSED
}
