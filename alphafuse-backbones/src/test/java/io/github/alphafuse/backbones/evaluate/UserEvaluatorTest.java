package io.github.alphafuse.backbones.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UserEvaluatorTest {
  private static final int ITEMS = 6;

  private static UserScorer scorer(double[]... scores) {
    return new UserScorer() {
      @Override
      public int userCount() {
        return scores.length;
      }

      @Override
      public int itemCount() {
        return scores[0].length;
      }

      @Override
      public Tensor score(int[] users) {
        double[] flat =
            Arrays.stream(users).mapToObj(u -> scores[u]).flatMapToDouble(Arrays::stream).toArray();
        return Tensor.of(flat, users.length, scores[0].length);
      }
    };
  }

  private static UserItems items(int... items) {
    return UserItems.of(ITEMS, new int[][] {items});
  }

  private static int[] ranks(double[] scores, int[] seen, int[] relevant) {
    return UserEvaluator.unseenRanking()
        .evaluate(scorer(scores), items(seen), items(relevant))
        .ranks();
  }

  @Test
  void ranksTheRelevantAmongTheUnseen() {
    double[] scores = {9, 8, 7, 6, 5, 4};
    assertThat(ranks(scores, new int[] {}, new int[] {0, 3})).containsExactly(1, 4);
    assertThat(ranks(scores, new int[] {1, 2}, new int[] {0, 3})).containsExactly(1, 2);
    assertThat(ranks(scores, new int[] {0, 1, 2}, new int[] {5})).containsExactly(3);
  }

  @Test
  void isPessimisticAboutTies() {
    assertThat(ranks(new double[ITEMS], new int[] {}, new int[] {2})).containsExactly(6);
    assertThat(ranks(new double[ITEMS], new int[] {0}, new int[] {2, 4})).containsExactly(4, 5);
    assertThat(ranks(new double[] {3, 3, 2, 1, 1, 0}, new int[] {}, new int[] {0, 3}))
        .containsExactly(2, 5);
    assertThat(ranks(new double[] {0.0, -0.0, 1, -1, -1, -1}, new int[] {}, new int[] {0}))
        .as("zeros of both signs are equal")
        .containsExactly(3);
  }

  @Test
  void agreesWithSorting() {
    SplittableRandom random = new SplittableRandom(4);
    for (int round = 0; round < 200; round++) {
      int count = 40;
      double[] scores = new double[count];
      Arrays.setAll(scores, i -> random.nextInt(12));
      BitSet seen = new BitSet();
      BitSet relevant = new BitSet();
      for (int i = 0; i < count; i++) {
        int part = random.nextInt(4);
        seen.set(i, part == 0);
        relevant.set(i, part == 1);
      }
      relevant.set(0);
      seen.clear(0);
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        if (!seen.get(i)) {
          order.add(i);
        }
      }
      // The worst order that the scores allow.
      order.sort(
          Comparator.<Integer>comparingDouble(i -> -scores[i])
              .thenComparing(i -> relevant.get(i) ? 1 : 0));
      int[] expected =
          IntStream.range(0, order.size())
              .filter(place -> relevant.get(order.get(place)))
              .map(place -> place + 1)
              .toArray();
      Evaluation evaluation =
          UserEvaluator.unseenRanking()
              .evaluate(
                  scorer(scores),
                  UserItems.of(count, new int[][] {seen.stream().toArray()}),
                  UserItems.of(count, new int[][] {relevant.stream().toArray()}));
      assertThat(evaluation.ranks()).containsExactly(expected);
    }
  }

  @Test
  void averagesOverUsersWithRelevantItems() {
    UserScorer scorer =
        scorer(
            new double[] {6, 5, 4, 3, 2, 1},
            new double[] {1, 2, 3, 4, 5, 6},
            new double[] {1, 2, 3, 4, 5, 6});
    UserItems seen = UserItems.of(ITEMS, new int[][] {{0}, {}, {1}});
    UserItems relevant = UserItems.of(ITEMS, new int[][] {{1, 4, 5}, {}, {5}});
    for (int batch = 1; batch <= 3; batch++) {
      Evaluation evaluation =
          UserEvaluator.unseenRanking()
              .at(1, 2, 4)
              .batchSize(batch)
              .evaluate(scorer, seen, relevant);
      assertThat(evaluation.size()).isEqualTo(2);
      assertThat(evaluation.relevant()).containsExactly(3, 1);
      assertThat(evaluation.ranks()).containsExactly(1, 4, 5, 1);
      assertThat(evaluation.recall(4)).isEqualTo((2.0 / 3 + 1) / 2, within(1e-15));
      assertThat(evaluation.hitRate(1)).isEqualTo(1);
      double ideal = 1 + 1 / log2(3) + 1 / log2(4);
      assertThat(evaluation.ndcg(4)).isEqualTo(((1 + 1 / log2(5)) / ideal + 1) / 2, within(1e-15));
      // Two of three relevant items could be within 2.
      assertThat(evaluation.ndcg(2)).isEqualTo((1 / (1 + 1 / log2(3)) + 1) / 2, within(1e-15));
      assertThat(evaluation.toMap()).containsKeys("HR@1", "NDCG@2", "Recall@4");
      assertThat(evaluation).asString().contains("Recall");
    }
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }

  @Test
  void recallOfOneRelevantItemIsTheHitRate() {
    Evaluation single = Evaluation.of(new int[] {1, 7, 30}, 10);
    assertThat(single.recall(10)).isEqualTo(single.hitRate(10));
    assertThat(single.toMap().keySet()).containsExactly("HR@10", "NDCG@10", "MRR@10");
    assertThat(Metric.named("recall@20")).isEqualTo(Metric.recall(20)).hasToString("Recall@20");
  }

  @Test
  void scoresHistoriesByWhatWasSeen() {
    UserItems seen =
        UserItems.of(
            ItemVocabulary.ofRows(ITEMS), List.of("ann", "bob"), new int[][] {{0, 1}, {0}});
    UserItems relevant =
        UserItems.of(ItemVocabulary.ofRows(ITEMS), List.of("ann", "bob"), new int[][] {{2}, {5}});
    Evaluation popularity =
        UserEvaluator.unseenRanking().evaluate(PopularityScorer.of(seen), seen, relevant);
    assertThat(popularity.ranks()).containsExactly(4, 5);
    LanguageEmbeddings text =
        LanguageEmbeddings.of(new float[][] {{1, 0}, {0, 1}, {2, 2}, {0, -1}, {-1, 0}, {3, 0.1f}});
    try (LanguageScorer scorer = LanguageScorer.of(text)) {
      assertThat(UserEvaluator.unseenRanking().evaluate(scorer, seen, relevant).ranks())
          .containsExactly(1, 1);
    }
    UserItems nothing =
        UserItems.of(ItemVocabulary.ofRows(ITEMS), List.of("ann", "bob"), new int[][] {{0, 1}, {}});
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                UserEvaluator.unseenRanking()
                    .evaluate(PopularityScorer.of(seen), nothing, relevant))
        .withMessage("user \"bob\" has seen nothing: a scorer of histories cannot rank for it");
  }

  @Test
  void rejectsWhatCannotBeRanked() {
    UserEvaluator ranking = UserEvaluator.unseenRanking();
    UserScorer scorer = scorer(new double[ITEMS]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ranking.evaluate(scorer, items(1, 2), items(2)))
        .withMessage("item 2 of user \"0\" is both seen and relevant");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ranking.evaluate(scorer, items(1), items()))
        .withMessage("no user has a relevant item");
    UserItems other = UserItems.of(ITEMS, new int[][] {{1}, {2}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ranking.evaluate(scorer, other, other))
        .withMessage("users must be the scorer's 1, found 2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ranking.evaluate(
                    scorer, UserItems.of(3, new int[][] {{1}}), UserItems.of(3, new int[][] {{2}})))
        .withMessage("users must have items of the scorer's 6, found 3");
    assertThatExceptionOfType(UndefinedScoreException.class)
        .isThrownBy(
            () ->
                ranking.evaluate(
                    scorer(new double[] {0, 1, 2, Double.NaN, 0, 0}), items(), items(2)))
        .withMessage("scores must be numbers, found NaN for item 3 of user 0");
    assertThatIllegalArgumentException().isThrownBy(() -> ranking.at());
    assertThatIllegalArgumentException().isThrownBy(() -> ranking.at(0));
    assertThatIllegalArgumentException().isThrownBy(() -> ranking.batchSize(0));
  }
}
