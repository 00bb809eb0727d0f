package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A projector that is fitted by the randomized solver. */
class RandomizedProjectionTest {
  private static final LanguageEmbeddings TEXT = text(64, 0.9);
  @TempDir Path folder;

  private static LanguageEmbeddings text(int width, double decay) {
    double[][] rows = RandomNumbers.rows(3, 300, width);
    for (double[] row : rows) {
      for (int j = 0; j < width; j++) {
        row[j] = row[j] * Math.pow(decay, j) + 0.1;
      }
    }
    return LanguageEmbeddings.of(rows);
  }

  private static NullSpaceProjector.Builder exact() {
    return NullSpaceProjector.builder().embeddingDim(16);
  }

  private static NullSpaceProjector.Builder randomized() {
    return exact().solver(RandomizedEigenSolver.builder().build());
  }

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void projectsAsTheExactSolver(boolean standardize, boolean cover) {
    NullSpaceProjector expected =
        exact().nullDim(6).standardize(standardize).cover(cover).fit(TEXT);
    NullSpaceProjector found =
        randomized().nullDim(6).standardize(standardize).cover(cover).fit(TEXT);
    assertThat(found.project(TEXT, ElementType.FLOAT64).doubles())
        .containsExactly(expected.project(TEXT, ElementType.FLOAT64).doubles(), within(1e-6));
    assertThat(found.singularValues())
        .containsExactly(Arrays.copyOf(expected.singularValues(), 16), within(1e-9));
    assertThat(found.explainedVariance())
        .containsExactly(Arrays.copyOf(expected.explainedVariance(), 16), within(1e-12));
    assertThat(found.languageDim()).isEqualTo(64);
    assertThat(found.residual()).isBetween(1e-18, 1e-10);
    assertThat(found.toString())
        .contains("solver=randomized (", "): residual ", "orthonormality error ");
  }

  @ParameterizedTest
  @CsvSource({"0.5", "0.9"})
  void energyCountsAsWithTheExactSolver(double share) {
    assertThat(randomized().energy(share).fit(TEXT).nullDim())
        .isEqualTo(exact().energy(share).fit(TEXT).nullDim());
  }

  @Test
  void energyBeyondWhatWasFoundIsAnError() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> randomized().energy(0.999).fit(TEXT))
        .withMessageContaining("takes more than 16 directions");
  }

  @Test
  void aThresholdNeedsAllVariances() {
    double threshold = exact().nullDim(6).fit(TEXT).singularValues()[60];
    assertThat(exact().nullThreshold(threshold).fit(TEXT).nullDim()).isBetween(3, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> randomized().nullThreshold(threshold).fit(TEXT))
        .withMessageStartingWith("nullThreshold counts over all 64 directions, and the solver")
        .withMessageContaining("the leading 16 alone: use nullDim or energy");
    // With all columns wanted the exact solver answers.
    assertThat(randomized().embeddingDim(64).nullThreshold(threshold).fit(TEXT).nullDim())
        .isBetween(3, 4);
  }

  @Test
  void isTheSameAfterSavingAndLoading() {
    for (boolean cover : new boolean[] {false, true}) {
      NullSpaceProjector projector = randomized().nullDim(6).cover(cover).fit(TEXT);
      Path file = folder.resolve("projector.zip");
      projector.save(file);
      NullSpaceProjector loaded = NullSpaceProjector.load(file);
      assertThat(loaded.singularValues()).containsExactly(projector.singularValues());
      assertThat(loaded.explainedVariance()).containsExactly(projector.explainedVariance());
      assertThat(loaded.project(TEXT, ElementType.FLOAT64).doubles())
          .containsExactly(projector.project(TEXT, ElementType.FLOAT64).doubles());
      assertThat(loaded).hasToString(projector.toString());
    }
  }

  @Test
  void doesNotStandardiseWhatItDidNotResolve() {
    LanguageEmbeddings steep = text(64, 0.5);
    NullSpaceProjector.Builder rough =
        exact()
            .nullDim(6)
            .solver(RandomizedEigenSolver.builder().tolerance(1e-2).maxProducts(50).build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rough.fit(steep))
        .withMessageContaining("too close to the error of the solver randomized");
    assertThat(rough.standardize(false).fit(steep).projectedDim()).isEqualTo(16);
  }
}
