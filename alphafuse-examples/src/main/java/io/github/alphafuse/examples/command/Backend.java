package io.github.alphafuse.examples.command;

import java.util.Locale;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.nd4j.linalg.factory.Nd4jBackend.NoAvailableBackendException;

/**
 * The ND4J backend that models run on.
 *
 * @param name its artifact, for example {@code nd4j-native}
 * @param cpu whether it computes on the CPU
 */
record Backend(String name, boolean cpu) {

  /** The backend on the classpath; an error that names what to add where there is none. */
  static Backend require() {
    try {
      Nd4jBackend.load();
    } catch (NoAvailableBackendException e) {
      throw new CommandFailedException(
          "no ND4J backend on the classpath: add io.github.alphafuse:alphafuse-cpu");
    }
    String type = Nd4j.getBackend().getClass().getSimpleName().toLowerCase(Locale.ROOT);
    boolean cpu = type.contains("cpu");
    return new Backend(cpu ? "nd4j-native" : "nd4j-cuda", cpu);
  }

  String describe() {
    String threads = System.getenv("OMP_NUM_THREADS");
    return name
        + (cpu ? " (CPU, " : " (GPU, ")
        + Runtime.getRuntime().availableProcessors()
        + " cores, "
        + (threads == null ? "" : "OMP_NUM_THREADS=" + threads + ", ")
        + Runtime.getRuntime().maxMemory() / (1 << 20)
        + " MB heap)";
  }
}
