package io.github.alphafuse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.npy.NpyArray;
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

final class SideBySideTest {
  private static final String TINY =
      " --data FOLDER --steps 3 --warm-up-seconds 0 --dim 16 --null-dim 8 --batch-size 20"
          + " --negatives 4 --top 5";
  private static final String MAKE_DATA =
      "make-data FOLDER --items 200 --language-dim 32 --examples 60";

  @TempDir private static Path data;

  @TempDir private Path scratch;

  @BeforeAll
  static void makeData() {
    Run made = Run.line(MAKE_DATA, data);
    assertThat(made.exitCode()).as(made.err()).isZero();
  }

  private static JsonObject measured(String task) {
    Run run = Run.line("--task " + task + TINY, data);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.results()).hasSize(1);
    return run.results().get(0);
  }

  @Test
  void makesUnitRowsOfFallingVarianceAndPaddedHistories() {
    LanguageEmbeddings text = LanguageEmbeddings.npy(data.resolve(BenchmarkData.EMBEDDINGS));
    assertThat(text.itemCount()).isEqualTo(200);
    assertThat(text.dim()).isEqualTo(32);
    assertThat(text.elementType()).isEqualTo(ElementType.FLOAT32);
    for (int item = 0; item < 200; item++) {
      double squares = 0;
      for (double value : text.row(item)) {
        squares += value * value;
      }
      assertThat(squares).isBetween(1 - 1e-5, 1 + 1e-5);
    }
    double[] variances = NullSpaceProjector.builder().nullDim(0).fit(text).singularValues();
    // e^6 where rows are not brought to norm 1, which flattens the leading directions.
    assertThat(variances[0] / variances[16]).isBetween(100.0, 1000.0);
    BenchmarkData opened = BenchmarkData.open(data);
    assertThat(opened.examples().size()).isEqualTo(60);
    for (int i = 0; i < 60; i++) {
      assertThat(opened.examples().historyLength(i)).isBetween(2, 10);
    }
  }

  @Test
  void makesTheSameDataAgain() throws IOException {
    assertThat(Run.line(MAKE_DATA, scratch).exitCode()).isZero();
    for (String name : new String[] {"emb.npy", "seq.npy", "next.npy"}) {
      assertThat(Files.mismatch(scratch.resolve(name), data.resolve(name))).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sasrec-infonce", "sasrec-bce", "sasrec-ce", "dreamrec-step"})
  void trains(String task) {
    JsonObject result = measured(task);
    assertThat(result.keySet())
        .containsExactly(
            "task",
            "medianMs",
            "p10Ms",
            "p90Ms",
            "peakRssMb",
            "threads",
            "engine",
            "rssMb",
            "loss");
    assertThat(result.getAsJsonObject("rssMb").keySet()).containsExactly("step100", "last");
    assertThat(result.get("task").getAsString()).isEqualTo(task);
    assertThat(result.get("threads").getAsInt()).isEqualTo(1);
    assertThat(result.get("engine").getAsString()).isEqualTo("AUTO");
    assertThat(result.getAsJsonObject("loss").keySet()).containsExactly("first", "last");
    assertThat(result.getAsJsonObject("loss").get("first").getAsDouble()).isPositive();
  }

  @Test
  void predicts() {
    assertThat(measured("sasrec-predict --engine samediff").keySet()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "naive", "stepwise", "collapsed"})
  void generatesInEachForm(String form) {
    JsonObject result = measured("dreamrec-predict --form " + form);
    assertThat(result.get("form").getAsString()).isEqualToIgnoringCase(form);
    assertThat(result.get("precomputeMs").isJsonPrimitive()).isTrue();
    assertThat(result.has("loss")).isFalse();
  }

  @Test
  void decomposesAndLoads() {
    assertThat(measured("null-space").get("engine").getAsString()).isNotEmpty();
    JsonObject loaded = measured("load");
    assertThat(loaded.keySet())
        .containsExactly("task", "medianMs", "p10Ms", "p90Ms", "peakRssMb", "threads", "engine");
    assertThat(loaded.get("engine").isJsonNull()).isTrue();
  }

  @Test
  void serves() {
    JsonObject result = measured("serving --items 50");
    assertThat(result.keySet())
        .contains("p50Ms", "p99Ms", "p999Ms", "throughputPerSecond", "openLoop");
    assertThat(result.getAsJsonObject("openLoop").get("threads").getAsInt()).isEqualTo(8);
  }

  @Test
  void servesModelsThatChange() {
    Run run = Run.line("--task live-serving --items 300" + TINY, data);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.results())
        .extracting(line -> line.get("newModels").getAsBoolean())
        .containsExactly(false, true);
    for (JsonObject line : run.results()) {
      assertThat(line.get("answers").getAsLong()).isPositive();
      assertThat(line.get("filters").getAsLong()).isPositive();
      for (String none : new String[] {"failures", "wrong", "soldOut"}) {
        assertThat(line.get(none).getAsLong()).isZero();
      }
    }
  }

  @Test
  void growsInOneSizeAtATime() {
    Run run =
        Run.line("--task growth --lazy-adam --items 50,60 --dims 8,16 --lengths 5,6" + TINY, data);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.results())
        .extracting(
            line ->
                line.get("items").getAsInt()
                    + " "
                    + line.get("dim").getAsInt()
                    + " "
                    + line.get("length").getAsInt())
        .containsExactly("50 8 5", "60 8 5", "50 16 5", "50 8 6");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--data FOLDER | --task is missing",
        "--task sasrec --data FOLDER | expected one of sasrec-infonce",
        "--task load | --data is missing: task load needs its folder",
        "--task load --data FOLDER/none | must name a folder",
        "--task load --data FOLDER --steps 0 | at least 1, found '0'",
        "--task load --data FOLDER --steps few | at least 1, found 'few'",
        "--task load --data FOLDER --threads 0 | at least 1, found '0'",
        "--task load --data FOLDER --threads -1 | at least 1, found '-1'",
        "--task load --data FOLDER --engine fast | expected one of [AUTO",
        "--task load --data FOLDER --form fast | expected one of [AUTO",
        "--task load --data FOLDER --warm-up-seconds -1 | must be finite and at least 0",
        "--task load --data FOLDER --null-dim 129 | --null-dim must be at most --dim 128",
        "--task sasrec-infonce --data FOLDER --dim 16 --null-dim 8 | at least 256 examples for a batch, found 60",
        "--speed 3 | Unknown option",
        "make-data | Missing required parameter",
        "make-data FOLDER --items 0 | at least 1, found '0'",
      })
  void rejectsBadOptions(String line, String reason) {
    Run run = Run.line(line, data);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.error()).contains(reason);
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "make-data --help"})
  void explainsItself(String line) {
    Run run = Run.line(line, data);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Usage: side-by-side", "--help");
  }

  @Test
  void rejectsMissingFiles() throws IOException {
    assertRejected("emb.npy is missing");
    copy("emb.npy");
    assertRejected("seq.npy is missing");
    copy("seq.npy");
    assertRejected("next.npy is missing");
  }

  @Test
  void rejectsOtherTypesAndShapes() throws IOException {
    NpyWriter.write(scratch.resolve("emb.npy"), Tensor.zeros(ElementType.FLOAT64, 200, 32));
    assertRejected("emb.npy must hold float32");
    copy("emb.npy");
    copy("next.npy");
    NpyArray.of(new long[600], 60, 10).write(scratch.resolve("seq.npy"));
    assertRejected("seq.npy must hold int32, found <i8");
    NpyArray.of(new int[600], 50, 12).write(scratch.resolve("seq.npy"));
    assertRejected("seq.npy must have shape [M, 10], found [50, 12]");
    NpyArray.of(new int[500], 50, 10).write(scratch.resolve("seq.npy"));
    assertRejected("next.npy must have shape [50] as seq.npy has rows, found [60]");
  }

  @Test
  void rejectsItemsOutsideTheCatalogue() throws IOException {
    copy("emb.npy");
    copy("next.npy");
    int[] histories = new int[600];
    histories[13] = 200;
    NpyArray.of(histories, 60, 10).write(scratch.resolve("seq.npy"));
    assertRejected("seq.npy: row 1 must hold items in [0, 200) behind padding of 200, found 200");
    java.util.Arrays.fill(histories, 0, 10, 200);
    NpyArray.of(histories, 60, 10).write(scratch.resolve("seq.npy"));
    assertRejected("seq.npy: row 0 must hold at least one item, found none");
    copy("seq.npy");
    int[] targets = new int[60];
    targets[7] = -1;
    NpyArray.of(targets, 60).write(scratch.resolve("next.npy"));
    assertRejected("next.npy: row 7 must lie in [0, 200), found -1");
  }

  private void copy(String name) throws IOException {
    Files.copy(
        data.resolve(name),
        scratch.resolve(name),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private void assertRejected(String reason) {
    Run run = Run.line("--task sasrec-infonce --data FOLDER", scratch);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.error()).contains(reason);
  }
}
