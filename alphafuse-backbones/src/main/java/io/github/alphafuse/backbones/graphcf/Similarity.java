package io.github.alphafuse.backbones.graphcf;

/** How a graph model scores an item for a user. */
public enum Similarity {
  /** By the inner product of their vectors. */
  INNER_PRODUCT,
  /** By the cosine of their vectors; a vector of zeros has the cosine 0 with any other. */
  COSINE
}
