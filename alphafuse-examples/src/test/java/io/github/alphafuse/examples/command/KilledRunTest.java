package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.examples.AlphaFuse;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Commands that are killed at random moments and run again: the end is that of a run that was not
 * killed, byte for byte, and nothing is left behind. It is slow, because each run is a program of
 * its own; {@code -Dalphafuse.kills=N} kills each command N times.
 */
class KilledRunTest {
  private static final int KILLS = Integer.getInteger("alphafuse.kills", 1);
  private static final String RUN = " --checkpoint FOLDER/run.c --output FOLDER/m";

  @TempDir private Path folder;

  private static ProcessBuilder program(String line, Path folder) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dalphafuse.threads=1",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AlphaFuse.class.getName()));
    command.addAll(Arrays.asList(line.replace("FOLDER", folder.toString()).split(" ")));
    File log = folder.resolve("log").toFile();
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
  }

  private static long run(String line, Path folder) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process = program(line, folder).start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("log"))).isEqualTo(0);
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --data FOLDER/data -q --epoch 40" + RUN,
        "train_diffusion --data FOLDER/data -q --epoch 20 --timesteps 20 --linespace 5 --null_dim 4"
            + RUN,
        "train_graph --data FOLDER/data -q --epoch 40 --negatives 8" + RUN,
        "compare --data FOLDER/data --methods id,alphafuse --seeds 1 --epochs 10"
            + " --output FOLDER/m"
      })
  void endsAsIfItHadNotBeenKilled(String line) throws Exception {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path killed = Files.createDirectory(folder.resolve("killed"));
    for (Path place : List.of(whole, killed)) {
      assertThat(
              Execution.line(
                      "generate-data --output FOLDER/data --items 80 --users 200 --dim 8", place)
                  .exitCode())
          .isEqualTo(0);
    }
    long milliseconds = run(line, whole);
    SplittableRandom random = new SplittableRandom(line.hashCode());
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = program(line, killed).start();
      // A moment in the second half, where checkpoints are written.
      process.waitFor(milliseconds / 2 + random.nextLong(milliseconds), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      if (KILLS > 1 && random.nextInt(4) == 0) {
        Files.deleteIfExists(killed.resolve("run.c"));
      }
    }
    run(line, killed);
    assertThat(contents(killed)).isEqualTo(contents(whole));
    try (Stream<Path> files = Files.walk(killed)) {
      assertThat(files.map(Path::toString))
          .noneMatch(file -> file.endsWith(".tmp") || file.endsWith(".part"));
    }
  }

  /** What a run came to, without the seconds that it took. */
  private static List<String> contents(Path place) throws IOException {
    Path end = place.resolve("m");
    if (Files.isRegularFile(end)) {
      return List.of(Arrays.toString(Files.readAllBytes(end)));
    }
    List<String> contents = new ArrayList<>();
    try (Stream<Path> files = Files.list(end.resolve("runs"))) {
      for (Path file : files.sorted().toList()) {
        contents.add(
            file.getFileName()
                + Files.readString(file)
                    .replaceAll(
                        "\"(seconds|evaluationSeconds|inferenceMilliseconds)\": [^,\n]*", ""));
      }
    }
    return contents;
  }
}
