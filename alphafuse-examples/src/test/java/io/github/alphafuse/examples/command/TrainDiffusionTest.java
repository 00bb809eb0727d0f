package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.alphafuse.backbones.dreamrec.Denoiser;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainDiffusionTest {
  private static final String QUICK =
      "train_diffusion --data FOLDER/ATV --timesteps 40 --linespace 10 --epoch 2 --lr 0.01"
          + " --evaluate_every 1 --max_length 5";

  @TempDir static Path root;

  @BeforeAll
  static void generate() throws IOException {
    Execution run =
        Execution.line("generate-data --output FOLDER/ATV --items 150 --users 300 --dim 20", root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    Path folder = root.resolve("ATV");
    Files.move(folder.resolve("item_embeddings.npy"), folder.resolve("3small_emb.npy"));
    Files.copy(folder.resolve("3small_emb.npy"), folder.resolve("item_embeddings.npy"));
  }

  private static Execution success(String line) {
    Execution run = Execution.line(line, root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static JsonObject settings(String file) throws IOException {
    return JsonParser.parseString(Files.readString(root.resolve(file)))
        .getAsJsonObject()
        .getAsJsonObject("settings");
  }

  @Test
  void takesTheAuthorsFlagsAndDefaults() throws IOException {
    Execution run =
        success(
            "train_diffusion --data ATV --random_seed 22 --model_type AlphaFuse --cuda 0"
                + " --language_model_type 3small --ID_embs_init_type normal --null_thres 2"
                + " --loss_type l2 --data-root FOLDER --epoch 1 --json FOLDER/authors.json");
    assertThat(run.err()).startsWith("warning: --cuda ").hasLineCount(1);
    assertThat(run.out()).contains("training ").contains("evaluation ").contains("popularity");
    JsonObject settings = settings("authors.json");
    assertThat(settings.get("model_type").getAsString()).isEqualTo("AlphaFuse");
    assertThat(settings.get("lr").getAsDouble()).isEqualTo(1e-5);
    assertThat(settings.get("l2_decay").getAsDouble()).isZero();
    assertThat(settings.get("hidden_dim").getAsInt()).isEqualTo(20);
    assertThat(settings.get("null_thres").getAsDouble()).isEqualTo(2);
    assertThat(settings.get("loss_type").getAsString()).isEqualTo("l2");
    assertThat(settings.get("timesteps").getAsInt()).isEqualTo(2000);
    assertThat(settings.get("linespace").getAsInt()).isEqualTo(100);
    assertThat(settings.get("beta_sche").getAsString()).isEqualTo("linear");
    assertThat(settings.get("beta_start").getAsDouble()).isEqualTo(1e-4);
    assertThat(settings.get("beta_end").getAsDouble()).isEqualTo(0.02);
    assertThat(settings.get("w").getAsDouble()).isEqualTo(5);
    assertThat(settings.get("samples").getAsInt()).isEqualTo(1);
    assertThat(settings.get("sampler").getAsString()).isEqualTo("ddim");
    assertThat(settings.get("denoiser").getAsString()).isEqualTo("linear");
    assertThat(settings.get("condition_dropout").getAsDouble()).isEqualTo(0.1);
    assertThat(settings.get("evaluate_every").getAsInt()).isEqualTo(5);
    assertThat(settings.get("patience").getAsInt()).isEqualTo(50);
    assertThat(settings.get("cuda").getAsInt()).isZero();
    assertThat(settings.get("data_root").getAsString()).isEqualTo(root.toString());
  }

  @Test
  void takesTheKebabCaseTwins() throws IOException {
    success(
        "train-diffusion --data FOLDER/ATV --timesteps 40 --linespace 8 --beta-sche cosine"
            + " --beta-start 0.001 --beta-end 0.1 --w 2 --loss-type huber --denoiser mlp"
            + " --condition-dropout 0.2 --samples 2 --evaluate-every 1 --epoch 1 --null-dim 5"
            + " --hidden-dim 16 --lr 0.01 --l2-decay 0.01 --quiet --output FOLDER/twins.zip"
            + " --json FOLDER/twins.json");
    DreamRec model = DreamRec.load(root.resolve("twins.zip"));
    assertThat(model.schedule().name()).isEqualTo("cosine");
    assertThat(model.schedule().steps()).isEqualTo(40);
    assertThat(model.denoiser()).isEqualTo(Denoiser.MLP);
    assertThat(model.conditionDropout()).isEqualTo(0.2);
    assertThat(model.sampling().stride()).isEqualTo(8);
    assertThat(model.sampling().guidance()).isEqualTo(2);
    assertThat(model.sampling().samples()).isEqualTo(2);
    JsonObject settings = settings("twins.json");
    assertThat(settings.get("null_dim").getAsInt()).isEqualTo(5);
    assertThat(settings.get("null_thres").isJsonNull()).isTrue();
    assertThat(settings.get("hidden_dim").getAsInt()).isEqualTo(16);
    assertThat(settings.get("loss_type").getAsString()).isEqualTo("huber");
    assertThat(settings.get("l2_decay").getAsDouble()).isEqualTo(0.01);
  }

  @ParameterizedTest
  @CsvSource({"SASRec, 128", "DreamRec, 128", "LLMInit, 20", "TextOnly, 20", "iDreamRec, 20"})
  void trainsTheOtherModelTypes(String type, int dim) {
    success(QUICK + " --model_type " + type + " --null_dim 10 --output FOLDER/type.zip");
    DreamRec model = DreamRec.load(root.resolve("type.zip"));
    assertThat(model.items().dim()).isEqualTo(dim);
    assertThat(model.items() instanceof IdItemEmbedding)
        .isEqualTo(!type.equals("TextOnly") && !type.equals("iDreamRec"));
  }

  @Test
  void samplesWithNoiseOverAllSteps() {
    success(QUICK + " --null_dim 10 --sampler ddpm --output FOLDER/ddpm.zip");
    assertThat(DreamRec.load(root.resolve("ddpm.zip")).sampling().stride()).isZero();
  }

  @Test
  void aSavedModelIsEvaluatedAndRecommendsWithItsOwnSamplingOrAnother() throws IOException {
    Execution trained = success(QUICK + " --null_dim 10 --quiet --output FOLDER/saved.zip");
    String evaluate = "evaluate --model FOLDER/saved.zip --data FOLDER/ATV --json FOLDER/e.json";
    assertThat(success(evaluate).out()).isEqualTo(trained.out()).contains("popularity");
    assertThat(settings("e.json").get("w").getAsDouble()).isEqualTo(5);
    String other = success(evaluate + " --w 0 --linespace 20 --samples 3").out();
    assertThat(other).isNotEqualTo(trained.out());
    assertThat(settings("e.json").get("w").getAsDouble()).isZero();
    assertThat(settings("e.json").get("linespace").getAsInt()).isEqualTo(20);
    assertThat(settings("e.json").get("samples").getAsInt()).isEqualTo(3);
    String recommend = "recommend --model FOLDER/saved.zip --history 3,17,40 --top 4";
    String own = success(recommend).out();
    assertThat(own.lines()).hasSize(4);
    assertThat(success(recommend).out()).isEqualTo(own);
    assertThat(success(recommend + " --w 1 --samples 2").out()).isNotEqualTo(own);

    Execution stride = Execution.line(recommend + " --linespace 30", root);
    assertThat(stride.exitCode()).isEqualTo(1);
    assertThat(stride.err()).contains("nearest that do are 20 and 40").hasLineCount(1);
  }

  @Test
  void samplingIsNoOptionOfASasRecModel() {
    success("train --data FOLDER/ATV --epoch 1 --quiet --output FOLDER/sasrec.zip");
    Execution run = Execution.line("recommend --model FOLDER/sasrec.zip --history 3 --w 1", root);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("sasrec.zip is not one").hasLineCount(1);
  }

  @Test
  void aRunThatWasStoppedComesToTheSameModel() {
    String line = QUICK.replace("--epoch 2", "") + " --null_dim 10 --quiet";
    Execution whole = success(line + " --epoch 4 --output FOLDER/whole.zip");
    String resumable = line + " --checkpoint FOLDER/run.ckpt --output FOLDER/resumed.zip";
    success(resumable + " --epoch 2");
    Execution resumed = success(resumable + " --epoch 4");
    assertThat(resumed.out()).isEqualTo(whole.out());
    Map<String, Tensor> expected = DreamRec.load(root.resolve("whole.zip")).parameters();
    Map<String, Tensor> found = DreamRec.load(root.resolve("resumed.zip")).parameters();
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    for (Map.Entry<String, Tensor> parameter : expected.entrySet()) {
      assertThat(java.util.Objects.requireNonNull(found.get(parameter.getKey())).floats())
          .as(parameter.getKey())
          .isEqualTo(parameter.getValue().floats());
    }

    Execution other = Execution.line(resumable + " --epoch 4 --condition_dropout 0.3", root);
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err())
        .contains("is a checkpoint of a run with other settings")
        .contains("condition dropout 0.3");
  }
}
