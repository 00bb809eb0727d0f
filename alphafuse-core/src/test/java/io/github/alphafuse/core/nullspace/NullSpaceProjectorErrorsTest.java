package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

class NullSpaceProjectorErrorsTest {

  private static LanguageEmbeddings random(int n, int d) {
    return LanguageEmbeddings.of(NullSpaceProjectorTest.rows(1, n, d));
  }

  private static NullSpaceProjector.Builder builder() {
    return NullSpaceProjector.builder();
  }

  @Test
  void needsTwoItems() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullDim(1).fit(random(1, 3)))
        .withMessage("a null space needs at least 2 items, found 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "ROWS", "MEAN"})
  void needsTwoRowsOfMoments(RowNormalization how) {
    NullSpaceProjector.Builder builder = builder().normalize(how).nullDim(1);
    try (MomentAccumulator moments = builder.newAccumulator(3)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> builder.fit(moments))
          .withMessage("a covariance needs at least 2 rows, found 0");
      moments.add(new double[] {1, 2, 3});
      assertThatIllegalStateException()
          .isThrownBy(() -> builder.fit(moments))
          .withMessage("a covariance needs at least 2 rows, found 1");
    }
  }

  @Test
  void needsMomentsOfTheSameNormalisation() {
    try (MomentAccumulator moments = MomentAccumulator.create(3, RowNormalization.NONE)) {
      moments.add(RandomNumbers.gaussian(1, 30));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().nullDim(1).fit(moments))
          .withMessage("moments must be of rows normalised by MEAN, found NONE");
    }
  }

  @Test
  void needsARule() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().fit(random(20, 3)))
        .withMessage("no rule of the null space: set one of nullDim, nullThreshold and energy");
  }

  @Test
  void checksTheDimensions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullDim(-1))
        .withMessage("nullDim must be at least 0, found -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().embeddingDim(0))
        .withMessage("embeddingDim must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullDim(4).embeddingDim(3).fit(random(20, 5)))
        .withMessage("nullDim must lie in [0, 3], the embedding dimension, found 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullDim(6).fit(random(20, 5)))
        .withMessage("nullDim must lie in [0, 5], the embedding dimension, found 6");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullDim(1).embeddingDim(6).fit(random(20, 5)))
        .withMessage(
            "embeddingDim must lie in [1, 5], the width of the language embeddings, found 6");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5})
  void takesEveryFixedDimensionInRange(int nullDim) {
    assertThat(builder().nullDim(nullDim).fit(random(20, 5)).nullDim()).isEqualTo(nullDim);
  }

  @Test
  void aThresholdMustLeaveBothSpaces() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullThreshold(1e-9).fit(random(20, 5)))
        .withMessageStartingWith("nullThreshold 1.0E-9 leaves no null space")
        .withMessageContaining("variances run from");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullThreshold(1e9).fit(random(20, 5)))
        .withMessageStartingWith("nullThreshold 1.0E9 leaves no row space: 5 of 5 directions")
        .withMessageContaining("at most embeddingDim - 1 = 4");
    double[] s = builder().nullDim(1).fit(random(20, 5)).singularValues();
    double between = (s[1] + s[2]) / 2;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullThreshold(between).embeddingDim(3).fit(random(20, 5)))
        .withMessageContaining("leaves no row space: 3 of 5 directions");
    assertThat(builder().nullThreshold(between).embeddingDim(4).fit(random(20, 5)).nullDim())
        .isEqualTo(3);
  }

  @Test
  void energyMustLeaveANullSpace() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().energy(0.999999).fit(random(20, 5)))
        .withMessageContaining("takes 5 directions for the row space")
        .withMessageContaining("embeddingDim - 1 = 4");
    for (double bad : new double[] {0, 1, -0.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().energy(bad))
          .withMessage("energy must lie in (0, 1), found " + bad);
    }
  }

  @Test
  void checksTheNumbersItIsGiven() {
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().nullThreshold(bad))
          .withMessage("nullThreshold must be finite and at least 0, found " + bad);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().scale(bad))
          .withMessage("scale must be positive and finite, found " + bad);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().varianceFloor(bad))
          .withMessage("varianceFloor must be finite and at least 0, found " + bad);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().itemWeights(new double[] {1, bad}))
          .withMessage("itemWeights[1] must be finite and at least 0, found " + bad);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> builder().scale(0));
    for (double[] none : new double[][] {{}, {0}, {0, 0, 0}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().itemWeights(none))
          .withMessage("itemWeights must have at least one number above 0");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullDim(1).itemWeights(new double[] {1, 2}).fit(random(20, 5)))
        .withMessage("itemWeights must hold one number an item (20), found 2");
  }

  @Test
  void aThresholdWinsOverADimensionInEitherOrder() {
    double[] s = builder().nullDim(1).fit(random(20, 5)).singularValues();
    double between = (s[1] + s[2]) / 2;
    assertThat(builder().nullThreshold(between).nullDim(1).fit(random(20, 5)).nullDim())
        .isEqualTo(3);
    assertThat(builder().nullDim(1).nullThreshold(between).fit(random(20, 5)).nullDim())
        .isEqualTo(3);
  }

  @Test
  void energyContradictsTheOtherRules() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().nullDim(1).energy(0.5))
        .withMessageStartingWith("the null space is set to Dimension[nullDim=1] already");
    assertThatIllegalStateException().isThrownBy(() -> builder().energy(0.5).nullDim(1));
    assertThatIllegalStateException().isThrownBy(() -> builder().energy(0.5).nullThreshold(1));
    assertThatIllegalStateException().isThrownBy(() -> builder().nullThreshold(1).energy(0.5));
  }

  @Test
  void checksTheRowsItProjects() {
    NullSpaceProjector projector = builder().nullDim(1).fit(random(20, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> projector.project(new double[4]))
        .withMessage("rows must have 3 columns as those that were fitted, found 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> projector.project(new double[] {1, Double.NaN, 2}));
    NullSpaceProjector unit =
        builder().normalize(RowNormalization.ROWS).nullDim(1).fit(random(20, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> unit.project(new double[3]))
        .withMessage("row 0 must not be all zeros to be normalised to norm 1");
  }

  @Test
  void checksTheRowsItIsFittedTo() {
    double[][] rows = NullSpaceProjectorTest.rows(1, 20, 3);
    rows[7] = new double[3];
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                builder()
                    .normalize(RowNormalization.ROWS)
                    .nullDim(1)
                    .fit(LanguageEmbeddings.of(rows)))
        .withMessage("row 7 must not be all zeros to be normalised to norm 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().nullDim(1).fit(LanguageEmbeddings.of(new double[5][3])))
        .withMessage("embeddings must not be all zeros to be divided by their mean norm");
  }

  /** Ways to have fewer directions than columns. */
  enum Deficient {
    FEW_ITEMS(6),
    DUPLICATE_COLUMNS(6),
    CONSTANT_COLUMN(7),
    DUPLICATE_ROWS(4),
    SUM_OF_COLUMNS(7),
    LARGE_CONSTANT_COLUMN(7),
    ALL_ROWS_EQUAL(0);

    private final int rank;

    Deficient(int rank) {
      this.rank = rank;
    }

    double[][] rows() {
      double[][] rows = RandomNumbers.rows(3, this == FEW_ITEMS ? 7 : 30, 8);
      for (int i = 0; i < rows.length; i++) {
        switch (this) {
          case FEW_ITEMS -> {}
          case DUPLICATE_COLUMNS -> {
            rows[i][5] = rows[i][1];
            rows[i][6] = rows[i][2];
          }
          case CONSTANT_COLUMN -> rows[i][3] = 0.1;
          case DUPLICATE_ROWS -> rows[i] = rows[i % 5].clone();
          case SUM_OF_COLUMNS -> rows[i][7] = rows[i][0] + rows[i][1] - 2 * rows[i][2];
          case LARGE_CONSTANT_COLUMN -> rows[i][3] = 1000.1;
          case ALL_ROWS_EQUAL -> rows[i] = rows[0].clone();
        }
      }
      return rows;
    }
  }

  private static String firstBad(Deficient how) {
    return "embeddings are rank-deficient: kept direction " + (how.rank + 1) + " of 8 has variance";
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.EnumSource
  void namesTheFirstDirectionThatCannotBeStandardised(Deficient how) {
    LanguageEmbeddings embeddings = LanguageEmbeddings.of(how.rows());
    for (RowNormalization normalization : RowNormalization.values()) {
      if (normalization == RowNormalization.ROWS && how != Deficient.DUPLICATE_ROWS) {
        continue;
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().normalize(normalization).nullDim(2).fit(embeddings))
          .withMessageStartingWith(firstBad(how))
          .withMessageContaining("Use a smaller embeddingDim, set varianceFloor");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> builder().normalize(normalization).scale(1e-6).nullDim(2).fit(embeddings))
          .withMessageStartingWith(firstBad(how));
    }
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.EnumSource
  void staysFiniteWhereItIsAllowedTo(Deficient how) {
    LanguageEmbeddings embeddings = LanguageEmbeddings.of(how.rows());
    requireFinite(builder().varianceFloor(1e-3).nullDim(2).fit(embeddings), embeddings);
    requireFinite(builder().standardize(false).nullDim(2).fit(embeddings), embeddings);
    if (how.rank > 0) {
      requireFinite(builder().embeddingDim(how.rank).nullDim(1).fit(embeddings), embeddings);
      requireFinite(builder().cover(true).nullDim(8 - how.rank).fit(embeddings), embeddings);
    }
    double[] weights = new double[embeddings.itemCount()];
    Arrays.fill(weights, 1);
    weights[1] = 5;
    requireFinite(
        builder().itemWeights(weights).varianceFloor(1e-3).nullDim(2).fit(embeddings), embeddings);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().itemWeights(weights).nullDim(2).fit(embeddings))
        .withMessageContaining("rank-deficient");
  }

  private static void requireFinite(NullSpaceProjector projector, LanguageEmbeddings embeddings) {
    Tensor z = projector.project(embeddings, DataType.FLOAT);
    assertThat(z.firstNonFinite()).isEqualTo(-1);
    for (int i = 0; i < z.size(); i++) {
      assertThat(Math.abs(z.get(i))).isLessThan(1e4);
    }
  }
}
