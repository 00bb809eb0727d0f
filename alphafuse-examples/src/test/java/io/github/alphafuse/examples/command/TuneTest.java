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

  private Path generate(String name) {
    Path data = folder.resolve(name);
    GeneratedCatalogue.builder().items(60).users(200).dim(16).build().write(data);
    return data;
  }

  private Execution tune(Path data, String options) {
    String[] own = {
      "tune", "--data", data.toString(), "--output", folder.resolve("search").toString()
    };
    return Execution.of(ObjectArrays.concat(own, options.split(" "), String.class));
  }

  /** The line of the command that was found. */
  private static String command(Execution tuned) {
    assertThat(tuned.exitCode()).as(tuned.err()).isZero();
    return tuned
        .out()
        .lines()
        .filter(line -> line.contains("./alphafuse "))
        .findFirst()
        .orElseThrow()
        .strip();
  }

  private static Execution execute(String command) {
    String[] words = command.split(" ");
    Execution run = Execution.of(Arrays.copyOfRange(words, 1, words.length));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  @Test
  void findsTheBetterSettingsAndGoesOn() throws IOException {
    Path data = generate("data");
    String options =
        "--try lr=0.00001,0.01 --try dropout_rate=0.1,0.2 --trials 4 --keep_one_of 2 --epochs 4"
            + " --batch_size 40";
    Execution run = tune(data, options);
    String command = command(run);
    assertThat(run.out())
        .contains("Round 1 of 3: 4 trials of 1 epochs")
        .contains("Round 3 of 3: 1 trials of 4 epochs")
        .contains("| trial | lr | dropout_rate | 1 epochs | 2 epochs | 4 epochs |")
        .contains("Validation unseen NDCG@20; the best settings:");
    assertThat(command)
        .startsWith("./alphafuse train ")
        .contains("--data=" + data)
        .contains("--preset=recommended")
        .contains("--lr=0.01")
        .contains("--epochs=4")
        .contains("--batch_size=40")
        .doesNotContain("--try")
        .doesNotContain("--output");
    assertThat(tune(data, options).out()).isEqualTo(run.out());
    assertThat(Files.readString(folder.resolve("search/search.md"))).contains(command);
    assertThat(execute(command).out()).startsWith("Settings:   recommended, as set by --preset");
  }

  @Test
  void needsNoTestPart() throws IOException {
    Path data = generate("user's data");
    for (String file : List.of("test.txt", "sequences.tsv")) {
      Files.delete(data.resolve(file));
    }
    Execution run = tune(data, "--try lr=0.001,0.01 --trials 2 --epochs 1");
    assertThat(command(run))
        .startsWith(
            "./alphafuse train --data='"
                + data.toString().replace("'", "'\\''")
                + "' --epochs=1 --preset=recommended --model_type=AlphaFuse --lr=0.0");
    assertThat(run.out()).contains("validation, 0 test examples over 60 items");
    Execution trained = Execution.of("train", "--data", data.toString(), "--epochs", "1");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.out()).contains("No test examples: nothing to report on.");
    Execution compared =
        Execution.of(
            "compare", "--data", data.toString(), "--methods", "id", "--output", folder + "/out");
    assertThat(compared.exitCode()).isEqualTo(1);
    assertThat(compared.err())
        .startsWith("error: compare needs validation and test examples, found ")
        .endsWith("and 0" + System.lineSeparator());
  }

  @Test
  void needsAValidationPart() throws IOException {
    Path data = generate("data");
    for (String file : List.of("valid.txt", "test.txt", "sequences.tsv")) {
      Files.delete(data.resolve(file));
    }
    assertThat(tune(data, "--try lr=0.001,0.01").err()).contains("found only train.txt");
  }

  @Test
  void theCommandOfAGraphModelCanBeRun() {
    String command =
        command(
            tune(
                generate("data"),
                "--backbone graph --method lightgcn-infonce --layers 1 --negatives 8 --hidden_dim 8"
                    + " --try lr=0.001,0.01 --trials 2 --epochs 1"));
    assertThat(command)
        .startsWith("./alphafuse train_graph ")
        .contains(" --layers=1 ", " --model=lightgcn --loss=infonce --lr=0.0");
    assertThat(execute(command).out()).contains("Model:      LightGcn");
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
    Path data = generate("data");
    for (String method : List.of("all", "alphafuse:null_dim=4")) {
      assertThat(tune(data, "--try lr=0.1,0.2 --method " + method).err())
          .contains("--method must name one method, without settings, found " + method);
    }
  }
}
