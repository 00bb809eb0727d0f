package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.internal.DenseKernels;
import java.util.function.Supplier;

/** Solves by dense kernels. */
final class KernelEigenSolver implements SymmetricEigenSolver {
  private final Supplier<DenseKernels> kernels;

  KernelEigenSolver(Supplier<DenseKernels> kernels) {
    this.kernels = kernels;
  }

  @Override
  public SymmetricEigen decompose(double[] matrix) {
    return decompose(matrix, order(matrix));
  }

  @Override
  public SymmetricEigen decompose(double[] matrix, int count) {
    int n = order(matrix);
    requireCount(n, count);
    requireFinite(matrix);
    DenseKernels chosen = kernels.get();
    double[] values = new double[n];
    double[] vectors = chosen.leadingEigenvectors(matrix, values, count);
    return new SymmetricEigen(chosen.name(), matrix, new SymmetricEigen.Columns(values, vectors));
  }

  static int order(double[] matrix) {
    int n = (int) Math.round(Math.sqrt(matrix.length));
    checkArgument(
        n > 0 && n * n == matrix.length,
        "matrix must be square and not empty, found %s numbers",
        matrix.length);
    return n;
  }

  static void requireCount(int n, int count) {
    checkArgument(count >= 0 && count <= n, "count must lie in [0, %s], found %s", n, count);
  }

  static void requireFinite(double[] matrix) {
    for (int i = 0; i < matrix.length; i++) {
      if (!Double.isFinite(matrix[i])) {
        throw new IllegalArgumentException(
            "matrix entry " + i + " must be finite, found " + matrix[i]);
      }
    }
  }
}
