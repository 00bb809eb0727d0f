package io.github.alphafuse.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.openblas.global.openblas;
import org.junit.jupiter.api.Test;

/** The number of BLAS threads belongs to the process: most of this runs in one of its own. */
class BlasThreadsTest {

  /** Prints the number of BLAS threads at the moments that count. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      FloatMatrix.isAvailable();
      try (DenseKernels.ScatterMatrix scatter = DenseKernels.get().newScatterMatrix(1)) {
        scatter.addOuterProducts(new double[] {1}, 1);
      }
      // As ND4J does when it starts, which may be after a null space was found.
      openblas.blas_set_num_threads(2);
      StringBuilder told = new StringBuilder();
      told.append("start ").append(openblas.blas_get_num_threads());
      FloatMatrix.allocate(1, 1).close();
      told.append(", product ").append(openblas.blas_get_num_threads());
      BlasThreads.withAll(
          () -> told.append(", decomposition ").append(openblas.blas_get_num_threads()));
      told.append(", behind ").append(openblas.blas_get_num_threads());
      openblas.blas_set_num_threads(2);
      FloatMatrix.allocate(1, 1).close();
      told.append(", again ").append(openblas.blas_get_num_threads());
      told.append(", workers ").append(Workers.count());
      System.out.println(told);
    }
  }

  private static String run(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(options));
    command.add(Program.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      String told =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      return told;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void takesOneThreadOnceAndAllForADecomposition() throws Exception {
    assertThat(run("-Dalphafuse.threads=3"))
        .isEqualTo("start 2, product 1, decomposition 3, behind 1, again 2, workers 3");
  }

  @Test
  void leavesTheNumberAloneWhereItIsToldTo() throws Exception {
    assertThat(run("-Dalphafuse.threads=3", "-Dalphafuse.blas.threads=KEEP"))
        .isEqualTo("start 2, product 2, decomposition 2, behind 2, again 2, workers 3");
  }

  @Test
  void restoresTheNumberAfterADecompositionThatFailed() {
    assertThat(FloatMatrix.isAvailable()).isTrue();
    FloatMatrix.allocate(1, 1).close();
    int before = openblas.blas_get_num_threads();
    assertThatThrownBy(
            () ->
                BlasThreads.withAll(
                    () -> {
                      openblas.blas_set_num_threads(before + 1);
                      throw new IllegalStateException("of the decomposition");
                    }))
        .hasMessage("of the decomposition");
    assertThat(openblas.blas_get_num_threads()).isEqualTo(before);
  }
}
