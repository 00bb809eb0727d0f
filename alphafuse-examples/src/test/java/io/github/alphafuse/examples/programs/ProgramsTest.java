package io.github.alphafuse.examples.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.NpyWriter;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramsTest {
  @TempDir Path folder;

  /** What a program prints, without ND4J's lines. */
  private static List<String> output(Runnable program) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      program.run();
    } finally {
      System.setOut(before);
    }
    return bytes
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("Added differentiated op"))
        .toList();
  }

  @Test
  void serviceTrainsOnceAndServesANewItem() {
    String file = folder.resolve("service.alphafuse").toString();
    List<String> trained = output(() -> RecommendationService.main(new String[] {file}));
    assertThat(trained)
        .hasSize(3)
        .noneMatch(line -> line.substring(line.indexOf("->")).matches(".*[ \\[]13[,\\]].*"));
    assertThat(trained.get(2)).startsWith("[sku-400] -> [");
    assertThat(output(() -> RecommendationService.main(new String[] {file}))).isEqualTo(trained);
  }

  @Test
  void experimentPrintsALineForEachDimensionAndSeed() {
    List<String> table = output(() -> NullDimExperiment.main(new String[] {"1"}));
    assertThat(table).hasSize(9);
    assertThat(table.get(1).trim()).startsWith("0 ");
    assertThat(table.get(8).trim()).startsWith("32 ");
  }

  @Test
  void projectorWorksAlone() {
    assertThat(output(() -> NullSpaceAlone.main(new String[0]))).hasSize(2);
    Path in = folder.resolve("e.npy");
    Path out = folder.resolve("z.npy");
    NpyWriter.write(
        in,
        GeneratedCatalogue.builder().items(90).users(10).dim(16).build().embeddings().toTensor());
    output(() -> NullSpaceAlone.main(new String[] {in.toString(), out.toString()}));
    assertThat(LanguageEmbeddings.npy(out).itemCount()).isEqualTo(90);
    assertThat(LanguageEmbeddings.npy(out).dim()).isEqualTo(16);
  }
}
