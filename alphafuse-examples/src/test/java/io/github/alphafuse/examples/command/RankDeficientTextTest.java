package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands on text that has directions without variance, as that of real encoders. */
class RankDeficientTextTest {
  private static final int WIDTH = 20;
  private static final String DIFFUSION =
      "train_diffusion --data FOLDER/text --timesteps 20 --linespace 10 --epoch 1 --lr 0.01"
          + " --max_length 5 --json FOLDER/run.json";
  private static final String LEFT_OUT =
      "Left out:   3 of 20 directions of the text, which have no variance; the width used" + " is ";

  @TempDir static Path root;

  @BeforeAll
  static void generate() {
    // Of fewer items than columns, and of three columns that say nothing new.
    success("generate-data --output FOLDER/few --items 60 --users 200 --dim 130");
    success("generate-data --output FOLDER/text --items 150 --users 300 --dim " + WIDTH);
    Path file = root.resolve("text/item_embeddings.npy");
    Tensor rows = LanguageEmbeddings.npy(file).toTensor().copy();
    for (int i = 0; i < rows.shape(0); i++) {
      int row = i * WIDTH;
      rows.set(row + 3, 0.25);
      rows.set(row + 8, rows.get(row + 1));
      rows.set(row + 19, rows.get(row + 2));
    }
    NpyWriter.write(file, rows);
  }

  private static Execution success(String line) {
    Execution run = Execution.line(line, root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static JsonObject settings() throws IOException {
    return JsonParser.parseString(Files.readString(root.resolve("run.json")))
        .getAsJsonObject()
        .getAsJsonObject("settings");
  }

  /** The width of rows: that of LLM-ESR is twice an even one, that of WhitenRec is trained. */
  @ParameterizedTest
  @CsvSource({
    "AlphaFuse --null_thres 2, 17, 17",
    "AlphaFuse --null_dim 5, 17, 17",
    "TextOnly, 17, 17",
    "LLMInit, 17, 17",
    "iDreamRec, 17, 17",
    "LLM-ESR, 16, 32",
    "WhitenRec, 17, 20"
  })
  void diffusionsLeaveOutWhatHasNoVariance(String type, int width, int dim) throws IOException {
    Execution run = success(DIFFUSION + " --model_type " + type + " --output FOLDER/model.zip");
    assertThat(run.out()).containsOnlyOnce(LEFT_OUT + width + System.lineSeparator());
    assertThat(settings().get("hidden_dim").getAsInt()).isEqualTo(dim);
    DreamRec model = DreamRec.load(root.resolve("model.zip"));
    assertThat(model.items().dim()).isEqualTo(dim);
    assertThat(model.items().table().firstNonFinite()).isNegative();
  }

  @ParameterizedTest
  @ValueSource(strings = {"MoRec", "UniSRec", "DreamRec", "AlphaFuse --standardization false"})
  void nothingIsLeftOutWhereNothingIsStandardised(String type) throws IOException {
    Execution run = success(DIFFUSION + " --null_dim 5 --model_type " + type);
    assertThat(run.out()).doesNotContain("directions of the text");
    assertThat(settings().get("hidden_dim").getAsInt())
        .isEqualTo(type.equals("DreamRec") ? 128 : WIDTH);
  }

  /** Half of the columns that there are hold IDs. */
  @ParameterizedTest
  @CsvSource({
    "text, AlphaFuse, 3 of 20, 17, 8",
    "few, AlphaFuse, 71 of 130, 59, 29",
    "few, AlphaFuse --item_frequency_flag true, 71 of 130, 59, 29",
    "few, AlphaFuse --solver randomized, 71 of 130, 59, 29"
  })
  void rankingModelsDoTheSame(String data, String type, String leftOut, int dim, int nullDim)
      throws IOException {
    Execution run =
        success(
            "train --epoch 1 --max_length 5 --json FOLDER/run.json --data FOLDER/"
                + data
                + " --model_type "
                + type);
    assertThat(run.out())
        .containsOnlyOnce("Left out:   " + leftOut + " directions of the text")
        .contains("the width used is " + dim)
        .contains(", d = " + dim + ", d_n = " + nullDim + ";");
    assertThat(settings().get("hidden_dim").getAsInt()).isEqualTo(dim);
    assertThat(settings().get("null_dim").getAsInt()).isEqualTo(nullDim);
  }

  @ParameterizedTest
  @CsvSource({
    "text, '', 3 of 20, 17, 8",
    "text, --null_thres 2, 3 of 20, 17, -1",
    "few, '', 71 of 130, 59, 29",
    "few, --null_dim 50, 71 of 130, 59, 50",
    "few, --null_dim 30 --cover, 71 of 130, 89, 30"
  })
  void decomposeDoesTheSame(String data, String options, String leftOut, int dim, int nullDim) {
    Execution run =
        success("decompose --output FOLDER/p.zip --data FOLDER/" + data + " " + options);
    assertThat(run.out())
        .containsOnlyOnce(
            "Left out:   "
                + leftOut
                + " directions of the text, which have no variance; the width used is "
                + dim
                + System.lineSeparator());
    NullSpaceProjector projector = NullSpaceProjector.load(root.resolve("p.zip"));
    assertThat(projector.embeddingDim()).isEqualTo(dim);
    if (nullDim >= 0) {
      assertThat(projector.nullDim()).isEqualTo(nullDim);
    } else {
      // The directions above the threshold are free of IDs; those left out do not count.
      assertThat((long) projector.rowDim())
          .isEqualTo(
              java.util.Arrays.stream(projector.singularValues()).filter(s -> s > 2).count());
    }
  }

  @Test
  void aWidthThatIsGivenIsUsedWhereItWorks() {
    for (String options : new String[] {"--hidden_dim 17", "--hidden_dim 8", "--cover"}) {
      assertThat(success("decompose --data FOLDER/text " + options).out())
          .doesNotContain("Left out");
    }
    success(DIFFUSION + " --model_type iDreamRec --hidden_dim 17");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "decompose --data FOLDER/text --hidden_dim 18|--hidden_dim that works is 17,",
        "decompose --data FOLDER/text --hidden_dim 20|--hidden_dim that works is 17,",
        "train --data FOLDER/text --hidden_dim 20|--hidden_dim that works is 17,",
        "train --data FOLDER/few --preset alphafuse-toys|--hidden_dim that works is 59,",
        "train_diffusion --data FOLDER/text --hidden_dim 20 --null_dim 5|that works is 17,",
        "train_diffusion --data FOLDER/text --hidden_dim 20 --model_type LLMInit|works is 17,",
        "train_diffusion --data FOLDER/text --hidden_dim 20 --model_type LLM-ESR|works is 17,",
        "train_diffusion --data FOLDER/text --hidden_dim 20 --model_type iDreamRec|iDreamRec takes"
            + " whole language rows: --hidden_dim must be their width 17, found 20",
        "decompose --data FOLDER/few --null_dim 60|must lie in [0, 59]"
      })
  void aWidthThatIsGivenIsAnErrorThatNamesTheLargest(String line, String message) {
    Execution run = Execution.line(line, root);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void comparesMethodsAndAblations() throws IOException {
    Execution run =
        success(
            "compare --data FOLDER/text --methods ablations,llm-esr,whitenrec --seeds 5 --lr 0.01"
                + " --epochs 1 --max_length 5 --neg_ratio 4 --output FOLDER/compared");
    // Of all but the ablation without standardisation.
    assertThat(run.out().lines().filter(line -> line.startsWith(LEFT_OUT + "17"))).hasSize(4);
    assertThat(run.out().lines().filter(line -> line.startsWith(LEFT_OUT + "16"))).hasSize(1);
    assertThat(Files.readString(root.resolve("compared/comparison.md")))
        .contains("d = d_l except 3 without variance");
    Execution diffusion =
        success(
            "compare --backbone dreamrec --data FOLDER/text --methods ablations --null_thres 2"
                + " --timesteps 20 --linespace 10 --seeds 5 --lr 0.01 --epochs 1 --max_length 5"
                + " --output FOLDER/diffused");
    assertThat(diffusion.out().lines().filter(line -> line.startsWith(LEFT_OUT + "17"))).hasSize(4);
  }
}
