package io.github.alphafuse.core.nullspace;

class LapackEigenSolverTest extends SymmetricEigenSolverContract {

  @Override
  SymmetricEigenSolver solver() {
    return SymmetricEigenSolver.lapack();
  }
}
