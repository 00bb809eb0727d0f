package io.github.alphafuse.core.nullspace;

class EjmlEigenSolverTest extends SymmetricEigenSolverContract {

  @Override
  SymmetricEigenSolver solver() {
    return SymmetricEigenSolver.ejml();
  }
}
