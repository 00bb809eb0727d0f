package io.github.alphafuse.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "permissions, links and devices are POSIX's")
class AtomicFileTest {
  @TempDir Path folder;

  private static void write(Path file, String text) {
    AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private Path leftover(String name) throws IOException {
    return Files.writeString(folder.resolve(name + "." + UUID.randomUUID() + ".tmp"), "half");
  }

  @Test
  void appearsWholeAndKeepsNothingElse() throws IOException {
    Path file = folder.resolve("r.json");
    write(file, "one");
    try (AtomicFile next = AtomicFile.create(file)) {
      next.stream().write("two".getBytes(StandardCharsets.UTF_8));
      assertThat(file).hasContent("one");
      assertThat(names())
          .hasSize(2)
          .anyMatch(name -> name.matches("r\\.json\\.[0-9a-f-]{36}\\.tmp"));
      next.replaceEnd("X".getBytes(StandardCharsets.UTF_8));
      assertThat(next).hasToString("AtomicFile[" + file + "]");
      next.commit();
      assertThatIllegalStateException().isThrownBy(next::commit);
    }
    assertThat(file).hasContent("twX");
    AtomicFile.create(file).close();
    assertThat(file).hasContent("twX");
    assertThat(names()).containsExactly("r.json");
  }

  @Test
  void keepsThePermissionsOfAFile() throws IOException {
    Path file = folder.resolve("model");
    for (String permissions : new String[] {"rw-------", "rw-rw-rw-", "rwxr-x---"}) {
      write(file, "old");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
      write(file, "new");
      assertThat(file).hasContent("new");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo(permissions);
    }
    Path plain = Files.createFile(folder.resolve("plain"));
    write(folder.resolve("fresh"), "new");
    assertThat(Files.getPosixFilePermissions(folder.resolve("fresh")))
        .isEqualTo(Files.getPosixFilePermissions(plain));
  }

  @Test
  void replacesWhatALinkLeadsTo() throws IOException {
    Path store = Files.createDirectories(folder.resolve("store/deep"));
    Path target = store.resolve("v1");
    Path second = Files.createSymbolicLink(folder.resolve("store/second"), Path.of("deep/v1"));
    Path first = Files.createSymbolicLink(folder.resolve("current"), Path.of("store/second"));
    write(first, "through a dangling chain");
    assertThat(target).hasContent("through a dangling chain").isRegularFile();
    leftover("current");
    Path stale = Files.writeString(store.resolve("v1." + UUID.randomUUID() + ".tmp"), "half");
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
    try (AtomicFile file = AtomicFile.create(first)) {
      assertThat(stale).doesNotExist();
      try (Stream<Path> files = Files.list(store)) {
        assertThat(files).hasSize(2);
      }
      file.stream().write('x');
      file.commit();
    }
    assertThat(target).hasContent("x");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
        .isEqualTo("rw-------");
    assertThat(first).isSymbolicLink();
    assertThat(second).isSymbolicLink();
    // A link through a folder that is itself a link.
    Path away = Files.createDirectories(folder.resolve("far/away"));
    Path shortcut = Files.createSymbolicLink(folder.resolve("shortcut"), away);
    Files.createSymbolicLink(away.resolve("up"), Path.of("../beside"));
    write(shortcut.resolve("up"), "y");
    assertThat(folder.resolve("far/beside")).hasContent("y");
  }

  @Test
  void refusesWhatIsNoRegularFile() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AtomicFile.create(folder))
        .withMessage(folder + " is a directory, expected a file");
    Path nowhere = Path.of("/dev/null");
    assumeTrue(Files.exists(nowhere));
    Path link = Files.createSymbolicLink(folder.resolve("link"), nowhere);
    for (Path device : List.of(nowhere, link)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> write(device, "x"))
          .withMessage(device + " is a device or pipe, expected a regular file or none");
    }
    assertThat(Files.isRegularFile(nowhere)).isFalse();
    assertThat(names()).containsExactly("link");
  }

  @Test
  void removesWhatKilledProcessesLeft() throws IOException {
    Path file = folder.resolve("run.c");
    leftover("run.c");
    leftover("run.c");
    Path other = leftover("run.d");
    Path longer = leftover("x.run.c");
    Path similar = Files.createFile(folder.resolve("run.c.old.tmp"));
    Path inFolder = Files.createDirectory(folder.resolve("run.c." + UUID.randomUUID() + ".tmp"));
    write(file, "whole");
    assertThat(names())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(file, other, longer, similar, inFolder)
                .map(path -> String.valueOf(path.getFileName()))
                .toList());
  }

  @Test
  void leavesWhatAnotherWriterOfThisProcessWrites() throws IOException {
    Path file = folder.resolve("run.c");
    try (AtomicFile first = AtomicFile.create(file)) {
      write(file, "second");
      first.stream().write('1');
      write(folder.resolve(".").resolve("run.c"), "third");
      first.commit();
    }
    assertThat(file).hasContent("1");
    assertThat(names()).containsExactly("run.c");
  }

  @Test
  void leavesWhatAnotherProcessWritesUntilItEnds() throws IOException, InterruptedException {
    Path file = folder.resolve("run.c");
    String name = folder.resolve("run.c." + UUID.randomUUID() + ".tmp").toString();
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                name)
            .redirectErrorStream(true)
            .start();
    try {
      assertThat(other.getInputStream().read()).isEqualTo('L');
      write(file, "new");
      assertThat(Path.of(name)).exists();
    } finally {
      other.destroyForcibly().waitFor();
    }
    write(file, "newer");
    assertThat(names()).containsExactly("run.c");
  }

  /** A process that holds a temporary file until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws IOException {
      var channel =
          java.nio.channels.FileChannel.open(
              Path.of(args[0]),
              java.nio.file.StandardOpenOption.CREATE_NEW,
              java.nio.file.StandardOpenOption.WRITE);
      System.out.print(channel.lock().isValid() ? "L" : "-");
      System.out.flush();
      System.in.read();
    }
  }

  @Test
  void writersOfOneFileNeitherFailNorTear() throws Exception {
    Path file = folder.resolve("r.json");
    int writers = 4;
    int rounds = 60;
    write(file, "0".repeat(5000));
    ExecutorService threads = Executors.newFixedThreadPool(writers + 1);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        String text = Integer.toString(writer).repeat(5000 + writer);
        Callable<Void> writing =
            () -> {
              for (int round = 0; round < rounds; round++) {
                write(file, text);
              }
              return null;
            };
        done.add(threads.submit(writing));
      }
      while (!done.stream().allMatch(Future::isDone)) {
        String text = Files.readString(file);
        assertThat(text.length()).isEqualTo(5000 + text.charAt(0) - '0');
        assertThat(text.chars().distinct().count()).isEqualTo(1);
      }
      for (Future<?> each : done) {
        each.get();
      }
    } finally {
      threads.shutdown();
    }
    assertThat(names()).containsExactly("r.json");
  }

  @Test
  void aFullDiskLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("r.json");
    write(file, "old");
    for (int bytes = 0; bytes < 5; bytes++) {
      try (FullDisk full = new FullDisk(bytes)) {
        assertThat(full).isNotNull();
        assertThatThrownBy(() -> write(file, "newer"))
            .isInstanceOf(UncheckedIOException.class)
            .hasMessage("cannot write " + file + ": No space left on device");
      }
      assertThat(file).hasContent("old");
      assertThat(names()).containsExactly("r.json");
    }
  }

  @Test
  void saysWhyAFileCannotBeWritten() throws IOException {
    Path nowhere = folder.resolve("no/r.json");
    assertThatThrownBy(() -> write(nowhere, "x"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot write " + nowhere + ": no such file or folder")
        .hasCauseInstanceOf(NoSuchFileException.class);
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    assertThatThrownBy(() -> write(loop, "x"))
        .hasMessage("cannot write " + loop + ": its symbolic links form a loop");
    Path file = Files.writeString(folder.resolve("below"), "x");
    assertThatThrownBy(() -> write(file.resolve("r.json"), "x"))
        .hasMessageStartingWith("cannot write " + file.resolve("r.json") + ": ");
    assertThat(FileFailure.reason(new AccessDeniedException("/a"))).isEqualTo("permission denied");
    assertThat(FileFailure.reason(new FileSystemException("/a", null, "Read-only file system")))
        .isEqualTo("Read-only file system");
    assertThat(FileFailure.reason(new IOException("File too large"))).isEqualTo("File too large");
    assertThat(FileFailure.reason(new IOException())).isEqualTo("IOException");
    assertThat(FileFailure.reading("the list", new IOException("broken")))
        .hasMessage("cannot read the list: broken");
  }

  @Test
  void refusesAFileThatMayNotBeWritten() throws IOException {
    Path file = folder.resolve("model");
    write(file, "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assumeTrue(!Files.isWritable(file), "the system's administrator may write everything");
    assertThatThrownBy(() -> write(file, "new"))
        .hasMessage("cannot write " + file + ": permission denied");
    assertThat(file).hasContent("old");
  }
}
