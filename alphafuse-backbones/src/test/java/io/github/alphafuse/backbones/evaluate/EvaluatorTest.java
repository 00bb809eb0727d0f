package io.github.alphafuse.backbones.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluatorTest {
  private static final int ITEMS = 5;

  /** A scorer that gives the items of a history's first item's row. */
  private static ItemScorer scorer(ElementType type, IntFunction<double[]> rowOfFirstItem) {
    return new ItemScorer() {
      @Override
      public int itemCount() {
        return ITEMS;
      }

      @Override
      public Tensor score(int[][] histories) {
        Tensor scores = Tensor.zeros(type, histories.length, ITEMS);
        for (int b = 0; b < histories.length; b++) {
          double[] row = rowOfFirstItem.apply(histories[b][0]);
          for (int j = 0; j < ITEMS; j++) {
            scores.set(b * ITEMS + j, row[j]);
          }
        }
        return scores;
      }
    };
  }

  private static Examples examples(int[] history, int target) {
    return Examples.builder(ITEMS).add("u", history, target).build();
  }

  private static int rank(ElementType type, double[] scores, int target) {
    Evaluation evaluation =
        Evaluator.fullRanking()
            .evaluate(scorer(type, i -> scores), examples(new int[] {0}, target));
    return evaluation.ranks()[0];
  }

  @ParameterizedTest
  @EnumSource
  void countsItemsAtOrAbove(ElementType type) {
    double[] scores = {0.5, 3, -1, 3, 0};
    assertThat(rank(type, scores, 1)).as("tied for the best").isEqualTo(2);
    assertThat(rank(type, scores, 3)).as("the other of the two").isEqualTo(2);
    assertThat(rank(type, scores, 0)).isEqualTo(3);
    assertThat(rank(type, scores, 4)).isEqualTo(4);
    assertThat(rank(type, scores, 2)).isEqualTo(5);
  }

  @Test
  void givesAConstantScorerNoCredit() {
    for (int target = 0; target < ITEMS; target++) {
      assertThat(rank(ElementType.FLOAT32, new double[ITEMS], target)).isEqualTo(ITEMS);
    }
  }

  @Test
  void ranksInfinities() {
    double inf = Double.POSITIVE_INFINITY;
    assertThat(rank(ElementType.FLOAT64, new double[] {inf, 0, -inf, -inf, 1}, 0)).isEqualTo(1);
    assertThat(rank(ElementType.FLOAT64, new double[] {inf, 0, -inf, -inf, 1}, 3)).isEqualTo(5);
  }

  @Test
  void agreesWithItsSimplestForm() {
    SplittableRandom random = new SplittableRandom(3);
    for (int trial = 0; trial < 200; trial++) {
      double[] scores = random.doubles(ITEMS).map(x -> Math.floor(3 * x)).toArray();
      int target = random.nextInt(ITEMS);
      long above = Arrays.stream(scores).filter(score -> score >= scores[target]).count();
      assertThat(Evaluator.rank(scores, target)).isEqualTo((int) above);
      assertThat(rank(ElementType.FLOAT32, scores, target)).isEqualTo((int) above);
    }
  }

  @ParameterizedTest
  @EnumSource
  void rejectsScoresThatAreNotNumbers(ElementType type) {
    Examples examples =
        Examples.builder(ITEMS).add("a", new int[] {0}, 1).add("b", new int[] {1}, 2).build();
    ItemScorer scorer =
        scorer(type, i -> i == 0 ? new double[ITEMS] : new double[] {1, 2, 3, Double.NaN, 4});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluator.fullRanking().batchSize(1).evaluate(scorer, examples))
        .withMessage("scores must be numbers, found NaN for item 3 of example 1");
  }

  @Test
  void masksSeenItemsOnceAndNeverTheTarget() {
    double[] scores = {5, 4, 3, 2, 1};
    ItemScorer scorer = scorer(ElementType.FLOAT32, i -> scores);
    Examples repeated = examples(new int[] {0, 1, 0, 1, 0}, 2);
    assertThat(Evaluator.fullRanking().evaluate(scorer, repeated).ranks()).containsExactly(3);
    assertThat(Evaluator.fullRanking().maskSeen(true).evaluate(scorer, repeated).ranks())
        .containsExactly(1);
    Examples again = examples(new int[] {1, 0}, 1);
    assertThat(Evaluator.fullRanking().maskSeen(true).evaluate(scorer, again).ranks())
        .containsExactly(1);
    Examples belowSeen = examples(new int[] {4}, 3);
    assertThat(Evaluator.fullRanking().maskSeen(true).evaluate(scorer, belowSeen).ranks())
        .containsExactly(4);
  }

  @Test
  void namesOfMetricsSayThatSeenItemsAreLeftOut() {
    ItemScorer scorer = scorer(ElementType.FLOAT32, i -> new double[] {5, 4, 3, 2, 1});
    Examples examples = examples(new int[] {0}, 2);
    Evaluation all = Evaluator.fullRanking().at(5).evaluate(scorer, examples);
    Evaluation unseen = Evaluator.fullRanking().maskSeen(true).at(5).evaluate(scorer, examples);
    assertThat(all.isUnseen()).isFalse();
    assertThat(all.protocol()).isEqualTo("all items");
    assertThat(all.toMap().keySet()).containsExactly("HR@5", "NDCG@5", "MRR@5");
    assertThat(unseen.isUnseen()).isTrue();
    assertThat(unseen.protocol()).isEqualTo("unseen items");
    assertThat(unseen.toMap().keySet())
        .containsExactly("unseen HR@5", "unseen NDCG@5", "unseen MRR@5");
    assertThat(unseen).asString().startsWith("unseen items:");
    // Sampled items hold no seen ones, whatever is masked.
    assertThat(
            Evaluator.sampledRanking(2)
                .maskSeen(true)
                .at(5)
                .evaluate(scorer, examples)
                .toMap()
                .keySet())
        .containsExactly("sampled 2 HR@5", "sampled 2 NDCG@5", "sampled 2 MRR@5");
  }

  @Test
  void batchesOfAnySizeGiveTheSameRanks() {
    SplittableRandom random = new SplittableRandom(4);
    Examples.Builder builder = Examples.builder(ITEMS);
    for (int i = 0; i < 23; i++) {
      builder.add("u" + i, new int[] {random.nextInt(ITEMS)}, random.nextInt(ITEMS));
    }
    double[][] rows = new double[ITEMS][];
    Arrays.setAll(rows, i -> random.doubles(ITEMS).toArray());
    ItemScorer scorer = scorer(ElementType.FLOAT32, i -> rows[i]);
    int[] expected = Evaluator.fullRanking().evaluate(scorer, builder.build()).ranks();
    for (int size : new int[] {1, 2, 7, 23, 100}) {
      assertThat(Evaluator.fullRanking().batchSize(size).evaluate(scorer, builder.build()).ranks())
          .isEqualTo(expected);
    }
  }

  @Test
  void checksItsOptions() {
    Evaluator evaluator = Evaluator.fullRanking();
    ItemScorer scorer = scorer(ElementType.FLOAT32, i -> new double[ITEMS]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluator.at(5, 0))
        .withMessage("cut-off must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(evaluator::at)
        .withMessage("an evaluator needs at least one cut-off");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluator.batchSize(0))
        .withMessage("batchSize must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluator.evaluate(scorer, Examples.builder(ITEMS).build()))
        .withMessage("an evaluation needs at least one example");
    Examples other = Examples.builder(9).add("u", new int[] {1}, 2).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluator.evaluate(scorer, other))
        .withMessage("examples must be over the scorer's 5 items, found 9");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluator.rank(new double[3], 3))
        .withMessage("target must lie in [0, 3), found 3");
  }

  @Test
  void averagesGains() {
    Evaluation evaluation = Evaluation.of(new int[] {1, 2, 7, 30}, 1, 5, 20);
    assertThat(evaluation.hitRate(1)).isEqualTo(0.25);
    assertThat(evaluation.hitRate(20)).isEqualTo(0.75);
    assertThat(evaluation.mrr(5)).isEqualTo((1 + 0.5) / 4, within(1e-15));
    assertThat(evaluation.ndcg(20))
        .isEqualTo((1 + 1 / (Math.log(3) / Math.log(2)) + 1 / 3.0) / 4, within(1e-15));
    assertThat(evaluation.toMap())
        .hasSize(9)
        .containsEntry("HR@5", 0.5)
        .containsKeys("NDCG@20", "MRR@1");
    assertThat(evaluation.toString().lines()).hasSize(4).first().asString().contains("NDCG");
    assertThat(evaluation.size()).isEqualTo(4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluation.of(new int[] {1, 0}, 5))
        .withMessage("ranks[1] must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluation.of(new int[0], 5))
        .withMessage("an evaluation needs at least one rank");
  }

  @Test
  void findsMetricsByName() {
    assertThat(Metric.named("ndcg@20")).isEqualTo(Metric.ndcg(20));
    assertThat(Metric.named(" HR@1 ")).isEqualTo(Metric.hitRate(1)).hasToString("HR@1");
    assertThat(Metric.named("MRR@10")).isEqualTo(Metric.mrr(10));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NDCG", "NDCG@", "NDCG@0", "MAP@5", "NDCG@5@6", ""})
  void rejectsOtherNames(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Metric.named(name))
        .withMessageStartingWith("metric must be HR, NDCG, MRR or Recall")
        .withMessageEndingWith("found '" + name + "'");
  }

  @Test
  void ranksByPopularity() {
    Examples train =
        Examples.builder(3).add("a", new int[] {2, 1}, 2).add("b", new int[] {2}, 1).build();
    Tensor scores = PopularityScorer.of(train).score(new int[][] {{0}, {1}});
    assertThat(scores.floats()).containsExactly(0, 2, 3, 0, 2, 3);
  }
}
