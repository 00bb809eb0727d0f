package io.github.alphafuse.backbones.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.fixture.Strategies;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.TrainingItems;
import io.github.alphafuse.core.fixture.GoldenCase;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.internal.rows.Rows;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.RowNormalization;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What strategies are made of, and options that only some have. */
class StrategyPartsTest {
  private static final String LANGUAGE = "weights/item_embeddings.language_embeddings.weight";

  @ParameterizedTest
  @CsvSource({
    "0, 0.5",
    "1, 0.8413447460685429",
    "-3, 0.0013498980316300946",
    "-4, 3.167124183311986e-05",
    "-4.5, 3.397673124730053e-06",
    "-5, 2.866515718791939e-07",
    "40, 1"
  })
  void theNormalDistributionIsExact(double x, double expected) {
    assertThat(Gelu.phi(x)).isCloseTo(expected, within(1e-15));
    assertThat(Gelu.phi(-x)).isCloseTo(1 - expected, within(1e-15));
  }

  @ParameterizedTest
  @EnumSource
  void dropoutKeepsItsShareAndTheMean(ElementType type) {
    int length = 20_001;
    Tensor ones = Tensor.zeros(type, length);
    ones.fill(1);
    Tensor dropped = Tensor.zeros(type, length);
    Tensor other = Tensor.zeros(type, length);
    RowDropout dropout = new RowDropout(0.2, type, length);
    dropout.apply(1, Rows.of(ones), 0, Rows.of(dropped), 0);
    dropout.apply(2, Rows.of(ones), 0, Rows.of(other), 0);
    double zeros = 0;
    double both = 0;
    for (int i = 0; i < length; i++) {
      assertThat(dropped.get(i)).isIn(0.0, (double) (float) 1.25);
      zeros += dropped.get(i) == 0 ? 1 : 0;
      both += dropped.get(i) == 0 && other.get(i) == 0 ? 1 : 0;
    }
    assertThat(zeros / length).isCloseTo(0.2, within(0.01));
    assertThat(both / length).as("streams are independent").isCloseTo(0.04, within(0.006));
    int half = (length + 1) / 2;
    double together = 0;
    for (int i = half; i < length; i++) {
      together += dropped.get(i) == 0 && dropped.get(i - half) == 0 ? 1 : 0;
    }
    assertThat(together / (length - half)).as("of one hash").isCloseTo(0.04, within(0.006));
    Tensor again = Tensor.zeros(type, length);
    dropout.apply(1, Rows.of(ones), 0, Rows.of(again), 0);
    assertThat(again.to(ElementType.FLOAT64).doubles())
        .containsExactly(dropped.to(ElementType.FLOAT64).doubles());
  }

  /** Experts and rows that drop the same numbers would not be experts of their own. */
  @Test
  void everyExpertAndRowDrawsForItself() {
    // One text for all items, experts with the same weights: only what is drawn differs.
    double[][] rows = new double[40][];
    java.util.Arrays.setAll(rows, i -> RandomNumbers.rows(1, 1, 64)[0]);
    AdaptedItemEmbedding items =
        UniSRec.builder(LanguageEmbeddings.of(rows)).experts(2).dim(4).gateNoise(false).build();
    Tensor first = items.parameters().get(ExpertsAdapter.weight(0));
    java.util.Objects.requireNonNull(items.parameters().get(ExpertsAdapter.weight(1)))
        .copyFrom(java.util.Objects.requireNonNull(first));
    int[] all = java.util.stream.IntStream.range(0, 40).toArray();
    try (TrainingItems training = items.forTraining()) {
      training.begin(new SplittableRandom(1), all);
      Tensor drawn = Tensor.zeros(ElementType.FLOAT32, 40, 4);
      training.rows().gather(all, drawn);
      java.util.Set<Float> different = new java.util.HashSet<>();
      for (int i = 0; i < 40; i++) {
        different.add(drawn.floats()[4 * i]);
      }
      assertThat(different).hasSize(40);
      training.begin(new SplittableRandom(1), all);
      Tensor again = Tensor.zeros(ElementType.FLOAT32, 40, 4);
      training.rows().gather(all, again);
      assertThat(again.floats()).containsExactly(drawn.floats());
      training.begin(new SplittableRandom(2), all);
      training.rows().gather(all, again);
      assertThat(again.floats()).isNotEqualTo(drawn.floats());
    }
    assertThat(items.table().floats()[0])
        .as("nothing is drawn here")
        .isEqualTo(items.table().floats()[4]);
  }

  /** The stored whitened rows come from the stored scaled ones, up to the signs of columns. */
  @Test
  @Tag("golden")
  void whitensAsPublished() {
    List<GoldenCase> cases = GoldenCase.discover("");
    int compared = 0;
    for (GoldenCase whitened : cases) {
      for (GoldenCase scaled : cases) {
        if (holds(whitened, "WhitenRec", "iDreamRec")
            && holds(scaled, "MoRec", "UniSRec")
            && shareText(whitened, scaled)) {
          compareWhitened(scaled, whitened);
          compared++;
        }
      }
    }
    Assumptions.assumeTrue(
        compared > 0 || !GoldenCase.isGiven(), "no whitened rows beside scaled ones of this text");
    assertThat(compared).as("whitened cases beside scaled ones").isPositive();
  }

  private static boolean holds(GoldenCase golden, String... models) {
    return golden.has(LANGUAGE)
        && List.of(models).contains(golden.settings().get("model").getAsString());
  }

  /** The cases of a folder are of one text, if it is of one size. */
  private static boolean shareText(GoldenCase one, GoldenCase other) {
    return Path.of(one.name()).resolveSibling("x").equals(Path.of(other.name()).resolveSibling("x"))
        && itemCount(one) == itemCount(other)
        && one.shape(LANGUAGE)[1] == other.shape(LANGUAGE)[1];
  }

  private static int itemCount(GoldenCase golden) {
    return golden.settings().get("padding_id").getAsInt();
  }

  private static void compareWhitened(GoldenCase scaled, GoldenCase whitened) {
    int items = itemCount(scaled);
    LanguageEmbeddings text = LanguageEmbeddings.of(scaled.array(LANGUAGE).firstRows(items));
    Tensor rows = IDreamRec.builder(text).elementType(ElementType.FLOAT64).build().table();
    Tensor expected = whitened.array(LANGUAGE).firstRows(items);
    // Directions without variance are noise in the public implementation.
    int width = rows.shape(1);
    int stored = text.dim();
    for (int j = 0; j < width; j++) {
      double dot = 0;
      for (int i = 0; i < items; i++) {
        dot += rows.get(i * width + j) * expected.get(i * stored + j);
      }
      for (int i = 0; i < items; i++) {
        assertThat(Math.signum(dot) * rows.get(i * width + j))
            .as("%s, row %s, column %s", whitened, i, j)
            .isCloseTo(expected.get(i * stored + j), within(1e-9));
      }
    }
  }

  @Test
  void whitenRecIsMoRecOnWhitenedRows() {
    LanguageEmbeddings text = Strategies.text(40);
    Tensor whitened = IDreamRec.builder(text).elementType(ElementType.FLOAT64).build().table();
    Tensor rows = WhitenRec.builder(text).dim(4).elementType(ElementType.FLOAT64).build().table();
    AdaptedItemEmbedding elsewhere =
        WhitenRec.ofWhitened(whitened).dim(4).elementType(ElementType.FLOAT64).build();
    assertThat(elsewhere.table().doubles()).containsExactly(rows.doubles(), within(1e-12));
    assertThat(
            MoRec.builder(LanguageEmbeddings.of(whitened))
                .normalize(RowNormalization.NONE)
                .scale(1)
                .dim(4)
                .elementType(ElementType.FLOAT64)
                .build()
                .table()
                .doubles())
        .containsExactly(rows.doubles(), within(1e-12));
    assertThatIllegalStateException()
        .isThrownBy(() -> elsewhere.newItems(text))
        .withMessage("new items need raw text, and these rows were prepared elsewhere");
  }

  @Test
  void optionsAreCheckedWhereTheyAreSet() {
    LanguageEmbeddings text = Strategies.text(12);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MoRec.builder(text).dim(0))
        .withMessage("dim must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MoRec.builder(text).scale(Double.NaN))
        .withMessage("scale must be positive and finite, found NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UniSRec.builder(text).experts(0))
        .withMessage("experts must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UniSRec.builder(text).dropout(1))
        .withMessage("dropout must lie in [0, 1), found 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RlmRec.builder(text).weight(-1))
        .withMessage("weight must be finite and at least 0, found -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WhitenRec.builder(text).varianceFloor(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WhitenRec.ofWhitened(Tensor.zeros(ElementType.FLOAT32, 3)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MoRec.builder(LanguageEmbeddings.of(new double[3][2])).build())
        .withMessage("embeddings must not be all zeros to be divided by their mean norm");
  }

  /** A scale means the same for every encoder: rows are divided by their mean norm first. */
  @Test
  void scalesRowsAsTheProjectorDoes() {
    double[][] rows = RandomNumbers.rows(3, 12, 5);
    double[][] larger =
        java.util.Arrays.stream(rows)
            .map(row -> java.util.Arrays.stream(row).map(x -> 1000 * x).toArray())
            .toArray(double[][]::new);
    Tensor one =
        MoRec.builder(LanguageEmbeddings.of(rows)).elementType(ElementType.FLOAT64).build().table();
    Tensor other =
        MoRec.builder(LanguageEmbeddings.of(larger))
            .elementType(ElementType.FLOAT64)
            .build()
            .table();
    assertThat(other.doubles()).containsExactly(one.doubles(), within(1e-9));
  }
}
