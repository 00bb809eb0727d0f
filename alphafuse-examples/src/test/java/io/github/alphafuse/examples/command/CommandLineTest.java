package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  private static final String QUICK =
      " --hidden_dim 16 --null_dim 8 --neg_ratio 4 --epoch 2 --lr 0.01 --max_length 5";

  @TempDir static Path root;

  @BeforeAll
  static void generate() throws IOException {
    for (String name : new String[] {"ATV", "ATG", "ASO"}) {
      Execution run =
          Execution.line(
              "generate-data --output FOLDER/" + name + " --items 150 --users 300 --dim 130", root);
      assertThat(run.exitCode()).as(run.err()).isZero();
    }
    Path ATV = root.resolve("ATV");
    Files.copy(ATV.resolve("item_embeddings.npy"), ATV.resolve("3small_emb.npy"));
    for (String name : new String[] {"ATG", "ASO"}) {
      Path folder = root.resolve(name);
      Files.move(folder.resolve("item_embeddings.npy"), folder.resolve("3large_emb.npy"));
    }
  }

  private static JsonObject json(String file) throws IOException {
    return JsonParser.parseString(Files.readString(root.resolve(file))).getAsJsonObject();
  }

  @ParameterizedTest
  @CsvSource({
    "'--data ATV --random_seed 22 --model_type AlphaFuse --cuda 0 --language_model_type 3small"
        + " --ID_embs_init_type zeros --hidden_dim 128 --null_dim 64 --lr 0.001 -loss_type infoNCE"
        + " --neg_ratio 64', zeros, 0.001",
    "'--data ATG --random_seed 22 --model_type AlphaFuse --cuda 1 --language_model_type 3large"
        + " --ID_embs_init_type normal --hidden_dim 128 --null_dim 64 --lr 0.001 -loss_type infoNCE"
        + " --neg_ratio 64', normal, 0.001",
    "'--data ASO --random_seed 22 --model_type AlphaFuse --cuda 2 --language_model_type 3large"
        + " --ID_embs_init_type normal --hidden_dim 128 --null_dim 64 --lr 0.01 -loss_type infoNCE"
        + " --neg_ratio 64', normal, 0.01"
  })
  void runsTheAuthorsCommandsAsWritten(String flags, String init, double rate) throws IOException {
    Execution run =
        Execution.line(
            "train " + flags + " --data-root FOLDER --epoch 1 --json FOLDER/authors.json", root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).startsWith("warning: --cuda ").hasLineCount(1);
    JsonObject settings = json("authors.json").getAsJsonObject("settings");
    assertThat(settings.get("random_seed").getAsLong()).isEqualTo(22);
    assertThat(settings.get("model_type").getAsString()).isEqualTo("AlphaFuse");
    assertThat(settings.get("ID_embs_init_type").getAsString()).isEqualTo(init);
    assertThat(settings.get("hidden_dim").getAsInt()).isEqualTo(128);
    assertThat(settings.get("null_dim").getAsInt()).isEqualTo(64);
    assertThat(settings.get("lr").getAsDouble()).isEqualTo(rate);
    assertThat(settings.get("loss_type").getAsString()).isEqualTo("infoNCE");
    assertThat(settings.get("neg_ratio").getAsInt()).isEqualTo(64);
    assertThat(settings.get("epoch").getAsInt()).isEqualTo(1);
    assertThat(settings.get("standardization").getAsBoolean()).isTrue();
    assertThat(settings.get("lazy_adam").getAsBoolean()).isFalse();
    assertThat(settings.get("cover").getAsBoolean()).isFalse();
    assertThat(settings.get("normalize").getAsString()).isEqualTo("mean");
  }

  @Test
  void takesTheOlderFrameworksFlagsAndTheKebabCaseTwins() throws IOException {
    Execution run =
        Execution.line(
            "train --data ATV --emb_type 3small --emb_std 40 --trans_type Null --random-seed 3"
                + " --model-type alphafuse --id-embs-init-type normal --hidden-dim 16 --null-dim 4"
                + " --loss-type BCE --neg-ratio 2 --batch-size 64 --epoch 1 --dropout-rate 0"
                + " --num-heads 2 --num-blocks 2 --l2-decay 0 --item-frequency-flag true"
                + " --standardization false --cover --prefixes --mask-seen --no-shuffle --lazy-adam"
                + " --metric hr@10 --normalize rows --max-length 5 --quiet"
                + " --data-root FOLDER --json FOLDER/twins.json",
            root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject settings = json("twins.json").getAsJsonObject("settings");
    assertThat(settings.get("language_model_type").getAsString()).isEqualTo("3small");
    assertThat(settings.get("scale").getAsDouble()).isEqualTo(40);
    assertThat(settings.get("random_seed").getAsLong()).isEqualTo(3);
    assertThat(settings.get("ID_embs_init_type").getAsString()).isEqualTo("normal");
    assertThat(settings.get("null_dim").getAsInt()).isEqualTo(4);
    assertThat(settings.get("loss_type").getAsString()).isEqualTo("BCE");
    assertThat(settings.get("item_frequency_flag").getAsBoolean()).isTrue();
    assertThat(settings.get("standardization").getAsBoolean()).isFalse();
    assertThat(settings.get("cover").getAsBoolean()).isTrue();
    assertThat(settings.get("prefixes").getAsBoolean()).isTrue();
    assertThat(settings.get("mask_seen").getAsBoolean()).isTrue();
    assertThat(settings.get("lazy_adam").getAsBoolean()).isTrue();
    assertThat(settings.get("shuffle").getAsBoolean()).isFalse();
    assertThat(settings.get("metric").getAsString()).isEqualTo("HR@10");
    assertThat(settings.get("normalize").getAsString()).isEqualTo("rows");
    assertThat(settings.get("num_blocks").getAsInt()).isEqualTo(2);
  }

  @Test
  void writesOneJsonObjectWithAllDigits() throws IOException {
    Execution run =
        Execution.line(
            "train --data FOLDER/ATV" + QUICK + " --json FOLDER/keys.json --quiet", root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject report = json("keys.json");
    assertThat(report.keySet())
        .containsExactly(
            "settings", "trainableParameters", "epochs", "bestEpoch", "test", "groups", "dropped");
    assertThat(report.getAsJsonArray("epochs")).hasSize(2);
    JsonObject epoch = report.getAsJsonArray("epochs").get(0).getAsJsonObject();
    assertThat(epoch.keySet())
        .containsExactly("epoch", "loss", "seconds", "evaluationSeconds", "validation");
    assertThat(epoch.getAsJsonObject("validation").keySet()).contains("NDCG@20");
    assertThat(report.getAsJsonObject("test").keySet())
        .hasSize(30)
        .startsWith(
            "HR@1",
            "HR@5",
            "HR@10",
            "HR@20",
            "HR@50",
            "NDCG@1",
            "NDCG@5",
            "NDCG@10",
            "NDCG@20",
            "NDCG@50",
            "MRR@1",
            "MRR@5",
            "MRR@10",
            "MRR@20",
            "MRR@50",
            "unseen HR@1")
        .endsWith("unseen MRR@50");
    String loss = epoch.get("loss").getAsString();
    assertThat(loss)
        .isEqualTo(Double.toString(epoch.get("loss").getAsDouble()))
        .hasSizeGreaterThan(8);
    assertThat(report.get("trainableParameters").getAsLong()).isGreaterThan(151 * 8);
    assertThat(root.resolve("keys.json.part")).doesNotExist();
  }

  @Test
  void evaluatesASavedModelAsTrainingDid() {
    Execution trained =
        Execution.line(
            "train --data FOLDER/ATV" + QUICK + " --quiet --output FOLDER/saved.alphafuse", root);
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    Execution evaluated =
        Execution.line("evaluate --model FOLDER/saved.alphafuse --data FOLDER/ATV", root);
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    assertThat(evaluated.out()).isEqualTo(trained.out()).contains("popularity");

    Execution titled =
        Execution.of(
            "recommend",
            "--model",
            root.resolve("saved.alphafuse").toString(),
            "--data",
            root.resolve("ATV").toString(),
            "--history",
            "3 17, 40",
            "--top",
            "4");
    assertThat(titled.exitCode()).as(titled.err()).isZero();
    assertThat(titled.out().lines()).hasSize(4).allMatch(line -> line.contains(" no. "));
    Execution bare =
        Execution.of(
            "recommend", "--model", root.resolve("saved.alphafuse").toString(), "--history", "3");
    assertThat(bare.exitCode()).isZero();
    assertThat(bare.out().lines()).hasSize(10).noneMatch(line -> line.contains(" no. "));
    Execution unknown =
        Execution.of(
            "recommend", "--model", root.resolve("saved.alphafuse").toString(), "--history", "x");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).contains("'x'").hasLineCount(1);
  }

  @Test
  void printsWhatItRunsOnTheDecompositionAndRecommendations() {
    Execution run = Execution.line("train --data FOLDER/ATV --split leave-one-out" + QUICK, root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("AlphaFuse on nd4j-")
        .contains("over 150 items")
        .contains("d_l = 130, d = 16, d_n = 8")
        .contains("residual")
        .contains("orthonormality error")
        .contains("trainable parameters")
        .contains("epoch   2/2")
        .contains("popularity")
        .contains("is recommended");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SASRec", "LLMInit", "TextOnly"})
  void trainsTheOtherModelTypes(String type) {
    Execution run = Execution.line("train --data FOLDER/ATV --model_type " + type + QUICK, root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("Model:      " + type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ce", "CosineCE"})
  void trainsWithTheOtherLosses(String loss) {
    Execution run = Execution.line("train --data FOLDER/ATV --loss_type " + loss + QUICK, root);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @Test
  void decomposesAndSavesTheProjector() {
    Execution run =
        Execution.line(
            "decompose --data FOLDER/ATV --null_thres 0.25 --hidden_dim 120 --output FOLDER/p.zip",
            root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("variance", "threshold", "nullity", "orthonormality error");
    NullSpaceProjector projector = NullSpaceProjector.load(root.resolve("p.zip"));
    assertThat(projector.embeddingDim()).isEqualTo(120);
    long nullity =
        java.util.Arrays.stream(projector.singularValues()).filter(s -> s <= 0.25).count();
    assertThat((long) projector.nullDim()).isEqualTo(nullity);
  }

  @Test
  void decomposesByTheRandomizedSolverAndShowsItsError() {
    Execution run =
        Execution.line("decompose --data FOLDER/ATV --hidden_dim 8 --solver randomized", root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("eigenvectors by randomized (", "): residual ", "orthonormality error", "<= ");
    Execution threshold =
        Execution.line(
            "decompose --data FOLDER/ATV --hidden_dim 8 --null_thres 0.25 --solver randomized",
            root);
    assertThat(threshold.exitCode()).isNotZero();
    assertThat(threshold.err()).contains("--null_thres counts over all");
  }

  @Test
  void generatedDataGiveTheSameResultFromAFolder() throws IOException {
    Path folder = root.resolve("again");
    Execution.line(
        "generate-data --output FOLDER --items 1500 --users 10000 --dim 64 --seed 22", folder);
    assertThat(Files.list(folder).map(p -> String.valueOf(p.getFileName())))
        .containsExactlyInAnyOrder(
            "item_embeddings.npy",
            "items.tsv",
            "sequences.tsv",
            "train.txt",
            "valid.txt",
            "test.txt");
    String flags =
        " --hidden_dim 8 --null_dim 4 --neg_ratio 1 --epoch 1 --lr 0.01 --max_length 2 --quiet"
            + " --batch_size 1024";
    Execution fromFolder = Execution.line("train --data FOLDER" + flags, folder);
    Execution inMemory = Execution.line("train" + flags, folder);
    assertThat(fromFolder.exitCode()).as(fromFolder.err()).isZero();
    assertThat(inMemory.out()).isEqualTo(fromFolder.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|a command is missing",
        "fly|fly",
        "trian|did you mean train?",
        "train --lr -1|--lr",
        "train --lr fast|found 'fast'",
        "train --batch_size 0|at least 1",
        "train --null_dim 2.5|whole number",
        "train --dropout_rate 1|[0, 1)",
        "train --loss_type hinge|infoNCE, BCE, CE, cosineCE",
        "train --model_type BERT|AlphaFuse, SASRec, LLMInit, TextOnly",
        "train --metric best|NDCG@20",
        "train --cover perhaps|perhaps",
        "train --solver fast|exact, randomized",
        "train --hidden_dim 8 --null_dim 9|--null_dim must be at most --hidden_dim 8, found 9",
        "train --ID_embs_init_type ones|'ones'",
        "train --groups users:0|at least 1, found '0'",
        "train --groups users:100%|expected users:N, items:N, users:P%",
        "train --groups old|cold-users or cold-items, found 'old'",
        "train --sampled_negatives 0|at least 1",
        "train --long_tail books|[yelp, fashion, beauty], found 'books'",
        "train --k_core 0|at least 1",
        "train --min_rating much|a number, found 'much'",
        "train --split by-time|[ratio, leave-one-out, temporal]",
        "train --trans_type Full|--trans_type must be Null",
        "train --model_type DreamRec|train it with train_diffusion",
        "train --w 3|--w",
        "train_diffusion --timesteps 0|--timesteps",
        "train_diffusion --timesteps 1.5|a whole number of at least 1, found '1.5'",
        "train_diffusion --linespace 300|--linespace must divide the schedule's 2000 steps,"
            + " found 300; the nearest that do are 250 and 400",
        "train_diffusion --linespace 0|at least 1",
        "train_diffusion --beta_start 0|a number in (0, 1), found '0'",
        "train_diffusion --beta-end 1|a number in (0, 1), found '1'",
        "train_diffusion --beta_start 0.1|--beta_end must be at least --beta_start 0.1, found 0.02",
        "train_diffusion --beta_start 0.9 --beta_end 0.99|--beta_sche linear: the linear schedule"
            + " of 2000 steps leaves no signal",
        "train_diffusion --beta_sche step|[linear, exp, cosine, sqrt], found 'step'",
        "train_diffusion --w -1|a number of at least 0, found '-1'",
        "train_diffusion --condition_dropout 1|a number in [0, 1), found '1'",
        "train_diffusion --samples 0|at least 1",
        "train_diffusion --loss_type infoNCE|l2, l1 or huber, found 'infoNCE'",
        "train_diffusion --neg_ratio 4|--neg_ratio",
        "evaluate --model FOLDER/x --w -1|a number of at least 0",
        "train --nul_dim 3|did you mean --null_dim?",
        "evaluate|--model",
        "generate-data --output FOLDER/x --items 3|--items must be at least 50, found 3"
      })
  void usageErrorsAreOneLineAndExitWithTwo(
      @org.jspecify.annotations.Nullable String line, String message) {
    Execution run = line == null ? Execution.of() : Execution.line(line, root);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train --data FOLDER/nowhere|nothing at",
        "train --data ATG --data-root FOLDER|--language_model_type NAME",
        "train --data ATV --data-root FOLDER --language_model_type bert|bert_emb.npy",
        "train --data FOLDER/ATV --embeddings FOLDER/none.npy|--embeddings names no file",
        "train --data FOLDER/ATV --hidden_dim 4000|[1, 130]",
        "train --data FOLDER/ATV --hidden_dim 16 --null_thres 1e9|row space",
        "train --data FOLDER/ATV --checkpoint FOLDER/none/c.zip|--checkpoint",
        "train_diffusion --data FOLDER/ATV --hidden_dim 131|[1, 130]",
        "train_diffusion --data FOLDER/ATV --model_type iDreamRec --hidden_dim 64|must be their"
            + " width 130, found 64",
        "train --data FOLDER/ATV --hidden_dim 15 --num_heads 2|--num_heads must divide",
        "train --data FOLDER/ATV --json FOLDER/none/x.json|--json",
        "train --data FOLDER/ATV --hidden_dim 16 --lr 1e30 --epoch 4 --loss_type ce|diverged",
        "evaluate --model FOLDER/none|--model names no file",
        "generate-data --output FOLDER/ATV|--output must name a new or empty folder, found other"
            + " files in",
        "generate-data --output FOLDER/ATV/items.tsv|--output must name a folder, found a file",
        "train --data FOLDER/ATV --output /dev/null|--output must name a file, found a device",
        "train --data FOLDER/ATV --checkpoint FOLDER/ATV/items.tsv|items.tsv",
        "evaluate --model FOLDER/ATV/items.tsv --data FOLDER/ATV|items.tsv"
      })
  void otherErrorsAreOneLineAndExitWithOne(String line, String message) {
    Execution run = Execution.line(line, root);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void verboseShowsTheStackTrace() {
    Execution run = Execution.line("train --verbose --data FOLDER/nowhere", root);
    assertThat(run.err()).contains("\tat ");
    assertThat(run.errorLines()).isGreaterThan(3);
  }

  @Test
  void helpNamesEveryCommand() {
    assertThat(Execution.of("--help").out())
        .contains(
            "train", "evaluate", "recommend", "decompose", "generate-data", "train_diffusion");
    assertThat(Execution.of("train-diffusion", "--help").out())
        .contains("--beta_sche", "--beta-sche", "--linespace", "-loss_type", "--checkpoint");
    assertThat(Execution.of("train", "--help").out()).contains("--null_dim", "-loss_type");
  }
}
