package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.model.Backend;
import java.util.Locale;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The machine that a command computes on.
 *
 * @param backend the artifact of the ND4J backend, for example {@code nd4j-native}
 * @param isCpu whether it computes on the CPU
 */
public record Machine(String backend, boolean isCpu) {

  /**
   * Starts the backend of this machine.
   *
   * @return this machine
   * @throws IllegalStateException if the backend cannot run; the message names the remedy
   */
  public static Machine start() {
    Backend.require();
    String type = Nd4j.getBackend().getClass().getSimpleName().toLowerCase(Locale.ROOT);
    boolean isCpu = type.contains("cpu");
    return new Machine(isCpu ? "nd4j-native" : "nd4j-cuda", isCpu);
  }

  @Override
  public String toString() {
    String threads = System.getenv("OMP_NUM_THREADS");
    return backend
        + (isCpu ? " (CPU, " : " (GPU, ")
        + Runtime.getRuntime().availableProcessors()
        + " cores, "
        + (threads == null ? "" : "OMP_NUM_THREADS=" + threads + ", ")
        + Runtime.getRuntime().maxMemory() / (1 << 20)
        + " MB heap)";
  }
}
