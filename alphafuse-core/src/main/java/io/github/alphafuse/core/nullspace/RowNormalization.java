package io.github.alphafuse.core.nullspace;

/** How the rows of language embeddings are brought to one length before they are scaled. */
public enum RowNormalization {
  /** Rows are taken as they are. */
  NONE,
  /** Every row is divided by its own Euclidean norm; a row of zeros is an error. */
  ROWS,
  /**
   * All rows are divided by the mean of their norms, so that a scale has the same meaning for every
   * encoder and rows keep their proportions. Rows of norm 1 do not change.
   */
  MEAN
}
