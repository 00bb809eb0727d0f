package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens is said: nothing passes in silence. */
class SaidTest {
  private static final int ITEMS = 20;

  @TempDir private Path folder;

  @BeforeEach
  void writeShop() throws IOException {
    Path shop = Files.createDirectory(folder.resolve("shop"));
    List<String> ids =
        IntStream.range(0, ITEMS)
            .mapToObj(i -> i == 1 ? "red shoe, \"wide\"" : i == 2 ? "blue shoe" : "sku" + i)
            .toList();
    Files.write(shop.resolve("item_ids.txt"), ids);
    Files.write(
        shop.resolve("items.tsv"),
        IntStream.range(0, ITEMS).mapToObj(i -> i + "\tCafé " + i).toList());
    NpyWriter.write(
        shop.resolve("item_embeddings.npy"),
        Tensor.of(RandomNumbers.flat(RandomNumbers.rows(3, ITEMS, 8)), ITEMS, 8));
    Files.writeString(
        shop.resolve("clicks.csv"),
        "user,item,time\n"
            + IntStream.range(0, 60)
                .mapToObj(i -> "u" + i % 12 + ",sku" + (3 + (i * 7) % 17) + "," + i)
                .reduce((a, b) -> a + "\n" + b)
                .orElseThrow()
            + "\n");
  }

  private Execution run(String... args) {
    return Execution.of(
        Stream.of(args)
            .map(arg -> arg.replace("FOLDER", folder.toString()))
            .toArray(String[]::new));
  }

  private Execution line(String line) {
    return Execution.line(line, folder);
  }

  private void train() {
    Execution run =
        line("train --data FOLDER/shop --epoch 1 --hidden_dim 4 --null_dim 2 -q --output FOLDER/m");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(0);
  }

  private Execution recommend(String... options) {
    return run(
        Stream.concat(Stream.of("recommend", "--model", "FOLDER/m"), Stream.of(options))
            .toArray(String[]::new));
  }

  @Test
  void idsWithSpacesAndCommasHaveAName() throws IOException {
    train();
    Files.writeString(folder.resolve("history"), "blue shoe\nred shoe, \"wide\"\n");
    Execution expected = recommend("--history_file", "FOLDER/history", "--top", "3");
    assertThat(expected.exitCode()).as(expected.err()).isEqualTo(0);
    assertThat(expected.out().lines()).hasSize(3);
    assertThat(recommend("--history", "blue shoe", "--history", "red shoe, \"wide\"", "--top", "3"))
        .isEqualTo(expected);
    assertThat(recommend("--history", "\"blue shoe\" \"red shoe, \"\"wide\"\"\"", "--top", "3"))
        .isEqualTo(expected);
    assertThat(recommend("--history", "sku4,sku5 sku6", "--top", "3").exitCode()).isEqualTo(0);
    assertThat(recommend("--history", "\"blue shoe", "--top", "3").err())
        .contains("--history has a quote that does not end");
    assertThat(recommend("--top", "3").err()).contains("give --history or --history_file");
    assertThat(recommend("--history", "sku4", "--history_file", "FOLDER/history").err())
        .contains("give only one of them");
    assertThat(recommend("--history_file", "FOLDER/nothing").err())
        .contains("--history_file names no file");
  }

  @Test
  void unknownItemsAreSkippedAndCounted() {
    train();
    Execution run = recommend("--history", "sku4 nope sku5", "--skip_unknown", "--top", "3");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(0);
    assertThat(run.out().lines()).hasSize(3);
    assertThat(run.err()).contains("1 of the history's 3 items skipped", "nope");
    assertThat(recommend("--history", "sku4 nope", "--top", "3").exitCode()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--k_core=9", "--split=temporal", "--min_rating=3", "--distinct"})
  void optionsWithoutAUseAreNotOffered(String option) {
    train();
    assertThat(recommend("--data", "FOLDER/shop", "--history", "sku4", option))
        .satisfies(
            run -> {
              assertThat(run.exitCode()).isEqualTo(2);
              assertThat(run.err()).contains("unknown: ");
            });
  }

  @Test
  void nothingLeftAndFewLeftAreTold() throws IOException {
    train();
    String[] all = Files.readString(folder.resolve("shop/item_ids.txt")).strip().split("\n");
    Files.write(folder.resolve("all"), List.of(all));
    Execution none = recommend("--history_file", "FOLDER/all", "--top", "5");
    assertThat(none.exitCode()).isEqualTo(0);
    assertThat(none.err()).contains("nothing is left to recommend", "--include_seen");
    Files.write(folder.resolve("most"), List.of(all).subList(0, ITEMS - 2));
    assertThat(recommend("--history_file", "FOLDER/most", "--top", "5").err())
        .contains("2 items instead of 5", "--include_seen");
    Execution seen = recommend("--history_file", "FOLDER/all", "--top", "50", "--include_seen");
    assertThat(seen.err()).contains("20 items instead of 50").doesNotContain("--include_seen");
  }

  @Test
  void trainingWithoutValidationIsTold() throws IOException {
    Path few = Files.createDirectory(folder.resolve("few"));
    NpyWriter.write(
        few.resolve("item_embeddings.npy"),
        Tensor.of(RandomNumbers.flat(RandomNumbers.rows(3, ITEMS, 8)), ITEMS, 8));
    Files.writeString(few.resolve("sequences.tsv"), "a\t1 2 3\nb\t3 4 5\nc\t5 6 7\nd\t7 8 9\n");
    assertThat(line("train --data FOLDER/few --epoch 2 --hidden_dim 4 --null_dim 2").err())
        .contains("warning: no validation examples: --patience, --metric")
        .contains("all 2 epochs are made");
    assertThat(
            line("train_diffusion --data FOLDER/few --epoch 2 --null_dim 2 --hidden_dim 4").err())
        .contains("warning: no validation examples");
    assertThat(line("train_graph --data FOLDER/few --epoch 2 --model lightgcn").err())
        .contains("warning: no validation items");
  }

  @Test
  void aLossThatFallsToTheSlowerEngineIsTold() {
    String options = " --epoch 1 --hidden_dim 4 --null_dim 2";
    assertThat(line("train --data FOLDER/shop" + options).out()).doesNotContain("Engine:");
    assertThat(line("train_diffusion --data FOLDER/shop --denoiser mlp" + options).out())
        .contains("Engine:     SAMEDIFF, because the faster engine FUSED does not compute");
    assertThat(line("train --data FOLDER/shop --model_type LLM-ESR --hidden_dim 4 --epoch 1").out())
        .contains("Engine:     SAMEDIFF");
    assertThat(
            line("train --data FOLDER/shop --model_type LLM-ESR --hidden_dim 4 --epoch 1"
                    + " --engine samediff")
                .out())
        .doesNotContain("Engine:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG", "th-TH-u-nu-thai", "hi-IN-u-nu-deva", "fa-IR"})
  void digitsAreThoseOfThePage(String tag) {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag(tag));
      Execution run =
          line("train --data FOLDER/shop --epoch 2 --hidden_dim 4 --null_dim 2 --output FOLDER/m");
      assertThat(run.exitCode()).as(run.err()).isEqualTo(0);
      for (String text :
          List.of(
              run.out(),
              run.err(),
              recommend("--history", "sku4", "--top", "3").out(),
              line("decompose --data FOLDER/shop").out(),
              line("describe FOLDER/m").out(),
              line("evaluate --model FOLDER/m --data FOLDER/shop").out(),
              line("train_graph --data FOLDER/shop --epoch 1 --model lightgcn").out())) {
        assertThat(text.codePoints().filter(c -> Character.isDigit(c) && c > '9')).isEmpty();
      }
    } finally {
      Locale.setDefault(before);
    }
  }
}
