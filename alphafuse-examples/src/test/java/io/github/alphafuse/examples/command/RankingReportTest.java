package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.alphafuse.backbones.data.UserSequence;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters, splits, groups and sampled ranking from the command line. */
class RankingReportTest {
  private static final String QUICK =
      " --model_type SASRec --hidden_dim 8 --neg_ratio 2 --epoch 1 --lr 0.01 --max_length 4 ";

  @TempDir static Path root;

  /**
   * The same catalogue as whole sequences, as compressed reviews and with a split that is given.
   */
  @BeforeAll
  static void write() throws IOException {
    GeneratedCatalogue catalogue =
        GeneratedCatalogue.builder().items(150).users(300).dim(16).seed(1).build();
    catalogue.write(root.resolve("given"));
    for (String name : new String[] {"whole", "reviews"}) {
      Path folder = Files.createDirectory(root.resolve(name));
      Files.copy(root.resolve("given/item_embeddings.npy"), folder.resolve("item_embeddings.npy"));
    }
    Files.copy(root.resolve("given/sequences.tsv"), root.resolve("whole/sequences.tsv"));
    StringBuilder reviews = new StringBuilder("{\"user_id\": \"broken\n");
    int time = 0;
    for (UserSequence sequence : catalogue.sequences().sequences()) {
      for (int item : sequence.items()) {
        reviews.append(
            String.format(
                "{\"rating\": %d.0, \"parent_asin\": \"%d\", \"user_id\": \"%s\", \"timestamp\":"
                    + " %d}%n",
                1 + time % 5, item, sequence.user(), (time * 7919) % 10_007));
        time++;
      }
    }
    try (OutputStream file = Files.newOutputStream(root.resolve("reviews/Games.jsonl.gz"));
        OutputStream gzip = new GZIPOutputStream(file)) {
      gzip.write(reviews.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static JsonObject json(String file) throws IOException {
    return JsonParser.parseString(Files.readString(root.resolve(file))).getAsJsonObject();
  }

  @Test
  void reportsGroupsAndSampledRanking() throws IOException {
    Execution trained =
        Execution.line(
            "train --data FOLDER/whole --split leave-one-out --quiet --output FOLDER/m.alphafuse"
                + " --json FOLDER/t.json --sampled_negatives 20"
                + " --groups users:20%,items:500,cold-items"
                + QUICK,
            root);
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.out())
        .contains("all items ranked:")
        .contains("sampled 20, each target ranked against 20 sampled items:")
        .contains("Groups at k = 10, all items:")
        .contains("Groups at k = 10, sampled 20:")
        .containsPattern("head items +0 +- +- +- +- +- +-")
        .doesNotContain("NaN");
    JsonObject report = json("t.json");
    assertThat(report.getAsJsonObject("test").keySet()).contains("HR@10", "sampled 20 HR@10");
    assertThat(report.getAsJsonObject("test").get("sampled 20 HR@10").getAsDouble())
        .isGreaterThan(report.getAsJsonObject("test").get("HR@10").getAsDouble());
    JsonObject groups = report.getAsJsonObject("groups");
    assertThat(groups.keySet())
        .containsExactly(
            "head users",
            "tail users",
            "head items",
            "tail items",
            "cold-start items",
            "warm items");
    assertThat(groups.getAsJsonObject("head items").toString())
        .isEqualTo("{\"size\":0,\"metrics\":{}}");
    assertThat(groups.getAsJsonObject("tail items").getAsJsonObject("metrics").keySet())
        .contains("NDCG@20", "sampled 20 NDCG@20");
    assertThat(report.getAsJsonArray("dropped")).isEmpty();
    assertThat(report.getAsJsonObject("settings").get("groups").toString())
        .isEqualTo("[\"users:20.0%\",\"items:500\",\"cold-items\"]");

    Execution evaluated =
        Execution.line(
            "evaluate --model FOLDER/m.alphafuse --data FOLDER/whole --split leave-one-out"
                + " --sampled-negatives 20 --groups users:20% --groups items:500,cold_items"
                + " --json FOLDER/e.json",
            root);
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    assertThat(evaluated.out()).isEqualTo(trained.out());
    assertThat(json("e.json").get("test")).isEqualTo(report.get("test"));
    assertThat(json("e.json").get("groups")).isEqualTo(report.get("groups"));
  }

  @Test
  void longTailIsAPreset() throws IOException {
    Execution run =
        Execution.line(
            "train --data FOLDER/given --long_tail Fashion --json FOLDER/l.json --quiet" + QUICK,
            root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject report = json("l.json");
    JsonObject settings = report.getAsJsonObject("settings");
    assertThat(settings.get("split").getAsString()).isEqualTo("leave-one-out");
    assertThat(settings.get("sampled_negatives").getAsInt()).isEqualTo(100);
    assertThat(settings.get("long_tail").getAsString()).isEqualTo("fashion");
    assertThat(report.getAsJsonObject("test").keySet()).contains("sampled 100 NDCG@10");
    assertThat(report.getAsJsonObject("groups").keySet())
        .containsExactly("head users", "tail users", "head items", "tail items");
  }

  @Test
  void printsWhatWasLeftOutOfReviews() throws IOException {
    Execution run =
        Execution.line(
            "train --data FOLDER/reviews --skip_malformed --min_rating 2 --distinct --k_core 6"
                + " --split temporal --json FOLDER/r.json"
                + QUICK,
            root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("Left out:   1 malformed lines (e.g. Games.jsonl.gz line 1: expected one JSON")
        .contains("interactions with too low a rating (e.g. line 2, line 7,")
        .contains("1 items with too few interactions, 5 interactions of theirs (e.g. 128)");
    assertThat(json("r.json").getAsJsonArray("dropped").get(0).toString())
        .startsWith("{\"reason\":\"MALFORMED_LINE\",\"count\":1,\"interactions\":0,\"examples\":[");
    Execution at =
        Execution.line(
            "train --data FOLDER/reviews --skip_malformed --split temporal --split_at 8000 9000"
                + " --quiet"
                + QUICK,
            root);
    assertThat(at.exitCode()).as(at.err()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--data FOLDER/whole --min_rating 3|found whole sequences in",
        "--data FOLDER/whole --split temporal|expected times for a temporal split, found none",
        "--data FOLDER/whole --k_core 500|--k_core: expected users with 500",
        "--data FOLDER/whole --interactions none.csv|found no \"none.csv\"",
        "--data FOLDER/reviews|Games.jsonl.gz line 1: expected one JSON object",
        "--data FOLDER/given --sampled_negatives 150|--sampled_negatives: expected at least 150 items",
        "--data FOLDER/given --groups users:2,users:20%|found head users twice",
        "--data FOLDER/given --long_tail beauty --groups items:3|found head items twice"
      })
  void badInputIsOneLine(String flags, String message) {
    Execution run = Execution.line("train " + flags + QUICK + "--quiet", root);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(1);
  }
}
