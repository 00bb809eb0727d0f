package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An option that has no effect is refused, or a warning says so. */
class OptionsWithEffectTest {
  private static final String QUICK = " --epoch 1 --hidden_dim 4 -q";

  @TempDir private static Path folder;

  @BeforeAll
  static void makeModels() throws IOException {
    succeed("generate-data --output FOLDER/data --items 60 --users 80 --dim 8");
    Path whole = Files.createDirectory(folder.resolve("whole"));
    for (String file : List.of("item_embeddings.npy", "sequences.tsv")) {
      Files.copy(folder.resolve("data").resolve(file), whole.resolve(file));
    }
    succeed("train --data FOLDER/data --null_dim 2 --output FOLDER/m" + QUICK);
    succeed("train_graph --data FOLDER/data --model lightgcn --output FOLDER/graph" + QUICK);
  }

  private static Execution run(String line) {
    return Execution.line(line, folder);
  }

  private static Execution succeed(String line) {
    Execution run = run(line);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "decompose --data FOLDER/data --split ratio|--split has no effect without"
            + " --item_frequency_flag",
        "decompose --data FOLDER/data --k_core 2|--k_core has no effect without",
        "decompose --data FOLDER/data --interactions x.csv|--interactions has no effect without",
        "decompose --data FOLDER/data --max_line_length 9|--max_line_length has no effect without",
        "evaluate --model FOLDER/m --data FOLDER/data --embeddings x.npy|--embeddings has no effect"
            + " without --zero_shot",
        "evaluate --model FOLDER/m --data FOLDER/data --language_model_type x|--language_model_type"
            + " has no effect without --zero_shot",
        "evaluate --model FOLDER/graph --data FOLDER/data --groups users:3|--groups is for sequence"
            + " models",
        "evaluate --model FOLDER/graph --data FOLDER/data --mask_seen|--mask_seen is for sequence",
        "evaluate --model FOLDER/m --data FOLDER/data --sampled_seed 4|--sampled_seed has no effect"
            + " without --sampled_negatives",
        "evaluate --model FOLDER/m --data FOLDER/data --sampler ddpm --linespace 5|--linespace has"
            + " no effect without --sampler ddim",
        "train --data FOLDER/data --sampled_seed 4|--sampled_negatives",
        "tune --data FOLDER/data --output FOLDER/x --try lr=0.1,0.2 --groups users:3|--groups is for"
            + " reports on the test part",
        "tune --data FOLDER/data --output FOLDER/x --try lr=0.1,0.2 --sampled_negatives 3|--sampled",
        "train --file_order|--file_order is for a data folder, but the data are generated: add"
            + " --data",
        "train --interactions x.csv|--interactions is for a data folder",
        "train --user_column x|--user_column is for a data folder",
        "train --data-root FOLDER|--data-root is for a data folder",
        "train --language_model_type x|--language_model_type is for a data folder",
        "train --skip_malformed|--skip_malformed is for a data folder",
        "train --min_rating 3|--min_rating is for a data folder",
        "train_graph --max_expansion 3|--max_expansion is for a data folder",
        "train --distinct|--distinct needs whole sequences",
        "train --split_seed 3|--split_seed needs whole sequences",
        "train --data FOLDER/data --columns user,item|--columns needs whole sequences, but the data"
            + " are already split: add --split",
        "train --data FOLDER/data --k_core 3|--k_core needs whole sequences",
        "train --data FOLDER/data --min_rating 3|--min_rating needs whole sequences",
        "train --data FOLDER/data --split_seed 3|--split_seed needs whole sequences",
        "train --data FOLDER/data --skip_malformed|--skip_malformed needs whole sequences",
        "train --data FOLDER/data --interactions sequences.tsv|--interactions needs whole",
        "train --data FOLDER/data --split leave-one-out --split_seed 3|--split_seed needs --split"
            + " ratio",
        "train --data FOLDER/whole --split_at 1 2|--split_at needs --split temporal, found ratio",
        "train --data FOLDER/whole --rating_column stars|--rating_column has no effect without"
            + " --min_rating",
        "train --data FOLDER/data --embeddings x.npy --language_model_type y|give only one of them",
        "train_graph --data FOLDER/data --split_seed 3|--split_seed is for sequence models"
      })
  void isRefused(String line, String message) {
    Execution run = run(line);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "decompose --data FOLDER/data --split ratio --split_seed 3 --item_frequency_flag",
        "evaluate --model FOLDER/m --data FOLDER/data --sampled_negatives 9 --sampled_seed 4",
        "evaluate --model FOLDER/m --data FOLDER/data --groups users:3 --mask_seen",
        "train --data FOLDER/whole --split_seed 3" + QUICK,
        "train --data FOLDER/data --null_dim 2 --loss_type BCE --neg_ratio 3" + QUICK,
        "train --data FOLDER/data --null_dim 2 --loss_type cosineCE --temperature 0.2" + QUICK,
        "train --data FOLDER/data --model_type SASRec --ID_embs_init_type normal" + QUICK,
        "train --data FOLDER/data --model_type MoRec --scale 30 --normalize rows" + QUICK,
        "train_graph --data FOLDER/data --model lightgcn --loss infonce --tau 0.2 --negatives 3"
            + QUICK
      })
  void passesWithoutAWarningWhereItHasAnEffect(String line) {
    assertThat(succeed(line).err()).doesNotContain("no effect");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train --model_type SASRec --null_dim 2|--null_dim has no effect with --model_type SASRec",
        "train --model_type SASRec --cover|--cover has no effect with --model_type SASRec",
        "train --model_type MoRec --solver randomized|--solver has no effect with --model_type MoRec",
        "train --model_type LLMInit --id_scale 2|--id_scale has no effect with --model_type LLMInit",
        "train --null_dim 2 --loss_type CE --neg_ratio 3|--neg_ratio has no effect with --loss_type"
            + " CE",
        "train --null_dim 2 --loss_type BCE --temperature 3|--temperature has no effect with"
            + " --loss_type BCE",
        "train --null_dim 2 --null_thres 1e-6|--null_dim has no effect with --null_thres",
        "train_diffusion --null_dim 2 --beta_sche exp --beta_end 0.1|--beta_end has no effect with"
            + " --beta_sche exp",
        "train_diffusion --null_dim 2 --timesteps 8 --sampler ddpm --linespace 4|--linespace has no"
            + " effect with --sampler ddpm",
        "train_graph --model lightgcn --tau 0.2|--tau has no effect with --loss bpr",
        "train_graph --model lightgcn --negatives 3|--negatives has no effect with --loss bpr"
      })
  void isWarnedAbout(String line, String message) {
    Execution run = run(line + " --data FOLDER/data" + QUICK);
    assertThat(run.err().lines()).contains("warning: " + message);
    // A threshold that suits no data is a matter of the data.
    if (!line.contains("--null_thres")) {
      assertThat(run.exitCode()).as(run.err()).isZero();
    }
  }

  @Test
  void comparisonsAndSearchesWarnOnce() {
    String common = " --data FOLDER/data --epochs 1 --hidden_dim 4 -q";
    Execution compared =
        succeed(
            "compare --methods id:null_dim=2,half=alphafuse:null_dim=2 --seeds 22,23"
                + " --output FOLDER/compared"
                + common);
    assertThat(compared.err().lines().filter(line -> line.contains("no effect")))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("warning: --methods ")
        .endsWith(": --null_dim has no effect with --model_type SASRec");
    Execution searched =
        succeed(
            "tune --method id --null_dim 2 --try lr=0.01,0.02 --trials 2 --keep_one_of 2"
                + " --output FOLDER/searched"
                + common);
    assertThat(searched.err().lines().filter(line -> line.contains("no effect")))
        .containsExactly("warning: --null_dim has no effect with --model_type SASRec");
  }

  /** Earlier versions took such options and saved them with the model. */
  @Test
  void notesOfEarlierModelsDoNotStopAnEvaluation() {
    succeed(
        "train --data FOLDER/whole --split_seed 3 --skip_unknown --null_dim 2 --output FOLDER/seeded"
            + QUICK);
    Execution run = succeed("evaluate --model FOLDER/seeded --data FOLDER/data");
    assertThat(run.err()).contains("Split:      --split_seed 3 --skip_unknown");
  }

  @Test
  void comparisonsAndSearchesNeedValidation() throws IOException {
    Path few = Files.createDirectory(folder.resolve("few"));
    Files.copy(folder.resolve("data/item_embeddings.npy"), few.resolve("item_embeddings.npy"));
    Files.writeString(few.resolve("sequences.tsv"), "a\t1 2 3\nb\t3 4 5\nc\t5 6 7\nd\t7 8 9\n");
    String common = " --data FOLDER/few --epochs 1 --hidden_dim 4 --output FOLDER/unvalidated";
    assertThat(run("compare --methods id" + common).err())
        .startsWith("error: compare needs validation and test examples, found 0 and ");
    assertThat(run("tune --method id --try lr=0.1,0.2" + common).err())
        .startsWith("error: tune needs validation examples, found none");
  }
}
