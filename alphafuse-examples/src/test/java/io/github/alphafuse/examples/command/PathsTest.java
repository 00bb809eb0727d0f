package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.examples.AlphaFuse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that are no paths, and names that a locale cannot hold. */
class PathsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"decompose,--output,2", "evaluate,--model,2", "train,--data,1"})
  void aNameThatIsNoPathIsToldInOurWords(String command, String flag, int exitCode) {
    Execution run = Execution.of(command, flag, "a\0b");
    assertThat(run.err())
        .startsWith("error: ")
        .contains("expected a path, found 'a\0b': Nul character not allowed")
        .hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(exitCode);
  }

  /** A shell passes the bytes of the name, whatever the locale of this process. */
  @ParameterizedTest
  @EnabledOnOs(OS.LINUX)
  @ValueSource(strings = {"decompose --data", "evaluate --model", "generate-data --output"})
  void saysWhichLocaleHoldsOtherCharacters(String command) throws Exception {
    Path log = folder.resolve("log");
    ProcessBuilder shell =
        new ProcessBuilder(
                "sh",
                "-c",
                "exec \"$JAVA\" -Xshare:auto "
                    + AlphaFuse.class.getName()
                    + " "
                    + command
                    + " \"$(printf 'caf\\303\\251')\"")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    shell.environment().put("LC_ALL", "C");
    shell.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    shell
        .environment()
        .put("JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    assertThat(shell.start().waitFor()).isNotZero();
    assertThat(Files.readString(log, StandardCharsets.UTF_8))
        .contains("error: ", "expected a path, found 'caf", "set LC_ALL=C.UTF-8")
        .hasLineCount(1);
  }
}
