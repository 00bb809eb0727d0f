package io.github.alphafuse.backbones.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.fixture.JavaProgram;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The compiler rejects a loss that a model cannot be trained with. */
class LossKindTest {
  private static final String IMPORTS =
      """
      import io.github.alphafuse.backbones.dreamrec.*;
      import io.github.alphafuse.backbones.loss.*;
      import io.github.alphafuse.backbones.sasrec.*;
      import io.github.alphafuse.backbones.train.*;
      import io.github.alphafuse.core.embedding.*;
      """;

  @TempDir private Path folder;

  private String errors(String model, String loss) {
    return JavaProgram.of(
            IMPORTS,
            "var items = IdItemEmbedding.builder(4, 8).build();\n"
                + ("Trainer.builder(" + model + ".builder(items).build()).loss(" + loss + ");\n"))
        .errors(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "SasRec, InfoNce.withNegatives(4), DiffusionLoss.L2",
    "DreamRec, DiffusionLoss.L2, InfoNce.withNegatives(4)",
    "SasRec, FullSoftmax.ofInnerProducts(), Bpr.create()"
  })
  void takesLossesOfItsKindAlone(String model, String right, String wrong) {
    assertThat(errors(model, right)).isEmpty();
    assertThat(errors(model, wrong)).contains("incompatible types");
  }
}
