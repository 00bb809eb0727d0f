package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.ArchiveReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Text with fewer directions than columns. */
class RankDeficiencyTest {
  private static final int WIDTH = 8;
  @TempDir Path folder;

  /** Ways to have fewer directions than columns. */
  enum Deficient {
    FEW_ITEMS(6),
    AS_MANY_ITEMS_AS_COLUMNS(7),
    TWO_ITEMS(1),
    DUPLICATE_COLUMNS(6),
    CONSTANT_COLUMN(7),
    DUPLICATE_ROWS(4),
    SUM_OF_COLUMNS(7),
    LARGE_CONSTANT_COLUMN(7),
    ONE_DIRECTION(1),
    ALL_ROWS_EQUAL(0);

    private final int rank;

    Deficient(int rank) {
      this.rank = rank;
    }

    private int rows() {
      return switch (this) {
        case FEW_ITEMS -> 7;
        case AS_MANY_ITEMS_AS_COLUMNS -> WIDTH;
        case TWO_ITEMS -> 2;
        default -> 30;
      };
    }

    LanguageEmbeddings text() {
      double[][] rows = RandomNumbers.rows(3, rows(), WIDTH);
      for (int i = 0; i < rows.length; i++) {
        switch (this) {
          case FEW_ITEMS, AS_MANY_ITEMS_AS_COLUMNS, TWO_ITEMS -> {}
          case DUPLICATE_COLUMNS -> {
            rows[i][5] = rows[i][1];
            rows[i][6] = rows[i][2];
          }
          case CONSTANT_COLUMN -> rows[i][3] = 0.1;
          case DUPLICATE_ROWS -> rows[i] = rows[i % 5].clone();
          case SUM_OF_COLUMNS -> rows[i][7] = rows[i][0] + rows[i][1] - 2 * rows[i][2];
          case LARGE_CONSTANT_COLUMN -> rows[i][3] = 1000.1;
          case ONE_DIRECTION -> {
            double along = rows[i][0];
            Arrays.setAll(rows[i], j -> 0.3 * j + along * (1 + j));
          }
          case ALL_ROWS_EQUAL -> rows[i] = rows[0].clone();
        }
      }
      return LanguageEmbeddings.of(rows);
    }

    /** Bringing rows to one length may turn a constant column into one that varies. */
    private Set<RowNormalization> normalizations() {
      return this == DUPLICATE_ROWS || this == FEW_ITEMS || this == DUPLICATE_COLUMNS
          ? EnumSet.allOf(RowNormalization.class)
          : EnumSet.of(RowNormalization.NONE, RowNormalization.MEAN);
    }

    private double[] weights() {
      double[] weights = new double[rows()];
      Arrays.fill(weights, 1);
      weights[1] = 5;
      return weights;
    }
  }

  private static NullSpaceProjector.Builder builder() {
    return NullSpaceProjector.builder();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ALL_ROWS_EQUAL")
  void aWidthThatIsNotGivenIsTheNumberOfDirectionsWithVariance(Deficient how) {
    LanguageEmbeddings text = how.text();
    for (RowNormalization normalization : how.normalizations()) {
      for (double scale : new double[] {1e-6, 40}) {
        for (boolean weighted : new boolean[] {false, true}) {
          NullSpaceProjector.Builder builder =
              builder().normalize(normalization).scale(scale).nullDim(1);
          if (weighted) {
            builder.itemWeights(how.weights());
          }
          NullSpaceProjector found = builder.fit(text);
          assertThat(found.embeddingDim()).isEqualTo(how.rank);
          assertThat(found.directionsLeftOut()).isEqualTo(WIDTH - how.rank);
          assertThat(found.singularValues()).hasSize(WIDTH);
          assertThat(found.toString()).contains((WIDTH - how.rank) + " without variance left out");
          NullSpaceProjector given = builder.embeddingDim(how.rank).fit(text);
          assertThat(found.nullDim()).isEqualTo(given.nullDim());
          // All directions and few of them are found by different routines.
          assertThat(found.project(text, ElementType.FLOAT64).doubles())
              .containsExactly(given.project(text, ElementType.FLOAT64).doubles(), within(1e-9));
          assertThat(given.directionsLeftOut()).isZero();
          requireStandardised(found, text, weighted);
        }
      }
    }
  }

  /** Finite in both types, and of variance 1 where items count alike. */
  private static void requireStandardised(
      NullSpaceProjector projector, LanguageEmbeddings text, boolean weighted) {
    requireFinite(projector, text);
    double[] z = projector.project(text, ElementType.FLOAT64).doubles();
    int kept = projector.projectedDim();
    for (int j = 0; j < kept && !weighted; j++) {
      double squares = 0;
      for (int i = 0; i < text.itemCount(); i++) {
        squares += z[i * kept + j] * z[i * kept + j];
      }
      assertThat(squares / (text.itemCount() - 1)).isCloseTo(1, within(1e-6));
    }
  }

  private static void requireFinite(NullSpaceProjector projector, LanguageEmbeddings text) {
    Tensor z = projector.project(text, ElementType.FLOAT32);
    assertThat(z.firstNonFinite()).isEqualTo(-1);
    for (int i = 0; i < z.size(); i++) {
      assertThat(Math.abs(z.get(i))).isLessThan(1e4);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ALL_ROWS_EQUAL")
  void aWidthThatIsGivenIsAnErrorThatNamesTheLargestThatWorks(Deficient how) {
    LanguageEmbeddings text = how.text();
    for (RowNormalization normalization : how.normalizations()) {
      for (int dim = how.rank + 1; dim <= WIDTH; dim++) {
        NullSpaceProjector.Builder builder =
            builder().normalize(normalization).embeddingDim(dim).nullDim(1);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> builder.fit(text))
            .withMessageStartingWith(
                "embeddings are rank-deficient: kept direction %s of %s has variance",
                how.rank + 1, dim)
            .withMessageContaining("The largest embeddingDim that works is " + how.rank + ",")
            .withMessageContaining("set varianceFloor, or switch standardize off");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> builder.itemWeights(how.weights()).fit(text))
            .withMessageContaining("The largest embeddingDim that works is " + how.rank + ",");
      }
    }
  }

  @Test
  void textWithoutAnyDirectionIsAnError() {
    LanguageEmbeddings text = Deficient.ALL_ROWS_EQUAL.text();
    for (NullSpaceProjector.Builder builder :
        new NullSpaceProjector.Builder[] {
          builder().nullDim(0),
          builder().nullShare(0.5),
          builder().nullThreshold(1),
          builder().nullDim(1).embeddingDim(3)
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.fit(text))
          .withMessageStartingWith("embeddings are rank-deficient: kept direction 1 of ")
          .withMessageContaining("No direction has variance");
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLeftOutWhereNothingIsDividedByTheDeviation(Deficient how) {
    LanguageEmbeddings text = how.text();
    for (NullSpaceProjector.Builder builder :
        new NullSpaceProjector.Builder[] {
          builder().varianceFloor(1e-3),
          builder().varianceFloor(1e-3).itemWeights(how.weights()),
          builder().standardize(false)
        }) {
      NullSpaceProjector projector = builder.nullDim(2).fit(text);
      assertThat(projector.embeddingDim()).isEqualTo(WIDTH);
      assertThat(projector.directionsLeftOut()).isZero();
      requireFinite(projector, text);
    }
  }

  /** IDs take the place of directions without variance, as many as there are IDs for. */
  @ParameterizedTest
  @EnumSource
  void coveredDirectionsNeedNoVariance(Deficient how) {
    LanguageEmbeddings text = how.text();
    for (int nullDim = 1; nullDim <= WIDTH; nullDim++) {
      NullSpaceProjector projector = builder().cover(true).nullDim(nullDim).fit(text);
      assertThat(projector.embeddingDim()).isEqualTo(Math.min(WIDTH, how.rank + nullDim));
      assertThat(projector.nullDim()).isEqualTo(nullDim);
      assertThat(projector.directionsLeftOut())
          .isEqualTo(how.rank + nullDim < WIDTH ? WIDTH - how.rank : 0);
      requireFinite(projector, text);
      if (how.rank > 0 && how.rank + nullDim < WIDTH) {
        NullSpaceProjector.Builder whole =
            builder().cover(true).nullDim(nullDim).embeddingDim(WIDTH);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> whole.fit(text))
            .withMessageContaining("embeddingDim that works is " + (how.rank + nullDim) + ",");
      }
    }
  }

  /** Text of 20 items and 50 columns has 19 directions: those left out are no null space. */
  @Test
  void aThresholdDoesNotCountWhatIsLeftOut() {
    LanguageEmbeddings text = LanguageEmbeddings.of(RandomNumbers.rows(4, 20, 50));
    double[] s = builder().nullDim(0).fit(text).singularValues();
    double between = (s[11] + s[12]) / 2;
    NullSpaceProjector found = builder().nullThreshold(between).fit(text);
    assertThat(found.embeddingDim()).isEqualTo(19);
    assertThat(found.rowDim()).as("directions above the threshold").isEqualTo(12);
    assertThat(found.directionsLeftOut()).isEqualTo(31);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullThreshold(s[18] / 2).fit(text))
        .withMessageStartingWith("nullThreshold " + s[18] / 2 + " leaves no null space")
        .withMessageContaining("variances run from %.6g to %.6g", s[0], s[18]);
    // By the published rule it counts all of 50, which leaves no width for a row space.
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().embeddingDim(50).nullThreshold(between).fit(text))
        .withMessageStartingWith("embeddings are rank-deficient: kept direction 20 of 50")
        .withMessageContaining("No embeddingDim works with this null space: leave it out");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().embeddingDim(19).nullThreshold(between).fit(text))
        .withMessageContaining("38 of 50 directions have a variance at or below it");
  }

  @Test
  void namesTheLargestWidthOfANullDimensionThatIsTooLarge() {
    LanguageEmbeddings text = Deficient.DUPLICATE_ROWS.text();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().embeddingDim(7).nullDim(5).fit(text))
        .withMessageContaining("embeddingDim that works is 4, with a nullDim of at most that");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().embeddingDim(7).energy(0.9999).fit(text))
        .withMessageContaining("No embeddingDim works with this null space: choose another");
  }

  @Test
  void aThresholdOfAWidthThatIsGivenCountsAllDirections() {
    double[][] rows = RandomNumbers.rows(4, 60, WIDTH);
    for (double[] row : rows) {
      row[2] = 1;
      for (int j = 0; j < WIDTH; j++) {
        row[j] *= 1 + j;
      }
    }
    LanguageEmbeddings text = LanguageEmbeddings.of(rows);
    double[] s = builder().nullDim(0).fit(text).singularValues();
    double between = (s[4] + s[5]) / 2;
    assertThat(builder().nullThreshold(between).fit(text).nullDim()).isEqualTo(2);
    assertThat(builder().nullThreshold(between).embeddingDim(7).fit(text).nullDim()).isEqualTo(3);
    assertThat(builder().nullThreshold(between).maxEmbeddingDim(7).fit(text).nullDim())
        .as("nothing is left out but by the bound")
        .isEqualTo(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullThreshold(between).embeddingDim(8).fit(text))
        .withMessageContaining("The largest embeddingDim that works is 7,");
  }

  @Test
  void energyAndSharesAreOfTheWidthThatIsFound() {
    LanguageEmbeddings text = Deficient.FEW_ITEMS.text();
    NullSpaceProjector energy = builder().energy(0.6).fit(text);
    assertThat(energy.embeddingDim()).isEqualTo(6);
    assertThat(energy.rowDim())
        .isEqualTo(builder().energy(0.6).standardize(false).fit(text).rowDim());
    assertThat(builder().nullShare(0.5).fit(text).nullDim()).isEqualTo(3);
    assertThat(builder().nullShare(0.45).fit(text).nullDim()).isEqualTo(2);
    assertThat(builder().nullShare(0).fit(text).nullDim()).isZero();
    assertThat(builder().nullShare(1).fit(text).rowDim()).isZero();
    NullSpaceProjector cover = builder().nullShare(0.2).cover(true).fit(text);
    assertThat(cover.embeddingDim()).isEqualTo(7);
    assertThat(cover.projectedDim()).isEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 0", "5, 5, 0", "6, 6, 0", "7, 6, 2", "8, 6, 2", "100, 6, 2"})
  void theLargestWidthIsNoMoreThanThereAreDirections(int most, int dim, int leftOut) {
    NullSpaceProjector projector =
        builder().maxEmbeddingDim(most).nullShare(0.5).fit(Deficient.DUPLICATE_COLUMNS.text());
    assertThat(projector.embeddingDim()).isEqualTo(dim);
    assertThat(projector.nullDim()).isEqualTo(dim / 2);
    assertThat(projector.directionsLeftOut()).isEqualTo(leftOut);
  }

  @ParameterizedTest
  @CsvSource({"1, 6, 2", "2, 6, 2", "4, 4, 2", "5, 5, 2"})
  void aWidthThatIsNotGivenIsAMultiple(int factor, int dim, int leftOut) {
    LanguageEmbeddings text = Deficient.DUPLICATE_COLUMNS.text();
    NullSpaceProjector.Builder builder = builder().embeddingDimMultipleOf(factor).nullDim(1);
    NullSpaceProjector projector = builder.fit(text);
    assertThat(projector.embeddingDim()).isEqualTo(dim);
    assertThat(projector.directionsLeftOut()).isEqualTo(leftOut);
    assertThat(builder.embeddingDim(3).fit(text).embeddingDim()).as("given").isEqualTo(3);
    NullSpaceProjector full =
        builder.maxEmbeddingDim(7).fit(LanguageEmbeddings.of(RandomNumbers.rows(3, 20, WIDTH)));
    assertThat(full.embeddingDim()).isEqualTo(7 - 7 % factor);
    assertThat(full.directionsLeftOut()).isZero();
    NullSpaceProjector bounded = builder.maxEmbeddingDim(5).fit(text);
    assertThat(bounded.embeddingDim()).isEqualTo(5 - 5 % factor);
    assertThat(bounded.directionsLeftOut()).as("the bound leaves no need").isZero();
  }

  @Test
  void aMultipleThatTextDoesNotAllowIsAnError() {
    LanguageEmbeddings text = Deficient.ONE_DIRECTION.text();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().embeddingDimMultipleOf(2).nullDim(0).fit(text))
        .withMessage("embeddingDim must be a multiple of 2, and can be at most 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().embeddingDimMultipleOf(0))
        .withMessage("embeddingDimMultipleOf must be at least 1, found 0");
  }

  @Test
  void aWidthMayFollowABoundThatHoldsIt() {
    LanguageEmbeddings text = Deficient.DUPLICATE_COLUMNS.text();
    assertThat(builder().embeddingDim(7).maxEmbeddingDim(8).nullDim(0).fit(text).embeddingDim())
        .isEqualTo(6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().maxEmbeddingDim(8).embeddingDim(7).nullDim(0).fit(text))
        .withMessageContaining("works is 6,");
    assertThat(builder().maxEmbeddingDim(3).maxEmbeddingDim(5).embeddingDim(4).nullDim(0).fit(text))
        .returns(4, NullSpaceProjector::embeddingDim);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().maxEmbeddingDim(0))
        .withMessage("maxEmbeddingDim must be at least 1, found 0");
  }

  @Test
  void aWidthAndABoundThatContradictAreAnError() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().maxEmbeddingDim(6).embeddingDim(7))
        .withMessage("embeddingDim must be at most maxEmbeddingDim, which is set to 6, found 7");
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().embeddingDim(8).maxEmbeddingDim(7))
        .withMessage("maxEmbeddingDim must be at least embeddingDim, which is set to 8, found 7");
  }

  @Test
  void aNullDimensionMustFitTheWidthThatIsFound() {
    LanguageEmbeddings text = Deficient.DUPLICATE_ROWS.text();
    assertThat(builder().nullDim(4).fit(text).rowDim()).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullDim(5).fit(text))
        .withMessage(
            "nullDim must lie in [0, 4], the embedding dimension without 4 directions that have no"
                + " variance, found 5");
  }

  @Test
  void textOfFullRankKeepsAllDirections() {
    LanguageEmbeddings text = LanguageEmbeddings.of(RandomNumbers.rows(3, WIDTH + 1, WIDTH));
    NullSpaceProjector projector = builder().nullDim(1).fit(text);
    assertThat(projector.embeddingDim()).isEqualTo(WIDTH);
    assertThat(projector.directionsLeftOut()).isZero();
    assertThat(projector.toString()).doesNotContain("left out").contains("d=8, d_n=1, MEAN");
    Path file = folder.resolve("full.zip");
    projector.save(file);
    try (ArchiveReader archive = ArchiveReader.open(file)) {
      assertThat(archive.hasSetting("directionsLeftOut")).isFalse();
    }
  }

  @Test
  void momentsLeaveOutTheSame() {
    LanguageEmbeddings text = Deficient.SUM_OF_COLUMNS.text();
    NullSpaceProjector.Builder builder = builder().nullDim(2);
    try (MomentAccumulator moments = builder.newAccumulator(WIDTH)) {
      moments.add(text.toTensor().doubles());
      NullSpaceProjector projector = builder.fit(moments);
      assertThat(projector.embeddingDim()).isEqualTo(7);
      assertThat(projector.directionsLeftOut()).isEqualTo(1);
    }
  }

  /** A solver of the leading part does not find the directions that are left out. */
  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void isTheSameAfterSavingAndLoading(boolean isRandomized, boolean cover) {
    double[][] rows = RandomNumbers.rows(3, 300, 64);
    for (double[] row : rows) {
      for (int j = 10; j < 64; j++) {
        row[j] = row[j % 10] + 0.1 * j;
      }
    }
    LanguageEmbeddings text = LanguageEmbeddings.of(rows);
    NullSpaceProjector.Builder builder = builder().maxEmbeddingDim(16).nullDim(4).cover(cover);
    if (isRandomized) {
      builder.solver(RandomizedEigenSolver.builder().build());
    }
    NullSpaceProjector projector = builder.fit(text);
    assertThat(projector.solver().startsWith("randomized")).isEqualTo(isRandomized);
    assertThat(projector.embeddingDim()).isEqualTo(cover ? 14 : 10);
    assertThat(projector.directionsLeftOut()).isEqualTo(54);
    requireStandardised(projector, text, false);
    Path file = folder.resolve("projector.zip");
    projector.save(file);
    NullSpaceProjector loaded = NullSpaceProjector.load(file);
    assertThat(loaded).hasToString(projector.toString());
    assertThat(loaded.directionsLeftOut()).isEqualTo(54);
    assertThat(loaded.singularValues()).containsExactly(projector.singularValues());
    assertThat(loaded.project(text, ElementType.FLOAT64).doubles())
        .containsExactly(projector.project(text, ElementType.FLOAT64).doubles());
  }
}
