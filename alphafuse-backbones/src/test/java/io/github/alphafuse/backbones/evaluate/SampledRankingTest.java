package io.github.alphafuse.backbones.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.primitives.Ints;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampledRankingTest {

  private static ItemScorer scorer(int items, IntToDoubleFunction score) {
    return new ItemScorer() {
      @Override
      public int itemCount() {
        return items;
      }

      @Override
      public Tensor score(int[][] histories) {
        Tensor scores = Tensor.zeros(ElementType.FLOAT32, histories.length, items);
        for (int i = 0; i < histories.length * items; i++) {
          scores.set(i, score.applyAsDouble(i % items));
        }
        return scores;
      }
    };
  }

  private static Examples random(int items, int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Examples.Builder builder = Examples.builder(items);
    for (int i = 0; i < size; i++) {
      builder.add(
          "u" + i, random.ints(1 + random.nextInt(5), 0, items).toArray(), random.nextInt(items));
    }
    return builder.build();
  }

  @ParameterizedTest
  @CsvSource({"10, 3", "10, 7", "200, 100", "1000, 5"})
  void drawsDifferentItemsThatTheUserDidNotHave(int items, int count) {
    NegativeItems negatives = new NegativeItems(items, count);
    SplittableRandom random = new SplittableRandom(1);
    for (int example = 0; example < 200; example++) {
      int[] interacted = random.ints(3, 0, items).toArray();
      int[] drawn = negatives.draw(example, interacted, random.split()).clone();
      assertThat(drawn).doesNotHaveDuplicates().hasSize(count);
      assertThat(Ints.asList(drawn))
          .doesNotContainAnyElementsOf(Ints.asList(interacted))
          .allSatisfy(item -> assertThat(item).isBetween(0, items - 1));
    }
  }

  @Test
  void drawsUniformly() {
    NegativeItems negatives = new NegativeItems(10, 3);
    int[] counts = new int[10];
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 20_000; i++) {
      for (int item : negatives.draw(0, new int[] {4, 0, 4, 9}, random)) {
        counts[item]++;
      }
    }
    // Binomial(20000, 3/7): standard deviation 70.
    for (int item = 0; item < 10; item++) {
      if (item == 0 || item == 4 || item == 9) {
        assertThat(counts[item]).isZero();
      } else {
        assertThat(counts[item]).isBetween(8571 - 350, 8571 + 350);
      }
    }
  }

  @Test
  void ranksPessimisticallyAmongTheSampled() {
    Examples examples = random(500, 60, 3);
    Evaluator evaluator = Evaluator.sampledRanking(100).seed(7);
    // A constant scorer is below all of them, whatever is drawn.
    assertThat(evaluator.evaluate(scorer(500, i -> 1), examples).ranks()).containsOnly(101);
    // Scores of the row number: the rank is 1 plus the drawn items above the target.
    int[] ranks = evaluator.evaluate(scorer(500, i -> i), examples).ranks();
    int[] reversed = evaluator.evaluate(scorer(500, i -> -i), examples).ranks();
    for (int i = 0; i < ranks.length; i++) {
      assertThat(ranks[i] - 1 + reversed[i] - 1).isEqualTo(100);
      int expected = 1 + 100 * (499 - examples.target(i)) / 500;
      assertThat(Math.abs(ranks[i] - expected)).isLessThan(30);
    }
  }

  @Test
  void everyModelMeetsTheSameItems() {
    Examples examples = random(300, 50, 4);
    Evaluator evaluator = Evaluator.sampledRanking(20).seed(1);
    int[] ranks = evaluator.evaluate(scorer(300, i -> i), examples).ranks();
    // The same order of items by other scores, in other batches.
    assertThat(evaluator.batchSize(7).evaluate(scorer(300, i -> 2 * i - 5), examples).ranks())
        .isEqualTo(ranks);
    assertThat(evaluator.maskSeen(true).evaluate(scorer(300, i -> i), examples).ranks())
        .isEqualTo(ranks);
    assertThat(evaluator.seed(2).evaluate(scorer(300, i -> i), examples).ranks())
        .isNotEqualTo(ranks);
    // The first examples are drawn for alike, however many follow.
    Examples.Builder first = Examples.builder(300);
    for (int i = 0; i < 10; i++) {
      first.add(examples.user(i), examples.history(i), examples.target(i));
    }
    assertThat(evaluator.evaluate(scorer(300, i -> i), first.build()).ranks())
        .isEqualTo(Arrays.copyOf(ranks, 10));
  }

  @Test
  void allItemsLeftGiveTheMaskedFullRanking() {
    Examples examples = Examples.builder(9).add("u", new int[] {1, 2, 1}, 5).build();
    ItemScorer scorer = scorer(9, i -> (i * 7) % 9);
    assertThat(Evaluator.sampledRanking(6).evaluate(scorer, examples).ranks())
        .isEqualTo(Evaluator.fullRanking().maskSeen(true).evaluate(scorer, examples).ranks());
  }

  @Test
  void theProtocolIsNamed() {
    Examples examples = random(300, 5, 5);
    Evaluation sampled =
        Evaluator.sampledRanking(100).at(10).evaluate(scorer(300, i -> i), examples);
    assertThat(sampled.negatives()).isEqualTo(100);
    assertThat(sampled.protocol()).isEqualTo("sampled 100");
    assertThat(sampled.toMap().keySet())
        .containsExactly("sampled 100 HR@10", "sampled 100 NDCG@10", "sampled 100 MRR@10");
    assertThat(sampled.toString()).startsWith("sampled 100:");
    Evaluation full = Evaluator.fullRanking().at(10).evaluate(scorer(300, i -> i), examples);
    assertThat(full.protocol()).isEqualTo("all items");
    assertThat(full.toMap()).containsKey("HR@10");
    assertThat(sampled.hitRate(10)).isGreaterThanOrEqualTo(full.hitRate(10));
  }

  @Test
  void moreNegativesThanItemsAreRejected() {
    Examples examples =
        Examples.builder(9).add("u", new int[] {1}, 5).add("v", new int[] {1, 2}, 5).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluator.sampledRanking(7).evaluate(scorer(9, i -> i), examples))
        .withMessage(
            "sampledRanking: expected at least 7 items that user of example 1 did not interact"
                + " with, found 6 of 9");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluator.sampledRanking(0))
        .withMessage("sampledRanking must have at least 1 item, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluation.of(new int[] {4, 9}, 10).amongSampled(7))
        .withMessage("ranks[1] must be at most 8 among 7 sampled items, found 9");
  }

  @Test
  void scoresMustBeNumbers() {
    Examples examples = random(300, 5, 6);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Evaluator.sampledRanking(2)
                    .evaluate(scorer(300, i -> i == 17 ? Double.NaN : i), examples))
        .withMessageStartingWith("scores must be numbers, found NaN for item 17 of example");
  }
}
