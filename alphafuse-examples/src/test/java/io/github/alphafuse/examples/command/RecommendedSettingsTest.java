package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which settings {@code train} starts from, and what it says of them. */
class RecommendedSettingsTest {
  @TempDir private Path folder;
  private Path data;

  @BeforeEach
  void makeData() {
    data = folder.resolve("data");
    GeneratedCatalogue.builder().items(60).users(150).dim(16).build().write(data);
  }

  private Execution train(String... more) {
    List<String> arguments = new ArrayList<>(List.of("--data", data.toString(), "--epochs", "1"));
    arguments.addAll(Arrays.asList(more));
    arguments.addAll(
        List.of(
            "--json",
            folder.resolve("run.json").toString(),
            "--output",
            folder.resolve("model.alphafuse").toString()));
    arguments.add(0, "train");
    return Execution.of(arguments.toArray(String[]::new));
  }

  private JsonObject report() throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve("run.json"))).getAsJsonObject();
  }

  @Test
  void theDefaultIsRecommended() throws IOException {
    Execution run = train();
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines().findFirst().orElseThrow())
        .startsWith("Settings:   recommended, because no option of the authors' method is given");
    assertThat(run.out())
        .contains("Ranking:    by cosine")
        .contains("all items ranked but those of the history:")
        .contains("all items ranked:");
    JsonObject settings = report().getAsJsonObject("settings");
    assertThat(settings.get("preset").getAsString()).isEqualTo("recommended");
    assertThat(settings.get("positions").getAsString()).isEqualTo("every");
    assertThat(settings.get("loss_type").getAsString()).isEqualTo("sampledCE");
    assertThat(settings.get("temperature").getAsDouble()).isEqualTo(0.1);
    assertThat(settings.get("exclude_history").getAsBoolean()).isTrue();
    assertThat(settings.get("row_scale").getAsDouble()).isEqualTo(0.3);
    assertThat(settings.get("position_scale").getAsDouble()).isEqualTo(0.3);
    assertThat(settings.get("dropout_rate").getAsDouble()).isEqualTo(0.2);
    assertThat(settings.get("lr").getAsDouble()).isEqualTo(5e-3);
    assertThat(settings.get("lr_schedule").getAsString()).isEqualTo("linear");
    assertThat(settings.get("warm_up").getAsInt()).isEqualTo(100);
    assertThat(settings.get("batch_size").getAsInt()).isEqualTo(320);
    assertThat(settings.get("mask_seen").getAsBoolean()).isTrue();
    assertThat(settings.get("null_dim").getAsInt()).isEqualTo(16);
    assertThat(report().getAsJsonObject("test").has("NDCG@20")).isTrue();
    assertThat(report().getAsJsonObject("test").has("unseen NDCG@20")).isTrue();
    assertThat(SavedModel.load(folder.resolve("model.alphafuse")).similarity())
        .isEqualTo(Similarity.COSINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--model_type AlphaFuse",
        "-loss_type infoNCE",
        "--neg_ratio 8",
        "--null_dim 4",
        "--null_thres 20",
        "--hidden_dim 8",
        "--ID_embs_init_type zeros"
      })
  void anOptionOfTheAuthorsMethodTakesTheirs(String option) throws IOException {
    Execution run = train(option.split(" "));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines().findFirst().orElseThrow())
        .startsWith("Settings:   published, because ")
        .contains(option.split(" ")[0].replace("-loss", "--loss").replace("---", "--"));
    assertPublished();
  }

  @Test
  void thePresetDecides() throws IOException {
    Execution run = train("--preset", "published");
    assertThat(run.out()).startsWith("Settings:   published, as set by --preset");
    assertPublished();
    run = train("--preset", "recommended", "--null_dim", "4", "--lr", "0.001");
    assertThat(run.out()).startsWith("Settings:   recommended, as set by --preset");
    JsonObject settings = report().getAsJsonObject("settings");
    assertThat(settings.get("positions").getAsString()).isEqualTo("every");
    assertThat(settings.get("null_dim").getAsInt()).isEqualTo(4);
    assertThat(settings.get("lr").getAsDouble()).isEqualTo(0.001);
  }

  private void assertPublished() throws IOException {
    JsonObject settings = report().getAsJsonObject("settings");
    assertThat(settings.get("preset").getAsString()).isEqualTo("published");
    assertThat(settings.get("positions").getAsString()).isEqualTo("last");
    assertThat(settings.get("loss_type").getAsString()).isEqualTo("infoNCE");
    assertThat(settings.get("temperature").getAsDouble()).isEqualTo(0.07);
    assertThat(settings.get("row_scale").getAsDouble()).isEqualTo(1);
    assertThat(settings.get("position_scale").getAsDouble()).isEqualTo(1);
    assertThat(settings.get("dropout_rate").getAsDouble()).isEqualTo(0.1);
    assertThat(settings.get("lr").getAsDouble()).isEqualTo(1e-3);
    assertThat(settings.get("lr_schedule").getAsString()).isEqualTo("constant");
    assertThat(settings.get("batch_size").getAsInt()).isEqualTo(256);
    assertThat(settings.get("mask_seen").getAsBoolean()).isFalse();
    assertThat(SavedModel.load(folder.resolve("model.alphafuse")).similarity())
        .isEqualTo(Similarity.INNER_PRODUCT);
  }

  @ParameterizedTest
  @CsvSource({
    "--prefixes --positions every, --prefixes and --positions every both use each item as a target once",
    "--loss_type infoNCE --shared_negatives 5, --shared_negatives is for --loss_type sampledCE",
    "--loss_type BCE --exclude_history, '--exclude_history is for --loss_type CE, cosineCE or'",
    "--shared_negatives 61, '--shared_negatives must be at most the 60 items of the catalogue, found 61'",
    "--warm_up 2, '--warm_up must be at most the 1 steps of the run, found 2'",
    "--warm-up 2, '--warm-up must be at most the 1 steps of the run, found 2'",
    "--row_scale 0, --row_scale",
    "--row_scale NaN, --row_scale",
    "--position_scale -1, --position_scale",
    "--similarity euclid, --similarity",
    "--positions first, --positions"
  })
  void contradictionsAreErrors(String options, String message) {
    Execution run = train(options.split(" "));
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).contains(message);
    assertThat(folder.resolve("model.alphafuse")).doesNotExist();
  }

  @Test
  void aGraphModelNamesWhatTrainsAtEveryPosition() {
    Execution run = Execution.of("train_graph", "--data", data.toString(), "--positions", "every");
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).contains("--positions").contains("train and train_diffusion");
  }

  private Execution diffusion(Path model, String options) {
    return Execution.line(
        "train_diffusion --data FOLDER/data --epochs 1 --null_thres 20 --timesteps 20 --linespace 10 "
            + options
            + " --output "
            + model,
        folder);
  }

  @Test
  void theSimilarityOfADiffusionIsChosen() {
    Path model = folder.resolve("diffusion.alphafuse");
    Execution run = diffusion(model, "--positions every --similarity cosine");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("Ranking:    by cosine");
    assertThat(SavedModel.load(model).similarity()).isEqualTo(Similarity.COSINE);
  }

  @Test
  void guidanceAndSimilarityOfADiffusionAreChosenOnValidation() {
    Path model = folder.resolve("chosen.alphafuse");
    Execution run = diffusion(model, "--guidances 0,3");
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> tried = run.out().lines().filter(line -> line.startsWith("Guidance:")).toList();
    assertThat(tried).hasSize(4);
    String best =
        tried.stream()
            .max(
                java.util.Comparator.comparingDouble(
                    line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))))
            .orElseThrow();
    DreamRec loaded = (DreamRec) SavedModel.load(model);
    assertThat(best)
        .startsWith("Guidance:   " + (loaded.sampling().guidance() == 0 ? "0," : "3,"))
        .contains(loaded.similarity() == Similarity.COSINE ? "cosine" : "inner product");
  }

  @Test
  void llmEsrIsTrainedOnPrefixes() throws IOException {
    Execution run = train("--preset", "recommended", "--model_type", "LLM-ESR");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject settings = report().getAsJsonObject("settings");
    assertThat(settings.get("positions").getAsString()).isEqualTo("last");
    assertThat(settings.get("prefixes").getAsBoolean()).isTrue();
    assertThat(train("--positions", "every", "--model_type", "LLM-ESR").err())
        .contains("--positions every is not possible with LLM-ESR");
  }

  @Test
  void coverOfAllColumnsIsAnError() {
    assertThat(train("--preset", "recommended", "--cover").err())
        .contains("--cover replaces text by IDs")
        .contains("give --null_dim too");
    assertThat(train("--cover").out())
        .startsWith("Settings:   published, because --cover is given");
  }

  @Test
  void widthsFitTheHeads() {
    Path narrow = folder.resolve("narrow");
    GeneratedCatalogue.builder().items(60).users(150).dim(15).build().write(narrow);
    Execution run =
        Execution.of("train", "--data", narrow.toString(), "--epochs", "1", "--num_heads", "2");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("d = 14");
  }
}
