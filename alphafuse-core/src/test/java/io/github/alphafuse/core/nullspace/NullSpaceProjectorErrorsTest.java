package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        .withMessage(
            "no rule of the null space: set one of nullDim, nullShare, nullThreshold and energy");
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
        .withMessage("itemWeights must hold one number per item (20), found 2");
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
  void aShareContradictsTheOtherRules() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().nullShare(0.5).nullDim(1))
        .withMessageStartingWith("the null space is set to Share[share=0.5] already");
    assertThatIllegalStateException().isThrownBy(() -> builder().nullDim(1).nullShare(0.5));
    assertThatIllegalStateException().isThrownBy(() -> builder().nullThreshold(1).nullShare(0.5));
    assertThatIllegalStateException().isThrownBy(() -> builder().energy(0.5).nullShare(0.5));
    assertThat(builder().nullShare(1).nullShare(0.5).fit(random(20, 5)).nullDim()).isEqualTo(2);
    for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().nullShare(bad))
          .withMessage("nullShare must lie in [0, 1], found " + bad);
    }
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
}
