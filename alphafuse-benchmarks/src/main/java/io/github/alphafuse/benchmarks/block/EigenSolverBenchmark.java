package io.github.alphafuse.benchmarks.block;

import io.github.alphafuse.core.nullspace.RandomizedEigenSolver;
import io.github.alphafuse.core.nullspace.SymmetricEigen;
import io.github.alphafuse.core.nullspace.SymmetricEigenSolver;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The 128 leading eigenvectors of a covariance whose variances fall by a factor e every d_l / 12
 * directions. Not thread-safe.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(1)
public class EigenSolverBenchmark {
  private static final int COUNT = 128;
  private static final int REFLECTIONS = 8;

  @Param({"1536", "3072"})
  private int languageDim;

  @Param private Solver solver = Solver.EXACT;

  private double[] covariance = new double[0];

  /** The solvers. */
  public enum Solver {
    /** All variances. */
    EXACT(SymmetricEigenSolver.verified()),
    /** The leading ones, to the tolerance of the exact solver. */
    RANDOMIZED(RandomizedEigenSolver.builder().build()),
    /** The leading ones, to a tolerance of 1e-6. */
    RANDOMIZED_LOOSE(RandomizedEigenSolver.builder().tolerance(1e-6).build());

    private final SymmetricEigenSolver solver;

    Solver(SymmetricEigenSolver solver) {
      this.solver = solver;
    }
  }

  /** Made by the harness. */
  public EigenSolverBenchmark() {}

  /** Makes the covariance: a diagonal, reflected by random directions. */
  @Setup
  public void draw() {
    int n = languageDim;
    covariance = new double[n * n];
    for (int i = 0; i < n; i++) {
      covariance[i * n + i] = Math.exp(-i / (n / 12.0));
    }
    SplittableRandom random = new SplittableRandom(22);
    for (int k = 0; k < REFLECTIONS; k++) {
      double[] direction = random.doubles(n, -1, 1).toArray();
      double squares = 0;
      for (double x : direction) {
        squares += x * x;
      }
      reflect(direction, 2 / squares);
    }
  }

  /** S becomes H S H with H = I - factor h h'. */
  private void reflect(double[] direction, double factor) {
    int n = direction.length;
    double[] product = new double[n];
    double square = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        product[i] += covariance[i * n + j] * direction[j];
      }
      square += direction[i] * product[i];
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double both = direction[i] * product[j] + product[i] * direction[j];
        covariance[i * n + j] += factor * (factor * square * direction[i] * direction[j] - both);
        covariance[j * n + i] = covariance[i * n + j];
      }
    }
  }

  /**
   * Decomposes.
   *
   * @return the leading part, with its errors
   */
  @Benchmark
  public SymmetricEigen decompose() {
    return solver.solver.decompose(covariance, COUNT);
  }
}
