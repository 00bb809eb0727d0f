package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainGraphTest {
  private static final String QUICK =
      "train_graph --data FOLDER/one --epoch 2 --negatives 16 --batch_size 512 --hidden_dim 8";

  @TempDir static Path root;

  @BeforeAll
  static void generate() {
    success("generate-data --output FOLDER/one --items 150 --users 300 --dim 20");
    success("generate-data --output FOLDER/two --items 120 --users 200 --dim 20 --seed 5");
  }

  private static Execution success(String line) {
    Execution run = Execution.line(line, root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static JsonObject json(String file) throws IOException {
    return JsonParser.parseString(Files.readString(root.resolve(file))).getAsJsonObject();
  }

  @ParameterizedTest
  @CsvSource({
    "--model lightgcn,bpr,450,1",
    "--model lightgcn --loss infonce --decay 0.001 --layers 3,infonce,450,16",
    "--projector linear,infonce,21,16",
    "--model alpharec --projector mlp --tau 0.2,infonce,0,16"
  })
  void trainsEveryModel(String options, String loss, int rows, int negatives) throws IOException {
    Execution run = success(QUICK + " " + options + " --json FOLDER/run.json");
    assertThat(run.out())
        .contains("all unseen items ranked")
        .contains("popularity")
        .contains("Recall");
    JsonObject report = json("run.json");
    assertThat(report.getAsJsonArray("epochs")).hasSize(2);
    assertThat(report.getAsJsonObject("test").keySet())
        .contains("Recall@1", "Recall@10", "NDCG@20", "HR@20");
    JsonObject settings = report.getAsJsonObject("settings");
    assertThat(settings.get("loss").getAsString()).isEqualTo(loss);
    assertThat(settings.get("negatives").getAsInt()).isEqualTo(negatives);
    int expected = rows == 0 ? 10 * 20 + 10 + 8 * 10 + 8 : rows * 8;
    assertThat(report.get("trainableParameters").getAsInt()).isEqualTo(expected);
  }

  @Test
  void aSavedModelIsEvaluatedAndRecommends() throws IOException {
    success(QUICK + " --output FOLDER/alpha.zip --json FOLDER/trained.json -q");
    success("evaluate --model FOLDER/alpha.zip --data FOLDER/one --json FOLDER/evaluated.json");
    assertThat(json("evaluated.json").get("test")).isEqualTo(json("trained.json").get("test"));
    Execution plain =
        success("recommend --model FOLDER/alpha.zip --data FOLDER/one --history 3,5 --top 4");
    assertThat(plain.out()).hasLineCount(4);
    NpyWriter.write(root.resolve("wish.npy"), Tensor.of(new float[20], 1, 20));
    Execution intended =
        success(
            "recommend --model FOLDER/alpha.zip --data FOLDER/one --history 3,5 --top 4"
                + " --intention FOLDER/wish.npy --intention_weight 1");
    assertThat(intended.out()).hasLineCount(4).isNotEqualTo(plain.out());
    Execution zeroShot = success("evaluate --model FOLDER/alpha.zip --data FOLDER/two --zero_shot");
    assertThat(zeroShot.out()).contains("text alone").contains("Test on 200 users");
  }

  @Test
  void aPresetHoldsButForOptionsThatAreGiven() throws IOException {
    success(
        "train_graph --data FOLDER/one --preset LightGCN_Beauty_InfoNCE --epoch 1 --negatives 16"
            + " --lr 0.01 -q --json FOLDER/preset.json");
    JsonObject settings = json("preset.json").getAsJsonObject("settings");
    assertThat(settings.get("preset").getAsString()).isEqualTo("lightgcn-beauty-infonce");
    assertThat(settings.get("model").getAsString()).isEqualTo("lightgcn");
    assertThat(settings.get("loss").getAsString()).isEqualTo("infonce");
    assertThat(settings.get("layers").getAsInt()).isEqualTo(3);
    assertThat(settings.get("decay").getAsDouble()).isEqualTo(1e-2);
    assertThat(settings.get("tau").getAsDouble()).isEqualTo(0.15);
    assertThat(settings.get("lr").getAsDouble()).isEqualTo(0.01);
    assertThat(settings.get("negatives").getAsInt()).isEqualTo(16);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--preset alpharec-movie | did you mean alpharec-movies?",
        "--preset alpharec-baby --model lightgcn | --preset alpharec-baby is for alpharec"
      })
  void rejectsPresetsThatDoNotFit(String options, String message) {
    Execution run = Execution.line(QUICK + " " + options, root);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  private static Path bare(String name) throws IOException {
    Path folder = Files.createDirectory(root.resolve(name));
    Files.copy(root.resolve("one/sequences.tsv"), folder.resolve("sequences.tsv"));
    return folder;
  }

  @Test
  void lightGcnNeedsNoEmbeddings() throws IOException {
    String line = QUICK + " --model lightgcn --random_seed 3 -q --json FOLDER/";
    success(line + "with.json");
    Path folder = bare("bare");
    success(line.replace("/one", "/bare") + "rows.json");
    Files.copy(root.resolve("one/items.tsv"), folder.resolve("items.tsv"));
    success(line.replace("/one", "/bare") + "titles.json");
    for (String without : new String[] {"rows.json", "titles.json"}) {
      for (String name : new String[] {"test", "trainableParameters"}) {
        assertThat(json(without).get(name)).isEqualTo(json("with.json").get(name));
      }
    }

    Files.writeString(folder.resolve("items.tsv"), "150\tone more\n", StandardOpenOption.APPEND);
    success(line.replace("/one", "/bare") + "more.json");
    assertThat(json("more.json").get("trainableParameters").getAsInt()).isEqualTo(451 * 8);

    Execution text = Execution.line(QUICK.replace("/one", "/bare"), root);
    assertThat(text.exitCode()).isEqualTo(1);
    assertThat(text.err()).startsWith("error: no language embeddings").hasLineCount(1);
    Execution named =
        Execution.line(line.replace("/one", "/bare") + "x.json --emb_type bert", root);
    assertThat(named.err())
        .startsWith("error: no language embeddings of --language_model_type bert")
        .hasLineCount(1);
    Execution sequences = Execution.line("train --data FOLDER/bare --epoch 1", root);
    assertThat(sequences.err()).startsWith("error: no language embeddings").hasLineCount(1);
  }

  @Test
  void itemsThatCannotBeCountedAreRejected() throws IOException {
    Path file = bare("odd").resolve("sequences.tsv");
    String line = QUICK.replace("/one", "/odd") + " --model lightgcn";
    String rows = Files.readString(file);
    Files.writeString(file, rows + "late\t3 B00 4\n");
    assertThat(Execution.line(line, root).err())
        .startsWith("error: sequences.tsv: expected item rows")
        .contains("found \"B00\"", "item_ids.txt")
        .hasLineCount(1);
    Files.writeString(file, rows + "late\t3 100000 4\n");
    assertThat(Execution.line(line, root).err())
        .contains("found 151 items up to 100000", "item_ids.txt", "items.tsv")
        .hasLineCount(1);
  }

  @Test
  void filtersHoldForGraphModels() {
    success(QUICK + " --model lightgcn --k_core 2");
    Execution none = Execution.line(QUICK + " --model lightgcn --k_core 11", root);
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).contains("--k_core: expected users with 11").hasLineCount(1);
  }

  @Test
  void goesOnFromACheckpoint() throws IOException {
    String line = QUICK + " --model lightgcn --checkpoint FOLDER/run.checkpoint -q";
    success(line);
    success(line.replace("--epoch 2", "--epoch 3") + " --json FOLDER/resumed.json");
    assertThat(json("resumed.json").getAsJsonArray("epochs")).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--loss bpr|--loss must be infonce for alpharec",
        "--model lightgcn --projector linear|--projector is for alpharec",
        "--model sasrec|expected one of [lightgcn, alpharec], found 'sasrec'",
        "--layers 0|expected a whole number of at least 1",
        "--tau 0|expected a number above 0",
        "--negatives 145|--negatives must be at most the unseen items",
        "--neg-ratio 145|--neg-ratio must be at most the unseen items",
        "--split ratio|--split is for sequence models",
        "--split_at 1 2|--split_at is for sequence models",
        "--metric MAP@3|metric must be HR, NDCG, MRR or Recall",
      })
  void rejectsWhatDoesNotFit(String options, String message) {
    Execution run = Execution.line(QUICK.replace("--negatives 16 ", "") + " " + options, root);
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).contains(message);
    assertThat(run.errorLines()).isEqualTo(1);
  }

  @Test
  void zeroShotAndIntentionAreForAlphaRec() {
    success(QUICK + " --model lightgcn --output FOLDER/light.zip -q");
    Execution zeroShot =
        Execution.line("evaluate --model FOLDER/light.zip --data FOLDER/two --zero_shot", root);
    assertThat(zeroShot.err()).contains("--zero_shot is for AlphaRec models");
    Execution other = Execution.line("evaluate --model FOLDER/light.zip --data FOLDER/two", root);
    assertThat(other.exitCode()).isNotZero();
    Execution intended =
        Execution.line(
            "recommend --model FOLDER/light.zip --data FOLDER/one --history 3 --intention x.npy",
            root);
    assertThat(intended.err()).contains("--intention is for AlphaRec models");
  }
}
