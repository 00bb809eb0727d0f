package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.GoldenCase;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("golden")
class NullSpaceGoldenTest {

  enum Solver {
    LAPACK(SymmetricEigenSolver.lapack()),
    EJML(SymmetricEigenSolver.ejml());

    private final SymmetricEigenSolver solver;

    Solver(SymmetricEigenSolver solver) {
      this.solver = solver;
    }
  }

  @ParameterizedTest
  @EnumSource
  void agreesInBothTypes(Solver solver) {
    for (GoldenCase golden : GoldenCase.discover("null_space")) {
      Stream.of(DataType.DOUBLE, DataType.FLOAT)
          .forEach(type -> compare(golden.again(), type, solver.solver));
    }
  }

  private static void compare(GoldenCase golden, DataType type, SymmetricEigenSolver solver) {
    double tolerance = type == DataType.DOUBLE ? 1e-9 : 1e-4;
    LanguageEmbeddings language = LanguageEmbeddings.of(golden.array("language"));
    double[] popularity = golden.array("popularity").doubles();
    for (JsonElement element : golden.settings().getAsJsonArray("cases")) {
      JsonObject settings = element.getAsJsonObject();
      NullSpaceProjector.Builder builder =
          NullSpaceProjector.builder()
              .embeddingDim(settings.get("dim").getAsInt())
              .normalize(RowNormalization.NONE)
              .scale(settings.get("scale").getAsDouble())
              .standardize(settings.get("standardize").getAsBoolean())
              .cover(settings.get("cover").getAsBoolean())
              .solver(solver);
      if (settings.get("null_threshold").isJsonNull()) {
        builder.nullDim(settings.get("null_dim").getAsInt());
      } else {
        builder.nullThreshold(settings.get("null_threshold").getAsDouble());
      }
      boolean weighted = settings.get("weighted").getAsBoolean();
      if (weighted) {
        builder.itemWeights(popularity);
      }
      NullSpaceProjector projector = builder.fit(language);

      assertThat(projector.nullDim()).isEqualTo(settings.get("nullity").getAsInt());
      String kind = weighted ? "weighted" : "uniform";
      golden.compare(kind + "_mean", vector(projector.mean()), 1e-9);
      golden.compare(kind + "_singular_values", vector(projector.singularValues()), 1e-9);
      golden.compareUpToColumnSigns(
          settings.get("name").getAsString() + "_clipped",
          projector.project(language, type),
          tolerance);
    }
    golden.finish(type);
  }

  /** Eight of the 16 kept columns of the public implementation: the golden text is narrow. */
  @Test
  void theRandomizedSolverAgreesWhereTheDimensionIsFixed() {
    for (GoldenCase golden : GoldenCase.discover("null_space")) {
      LanguageEmbeddings language = LanguageEmbeddings.of(golden.array("language"));
      NullSpaceProjector projector =
          NullSpaceProjector.builder()
              .embeddingDim(8)
              .nullDim(4)
              .normalize(RowNormalization.NONE)
              .scale(40)
              .solver(RandomizedEigenSolver.builder().oversampling(4).maxProducts(300).build())
              .fit(language);
      assertThat(projector.solver()).startsWith("randomized");
      assertThat(projector.residual()).isLessThan(1e-10);
      Tensor whole = golden.array("uniform_std1_cover0_dim_clipped");
      int rows = whole.shape(0);
      double[] expected = new double[rows * 8];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < 8; j++) {
          expected[i * 8 + j] = whole.get(i * whole.shape(1) + j);
        }
      }
      double[] found = projector.project(language, DataType.DOUBLE).doubles();
      for (int j = 0; j < 8; j++) {
        double dot = 0;
        for (int i = 0; i < rows; i++) {
          dot += expected[i * 8 + j] * found[i * 8 + j];
        }
        for (int i = 0; i < rows; i++) {
          // The error of a vector is the residual over the gap: two more digits are lost.
          assertThat(Math.signum(dot) * found[i * 8 + j])
              .isCloseTo(expected[i * 8 + j], within(1e-7));
        }
      }
    }
  }

  private static Tensor vector(double[] values) {
    return Tensor.of(values, values.length);
  }
}
