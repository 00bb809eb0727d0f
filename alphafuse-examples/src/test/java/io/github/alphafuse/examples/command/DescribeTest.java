package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model was made of, told by describe and followed by evaluate. */
class DescribeTest {
  @TempDir private Path folder;

  private Execution run(String line) {
    return Execution.line(line, folder);
  }

  private String succeed(String line) {
    Execution run = run(line);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(0);
    return run.out();
  }

  private void generate() {
    succeed("generate-data --output FOLDER/data --items 60 --users 120 --dim 8");
  }

  @Test
  void printsAndWritesWhatAModelWasMadeOf() throws IOException {
    generate();
    succeed("train --data FOLDER/data --epoch 2 -q --output FOLDER/m --checkpoint FOLDER/c");
    assertThat(succeed("describe FOLDER/m"))
        .contains("sasrec, format 1", "items.projector.scale", "Data:", "seed", "best epoch")
        .contains("test NDCG@20")
        .doesNotContain("Made at");
    succeed("describe FOLDER/m --json FOLDER/m.json");
    JsonObject json =
        JsonParser.parseString(Files.readString(folder.resolve("m.json"))).getAsJsonObject();
    JsonObject provenance = json.getAsJsonObject("provenance");
    assertThat(provenance.getAsJsonObject("outcome").get("epochs").getAsInt()).isEqualTo(2);
    assertThat(succeed("describe FOLDER/c")).contains("training-checkpoint", "Training:");
    succeed("decompose --data FOLDER/data --output FOLDER/p");
    assertThat(succeed("describe FOLDER/p")).contains("Provenance: none");
    assertThat(run("describe FOLDER/nothing"))
        .satisfies(
            run -> {
              assertThat(run.exitCode()).isEqualTo(1);
              assertThat(run.err()).contains("FILE must be a saved file");
            });
    assertThat(run("describe FOLDER/m.json").err()).contains("is not an archive");
  }

  @Test
  void theTimeIsSavedWhereItIsAskedFor() {
    generate();
    String train = "train --data FOLDER/data --epoch 1 -q --output FOLDER/";
    succeed(train + "a");
    succeed(train + "b");
    assertThat(folder.resolve("a")).hasSameBinaryContentAs(folder.resolve("b"));
    succeed(train + "c --timestamp");
    assertThat(succeed("describe FOLDER/c")).contains("Made at: 20");
  }

  @Test
  void evaluateFollowsTheSplitOfTheModel() {
    generate();
    succeed("train --data FOLDER/data --split ratio --split_seed 5 --epoch 1 -q --output FOLDER/m");
    Execution followed = run("evaluate --model FOLDER/m --data FOLDER/data");
    assertThat(followed.err())
        .contains("Split:      --split ratio --split_seed 5, as the model was trained")
        .doesNotContain("warning:");
    Execution same =
        run("evaluate --model FOLDER/m --data FOLDER/data --split ratio --split_seed 5");
    assertThat(same.err()).isEmpty();
    assertThat(same.out()).isEqualTo(followed.out());
    assertThat(run("evaluate --model FOLDER/m --data FOLDER/data --split_seed 6").err())
        .contains("warning: the training part of these data is not what the model was trained on");
    assertThat(run("evaluate --model FOLDER/m"))
        .satisfies(
            run -> {
              assertThat(run.exitCode()).isEqualTo(1);
              assertThat(run.err()).contains("--data is missing");
            });
  }

  @Test
  void theLongTailProtocolFollowsTheSplitOfTheModel() throws IOException {
    generate();
    succeed("train --data FOLDER/data --epoch 1 -q --output FOLDER/m");
    String evaluate = "evaluate --model FOLDER/m --data FOLDER/data --sampled_negatives 20";
    Execution plain = run(evaluate + " --json FOLDER/plain.json");
    Execution run = run(evaluate + " --long_tail fashion --json FOLDER/tail.json");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(0);
    assertThat(run.err())
        .contains("Split:      the default one, as the model was trained, not the --split leave-")
        .doesNotContain("warning:");
    assertThat(plain.err()).isEmpty();
    assertThat(test("tail.json")).isEqualTo(test("plain.json"));
    assertThat(run(evaluate + " --long_tail fashion --split leave-one-out").err())
        .contains("warning: the training part of these data is not what the model was trained on");
    succeed(
        "train --data FOLDER/data --long_tail fashion --sampled_negatives 20 --epoch 1 -q"
            + " --output FOLDER/m");
    assertThat(run(evaluate + " --long_tail fashion").err())
        .contains("Split:      --split leave-one-out, as the model was trained")
        .doesNotContain("warning:");
  }

  private JsonObject test(String file) throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve(file)))
        .getAsJsonObject()
        .getAsJsonObject("test");
  }

  @Test
  void anotherSplitThatIsGivenIsNotMixedWithThatOfTheModel() throws IOException {
    generate();
    Files.writeString(
        folder.resolve("data/clicks.csv"),
        "user,item,time\n" + "u1,1,1\nu1,2,2\nu2,3,3\nu2,4,4\nu1,5,5\nu2,6,6\nu1,7,7\nu2,8,8\n");
    succeed(
        "train --data FOLDER/data --interactions clicks.csv --split temporal --split_at 6 8"
            + " --epoch 1 -q --output FOLDER/m");
    assertThat(
            run("evaluate --model FOLDER/m --data FOLDER/data --interactions clicks.csv"
                    + " --split leave-one-out")
                .err())
        .contains("warning: the training part")
        .doesNotContain("--split_at");
  }

  @Test
  void prefixesAreTheSameData() {
    generate();
    succeed("train --data FOLDER/data --positions last --prefixes --epoch 1 -q --output FOLDER/m");
    assertThat(run("evaluate --model FOLDER/m --data FOLDER/data").err()).isEmpty();
  }

  @Test
  void aGraphModelOfOtherDataIsTold() {
    generate();
    succeed(
        "train_graph --data FOLDER/data --epoch 1 -q --negatives 8 --output FOLDER/m --distinct");
    assertThat(run("evaluate --model FOLDER/m --data FOLDER/data").err())
        .doesNotContain("warning:");
  }
}
