package io.github.alphafuse.backbones.model;

/** How a model scores an item for a user: by which similarity of their vectors. */
public enum Similarity {
  /** The inner product u.v. */
  INNER_PRODUCT,
  /** The cosine u.v / (|u| |v|); a vector of zeros has the cosine 0 with any other. */
  COSINE
}
