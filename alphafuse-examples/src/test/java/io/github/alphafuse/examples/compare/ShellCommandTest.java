package io.github.alphafuse.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Option;

class ShellCommandTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--data=my-data/x_1.npy|--data=my-data/x_1.npy",
        "--groups=users:20%,cold-items|--groups=users:20%,cold-items",
        "--data=my data|--data='my data'",
        "--data=it's|--data='it'\\''s'",
        "--data=$HOME/`x`;y|--data='$HOME/`x`;y'",
        "--data=|--data=''",
        "two words|'two words'",
        "*|'*'"
      })
  void quotesWhatAShellWouldReadOtherwise(String word, String typed) {
    assertThat(new ShellCommand("run", word)).hasToString("run " + typed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a b", "it's", "\"$HOME\" `id` \\ !", "#~ & | > (x) [y] {z} *?", "ä\u2028"})
  void aShellReadsTheWordAsItWas(String value) throws IOException {
    Path shell = Path.of("/bin/sh");
    assumeTrue(Files.isExecutable(shell));
    String word = "--data=" + value;
    Process process =
        new ProcessBuilder(
                shell.toString(), "-c", new ShellCommand("printf", "%s|", word, value).toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(word + "|" + value + "|");
  }

  @SuppressWarnings("UnusedVariable") // read by picocli alone
  private static final class Options {
    @Option(names = "--split_at", arity = "2")
    private double[] times = new double[0];

    @Option(
        names = {"-g", "--groups"},
        split = ",")
    private String[] groups = new String[0];

    @Option(names = "--distinct")
    private boolean distinct;
  }

  @Test
  void optionsKeepTheirValues() {
    CommandLine line = new CommandLine(new Options());
    ShellCommand command = new ShellCommand("train");
    line.parseArgs("--split_at", "5", "7", "-g", "users:9,a b", "--distinct")
        .matchedOptions()
        .forEach(command::add);
    assertThat(command).hasToString("train --split_at 5 7 --groups='users:9,a b' --distinct");
  }
}
