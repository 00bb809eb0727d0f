package io.github.alphafuse.backbones.model;

/** The similarity of the vectors of an item and a user by which a model scores. */
public enum Similarity {
  /** The inner product u.v. */
  INNER_PRODUCT,
  /** The cosine u.v / (|u| |v|). A vector of zeros has the cosine 0 with any other. */
  COSINE
}
