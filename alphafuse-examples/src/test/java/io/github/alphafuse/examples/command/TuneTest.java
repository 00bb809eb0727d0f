package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ObjectArrays;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuneTest {
  @TempDir private Path folder;

  @Test
  void findsTheBetterSettingsAndGoesOn() throws IOException {
    Path data = folder.resolve("data");
    GeneratedCatalogue.builder().items(60).users(200).dim(16).build().write(data);
    String[] arguments = {
      "--data", data.toString(),
      "--output", folder.resolve("search").toString(),
      "--try", "lr=0.00001,0.01",
      "--try", "dropout_rate=0.1,0.2",
      "--trials", "4",
      "--keep_one_of", "2",
      "--epochs", "4",
      "--batch_size", "40"
    };
    Execution run = Execution.of(ObjectArrays.concat("tune", arguments));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("Round 1 of 3: 4 trials of 1 epochs")
        .contains("Round 3 of 3: 1 trials of 4 epochs")
        .contains("| trial | lr | dropout_rate | 1 epochs | 2 epochs | 4 epochs |")
        .contains("Validation unseen NDCG@20; the best settings:");
    String command =
        run.out()
            .lines()
            .filter(line -> line.contains("./alphafuse train "))
            .findFirst()
            .orElseThrow();
    assertThat(command)
        .contains("--data=" + data)
        .contains("--preset=recommended")
        .contains("--lr=0.01")
        .contains("--epochs=4")
        .contains("--batch_size=40")
        .doesNotContain("--try")
        .doesNotContain("--output");
    Execution again = Execution.of(ObjectArrays.concat("tune", arguments));
    assertThat(again.out()).isEqualTo(run.out());
    assertThat(Files.readString(folder.resolve("search/search.md"))).contains(command.strip());
    // What it prints can be run.
    String[] words = command.strip().split(" ");
    Execution trained = Execution.of(Arrays.copyOfRange(words, 1, words.length));
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.out()).startsWith("Settings:   recommended, as --preset says");
  }

  @Test
  void needsNoTestPart() throws IOException {
    Path data = folder.resolve("user's data");
    GeneratedCatalogue.builder().items(60).users(200).dim(16).build().write(data);
    for (String file : List.of("test.txt", "sequences.tsv")) {
      Files.delete(data.resolve(file));
    }
    Execution run =
        Execution.of(
            "tune",
            "--data",
            data.toString(),
            "--output",
            folder.resolve("search").toString(),
            "--try",
            "lr=0.001,0.01",
            "--trials",
            "2",
            "--epochs",
            "1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("validation, 0 test examples over 60 items")
        .contains(
            "./alphafuse train --data='"
                + data.toString().replace("'", "'\\''")
                + "' --epochs=1 --preset=recommended --model_type=AlphaFuse --lr=0.0");
    Execution trained = Execution.of("train", "--data", data.toString(), "--epochs", "1");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.out()).contains("No test examples: nothing to report on.");
    Execution compared =
        Execution.of(
            "compare",
            "--data",
            data.toString(),
            "--methods",
            "id",
            "--output",
            folder.resolve("compared").toString());
    assertThat(compared.exitCode()).isEqualTo(1);
    assertThat(compared.err())
        .startsWith("error: compare needs validation and test examples, found ")
        .endsWith("and 0" + System.lineSeparator());
  }

  @Test
  void needsAValidationPart() throws IOException {
    Path data = folder.resolve("data");
    GeneratedCatalogue.builder().items(60).users(200).dim(16).build().write(data);
    for (String file : List.of("valid.txt", "test.txt", "sequences.tsv")) {
      Files.delete(data.resolve(file));
    }
    assertThat(
            Execution.of(
                    "tune",
                    "--data",
                    data.toString(),
                    "--output",
                    folder.resolve("search").toString(),
                    "--try",
                    "lr=0.001,0.01")
                .err())
        .contains("found only train.txt");
  }

  @Test
  void theCommandOfAGraphModelCanBeRun() {
    Path data = folder.resolve("data");
    GeneratedCatalogue.builder().items(60).users(200).dim(16).build().write(data);
    Execution run =
        Execution.of(
            "tune",
            "--data",
            data.toString(),
            "--backbone",
            "graph",
            "--method",
            "lightgcn-infonce:layers=1",
            "--output",
            folder.resolve("search").toString(),
            "--negatives",
            "8",
            "--hidden_dim",
            "8",
            "--try",
            "lr=0.001,0.01",
            "--trials",
            "2",
            "--epochs",
            "1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    String command =
        run.out()
            .lines()
            .filter(line -> line.contains("./alphafuse train_graph "))
            .findFirst()
            .orElseThrow();
    assertThat(command).contains(" --model=lightgcn --loss=infonce --layers=1 --lr=0.0");
    String[] words = command.strip().split(" ");
    Execution trained = Execution.of(Arrays.copyOfRange(words, 1, words.length));
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.out()).contains("Model:      LightGcn");
  }

  @Test
  void rejectsBadSearches() {
    assertThat(Execution.of("tune", "--output", "x", "--try", "lr").err()).contains("key=value");
    assertThat(Execution.of("tune", "--output", "x", "--try", "lr=1,2", "--keep_one_of", "1").err())
        .contains("--keep_one_of must be at least 2, found 1");
    for (String key : List.of("epochs", "mask_seen", "preset", "seed")) {
      assertThat(Execution.of("tune", "--output", "x", "--try", key + "=1,2").err())
          .contains("--try " + key + " is the same for all trials");
    }
    assertThat(Execution.of("tune", "--output", folder + "/y", "--try", "leraning=1,2").err())
        .contains("leraning");
  }
}
