package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ObjectArrays;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TuneTest {
  @TempDir private Path folder;

  @Test
  void drawsValuesFromListsAndRanges() {
    SearchSpace space =
        SearchSpace.parse(
            List.of(
                "lr=0.001..0.1", "--dropout_rate=0.1, 0.2", "null_dim=3..5", "id_scale=1..2.5"));
    List<ImmutableMap<String, String>> drawn = space.draw(40, 1);
    assertThat(drawn).hasSize(40).doesNotHaveDuplicates();
    assertThat(space.draw(40, 1)).isEqualTo(drawn);
    assertThat(space.draw(40, 2)).isNotEqualTo(drawn);
    assertThat(drawn)
        .allSatisfy(
            settings -> {
              assertThat(Double.parseDouble(settings.get("lr"))).isBetween(0.001, 0.1);
              assertThat(settings.get("dropout_rate")).isIn("0.1", "0.2");
              assertThat(settings.get("null_dim")).isIn("3", "4", "5");
              assertThat(Double.parseDouble(settings.get("id_scale"))).isBetween(1.0, 2.5);
            });
    // On a logarithmic scale half of the rates are below the geometric mean.
    assertThat(drawn)
        .filteredOn(settings -> Double.parseDouble(settings.get("lr")) < 0.01)
        .hasSizeBetween(12, 28);
    assertThat(SearchSpace.parse(List.of("a=1,2")).draw(9, 1)).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "lr, 'must be key=value,value or key=from..to'",
    "lr=, 'must be key=value,value or key=from..to'",
    "'lr=,', has no values",
    "lr=2..1, must go from a number to one that is no less",
    "lr=a..1, a range must be between numbers",
    "lr=1..Infinity, must go from a number to one that is no less"
  })
  void rejectsWhatIsNoSetting(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchSpace.parse(List.of(text)))
        .withMessageContaining(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchSpace.parse(List.of("lr=1", "lr=2")))
        .withMessage("--try names lr twice");
  }

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
