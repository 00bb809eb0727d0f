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
