package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.GoldenCase;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("golden")
class NullSpaceGoldenTest {
  /** What the randomized solver takes beside the wanted vectors, and its largest residual. */
  private static final int OVERSAMPLING = 4;

  private static final double RESIDUAL = 1e-10;

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
      Stream.of(ElementType.FLOAT64, ElementType.FLOAT32)
          .forEach(type -> compare(golden.again(), type, solver.solver));
    }
  }

  private static void compare(GoldenCase golden, ElementType type, SymmetricEigenSolver solver) {
    double tolerance = type == ElementType.FLOAT64 ? 1e-9 : 1e-4;
    LanguageEmbeddings language = LanguageEmbeddings.of(golden.array("language"));
    for (JsonElement element : golden.settings().getAsJsonArray("cases")) {
      JsonObject settings = element.getAsJsonObject();
      NullSpaceProjector.Builder builder =
          builder(golden, settings)
              .embeddingDim(settings.get("dim").getAsInt())
              .cover(settings.get("cover").getAsBoolean())
              .solver(solver);
      if (settings.get("null_threshold").isJsonNull()) {
        builder.nullDim(settings.get("null_dim").getAsInt());
      } else {
        builder.nullThreshold(settings.get("null_threshold").getAsDouble());
      }
      NullSpaceProjector projector = builder.fit(language);

      assertThat(projector.nullDim()).isEqualTo(settings.get("nullity").getAsInt());
      golden.compare(kind(settings) + "_mean", vector(projector.mean()), 1e-9);
      golden.compare(kind(settings) + "_singular_values", vector(projector.singularValues()), 1e-9);
      golden.compareUpToColumnSigns(
          clipped(settings), projector.project(language, type), tolerance);
    }
    golden.finish(type);
  }

  /**
   * All columns of a case, for which iteration asks the exact solver in narrow text, and as many of
   * them as it finds itself.
   */
  @Test
  void theRandomizedSolverAgreesWhereTheDimensionIsFixed() {
    int compared = 0;
    int iterated = 0;
    for (GoldenCase golden : GoldenCase.discover("null_space")) {
      int most = golden.shape("language")[1] / 2 - OVERSAMPLING;
      for (JsonElement element : golden.settings().getAsJsonArray("cases")) {
        JsonObject settings = element.getAsJsonObject();
        if (!settings.get("null_threshold").isJsonNull()) {
          continue;
        }
        int columns = golden.shape(clipped(settings))[1];
        for (int count : IntStream.of(columns, Math.min(columns, most)).distinct().toArray()) {
          if (count >= 1) {
            boolean found = compareColumns(golden, settings, count);
            // What it does not find within its products it hands over too.
            assertThat(found && count > most).as("iteration found %s columns", count).isFalse();
            compared++;
            iterated += found ? 1 : 0;
          }
        }
      }
    }
    System.out.printf("golden null_space, randomized: %d of %d by iteration%n", iterated, compared);
    if (!GoldenCase.isGiven()) {
      assertThat(iterated).as("the project's own cases that iteration answers").isPositive();
    }
  }

  /**
   * Compares the leading columns, each as closely as the bound of the solver's residual lets it be
   * known.
   *
   * @return whether iteration found them
   */
  private static boolean compareColumns(GoldenCase golden, JsonObject settings, int count) {
    LanguageEmbeddings language = LanguageEmbeddings.of(golden.array("language"));
    NullSpaceProjector projector =
        builder(golden, settings)
            .embeddingDim(count)
            .nullDim(0)
            .solver(
                RandomizedEigenSolver.builder()
                    .oversampling(OVERSAMPLING)
                    .maxProducts(300)
                    .tolerance(RESIDUAL)
                    .build())
            .fit(language);
    double longest = 0;
    for (int i = 0; i < language.itemCount(); i++) {
      longest = Math.max(longest, projector.rowFactor() * norm(language.toTensor(), i));
    }
    Tensor values = golden.array(kind(settings) + "_singular_values");
    Tensor expected = golden.array(clipped(settings));
    Tensor found = projector.project(language, ElementType.FLOAT64);
    assertThat(projector.residual()).isLessThanOrEqualTo(RESIDUAL);
    for (int j = 0; j < count; j++) {
      double gap = Double.POSITIVE_INFINITY;
      for (int other : new int[] {j - 1, j + 1}) {
        if (other >= 0 && other < values.size()) {
          gap = Math.min(gap, Math.abs(values.get(j) - values.get(other)));
        }
      }
      // An eigenvector is off by its residual over the gap, a row by its length times that.
      double deviation = projector.standardize() ? Math.sqrt(values.get(j)) : 1;
      double bound = 2 * longest / deviation * (RESIDUAL * values.get(0) / gap + 1e-12);
      double dot = 0;
      for (int i = 0; i < expected.shape(0); i++) {
        dot += at(expected, i, j) * at(found, i, j);
      }
      for (int i = 0; i < expected.shape(0); i++) {
        assertThat(Math.abs(Math.signum(dot) * at(found, i, j) - at(expected, i, j)))
            .as("%s of %s, row %s, column %s", clipped(settings), golden, i, j)
            .isLessThanOrEqualTo(bound);
      }
    }
    return projector.solver().startsWith("randomized");
  }

  private static double norm(Tensor rows, int row) {
    double square = 0;
    for (int j = 0; j < rows.shape(1); j++) {
      square += at(rows, row, j) * at(rows, row, j);
    }
    return Math.sqrt(square);
  }

  private static double at(Tensor matrix, int row, int column) {
    return matrix.get(row * matrix.shape(1) + column);
  }

  /** The options of a case that say nothing of the dimensions. */
  private static NullSpaceProjector.Builder builder(GoldenCase golden, JsonObject settings) {
    NullSpaceProjector.Builder builder =
        NullSpaceProjector.builder()
            .normalize(RowNormalization.NONE)
            .scale(settings.get("scale").getAsDouble())
            .standardize(settings.get("standardize").getAsBoolean());
    double[] popularity =
        golden.has("popularity") ? golden.array("popularity").doubles() : new double[0];
    return settings.get("weighted").getAsBoolean() ? builder.itemWeights(popularity) : builder;
  }

  private static String kind(JsonObject settings) {
    return settings.get("weighted").getAsBoolean() ? "weighted" : "uniform";
  }

  private static String clipped(JsonObject settings) {
    return settings.get("name").getAsString() + "_clipped";
  }

  private static Tensor vector(double[] values) {
    return Tensor.of(values, values.length);
  }
}
