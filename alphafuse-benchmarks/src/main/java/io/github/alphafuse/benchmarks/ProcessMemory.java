package io.github.alphafuse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The memory that the process holds, heap and natives, as the kernel counts it. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";
  private static final String NOW = "VmRSS:";

  private ProcessMemory() {}

  /** The most it ever held in MB of 2^20 bytes, where the system tells it. */
  static Optional<Long> peakMegabytes() {
    return megabytes(PEAK);
  }

  /** What it holds now in MB of 2^20 bytes, where the system tells it. */
  static Optional<Long> megabytes() {
    return megabytes(NOW);
  }

  private static Optional<Long> megabytes(String field) {
    if (!Files.isReadable(STATUS)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(field))
          .findFirst()
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
