package io.github.alphafuse.examples.option;

import io.github.alphafuse.core.nullspace.RandomizedEigenSolver;
import io.github.alphafuse.core.nullspace.SymmetricEigenSolver;

/** The solver that decomposes the covariance of language embeddings. */
enum SolverType {
  /** Finds all directions. */
  EXACT("exact"),
  /** Finds only the leading directions. */
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
