package io.github.alphafuse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The most memory that the process ever held, heap and natives, as the kernel counts it. */
final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";

  private PeakMemory() {}

  /** The peak in MB of 2^20 bytes, where the system tells it. */
  static Optional<Long> megabytes() {
    if (!Files.isReadable(STATUS)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(PEAK))
          .findFirst()
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
