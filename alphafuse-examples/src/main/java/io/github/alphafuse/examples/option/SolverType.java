package io.github.alphafuse.examples.option;

import io.github.alphafuse.core.nullspace.RandomizedEigenSolver;
import io.github.alphafuse.core.nullspace.SymmetricEigenSolver;

/** What decomposes the covariance of language embeddings. */
enum SolverType {
  /** All directions. */
  EXACT("exact"),
  /** The leading directions alone. */
  RANDOMIZED("randomized");

  private final String label;

  SolverType(String label) {
    this.label = label;
  }

  SymmetricEigenSolver solver() {
    return this == EXACT
        ? SymmetricEigenSolver.verified()
        : RandomizedEigenSolver.builder().build();
  }

  @Override
  public String toString() {
    return label;
  }
}
