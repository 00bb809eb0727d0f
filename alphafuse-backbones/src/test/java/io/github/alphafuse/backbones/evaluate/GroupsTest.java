package io.github.alphafuse.backbones.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.SequenceDataset;
import io.github.alphafuse.backbones.data.UserSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GroupsTest {
  private static final int ITEMS = 12;

  private static Examples random(long seed, int size) {
    SplittableRandom random = new SplittableRandom(seed);
    Examples.Builder builder = Examples.builder(ITEMS);
    for (int i = 0; i < size; i++) {
      builder.add(
          "u" + i, random.ints(1 + random.nextInt(6), 0, ITEMS).toArray(), random.nextInt(ITEMS));
    }
    return builder.build();
  }

  private static Evaluation evaluate(Groups groups, Examples examples) {
    return Evaluator.fullRanking()
        .groups(groups)
        .evaluate(PopularityScorer.of(random(99, 40)), examples);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3"})
  void groupsHoldTheRanksOfTheirExamples(long seed) {
    Examples train = random(seed, 50);
    Examples test = random(seed + 10, 80);
    long[] popularity = train.itemFrequencies();
    Evaluation all =
        evaluate(
            Groups.byItemPopularity(train)
                .threshold(20)
                .and(Groups.byHistoryLength().threshold(4))
                .and(Groups.coldStartItems(train)),
            test);
    int[] ranks = all.ranks();
    assertThat(all.groups().keySet())
        .containsExactly(
            "head items",
            "tail items",
            "head users",
            "tail users",
            "cold-start items",
            "warm items");
    assertThat(all.group("head items").ranks())
        .isEqualTo(
            IntStream.range(0, 80)
                .filter(i -> popularity[test.target(i)] >= 20)
                .map(i -> ranks[i])
                .toArray());
    assertThat(all.group("tail users").ranks())
        .isEqualTo(
            IntStream.range(0, 80)
                .filter(i -> test.historyLength(i) < 4)
                .map(i -> ranks[i])
                .toArray());
    // The whole is the mean of the parts by their sizes.
    for (String members : List.of("items", "users")) {
      Evaluation head = all.group("head " + members);
      Evaluation tail = all.group("tail " + members);
      assertThat(head.size() + tail.size()).isEqualTo(80);
      assertThat((head.ndcg(5) * head.size() + tail.ndcg(5) * tail.size()) / 80)
          .isCloseTo(all.ndcg(5), within(1e-12));
    }
  }

  @Test
  void aGroupWithoutExamplesHasSizeZeroAndNoMetrics() {
    Evaluation all = evaluate(Groups.byHistoryLength().threshold(100), random(1, 5));
    Evaluation none = all.group("head users");
    assertThat(none.size()).isZero();
    assertThat(none.isEmpty()).isTrue();
    assertThat(none.toMap()).isEmpty();
    assertThat(none.ranks()).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> none.ndcg(10))
        .withMessage("the group has no examples, so no NDCG@10");
    assertThat(all.toString()).contains("head users, 0 examples").doesNotContain("NaN");
    assertThat(all.group("tail users").size()).isEqualTo(5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> all.group("old users"))
        .withMessage("expected one of the groups head users, tail users, found \"old users\"");
  }

  @ParameterizedTest
  @CsvSource({
    "0.2, '10 9 8 7 6 5 4 3 2 1', 2",
    "0.25, '10 9 8 7 6 5 4 3 2 1', 2",
    "0.3, '5 5 5 5 4 4 4 3 2 1', 4",
    "0.5, '5 5 5 5 4 4 4 3 2 1', 4",
    "0.7, '5 5 5 5 4 4 4 3 2 1', 7",
    "0.2, '1 1 1 1', 4",
    "0.01, '3 2 1', 1"
  })
  void sharesKeepEqualNumbersTogether(double share, String counts, int head) {
    long[] popularity = Arrays.stream(counts.split(" ")).mapToLong(Long::parseLong).toArray();
    Examples.Builder builder = Examples.builder(popularity.length);
    for (int item = 0; item < popularity.length; item++) {
      builder.add("u" + item, new int[] {0}, item);
    }
    Examples examples = builder.build();
    Evaluation all =
        Evaluator.fullRanking()
            .groups(Groups.byItemPopularity(popularity).headShare(share))
            .evaluate(PopularityScorer.of(examples), examples);
    assertThat(all.group("head items").size()).isEqualTo(head);
  }

  @Test
  void sharesOfUsersAreOfThoseEvaluated() {
    Examples.Builder builder = Examples.builder(ITEMS);
    for (int i = 1; i <= 10; i++) {
      builder.add("u" + i, new int[i], 3);
    }
    Evaluation all = evaluate(Groups.byHistoryLength().headShare(0.2), builder.build());
    assertThat(all.group("head users").size()).isEqualTo(2);
    assertThat(all.group("tail users").size()).isEqualTo(8);
  }

  @Test
  void coldStartUsersAndItems() {
    Examples train =
        Examples.builder(ITEMS).add("a", new int[] {1}, 2).add("b", new int[] {3}, 4).build();
    Examples test =
        Examples.builder(ITEMS)
            .add("a", new int[] {1}, 5)
            .add("c", new int[] {1}, 4)
            .add("d", new int[] {1}, 6)
            .build();
    Evaluation all = evaluate(Groups.coldStartUsers(train).and(Groups.coldStartItems(train)), test);
    assertThat(all.group("cold-start users").size()).isEqualTo(2);
    assertThat(all.group("warm users").size()).isEqualTo(1);
    assertThat(all.group("cold-start items").size()).isEqualTo(2);
    assertThat(all.group("warm items").size()).isEqualTo(1);
  }

  @Test
  void optionsAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Groups.byHistoryLength().threshold(0))
        .withMessage("threshold must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Groups.byHistoryLength().headShare(1))
        .withMessage("headShare must lie in (0, 1), found 1.0");
    Groups users = Groups.byHistoryLength().threshold(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> users.and(Groups.byHistoryLength().headShare(0.2)))
        .withMessage("expected groups of different names, found head users twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Groups.byItemPopularity(1, -1))
        .withMessage("counts[1] must be 0 or more, found -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate(Groups.byItemPopularity(1, 1).threshold(1), random(1, 3)))
        .withMessage("groups are of a catalogue of 2 items, found examples over 12 items");
    assertThat(users).hasToString("Groups[head users, tail users]");
    assertThat(Groups.none().names()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void longTailProtocol(LongTailProtocol protocol) {
    SplittableRandom random = new SplittableRandom(5);
    List<UserSequence> sequences = new ArrayList<>();
    for (int u = 0; u < 60; u++) {
      sequences.add(
          UserSequence.of("u" + u, random.ints(1 + random.nextInt(20), 0, 150).toArray()));
    }
    SequenceDataset data = SequenceDataset.of(ItemVocabulary.ofRows(150), sequences);
    DatasetSplit split = protocol.split().split(data);
    Evaluation result =
        protocol.evaluator(split).evaluate(PopularityScorer.of(split.train()), split.test());
    assertThat(result.protocol()).isEqualTo("sampled 100");
    Examples test = split.test();
    assertThat((long) result.group("head users").size())
        .isEqualTo(
            sequences.stream()
                .filter(s -> s.length() >= 3 && s.length() - 1 >= protocol.userThreshold())
                .count());
    // Users of one item are in no part; all other interactions count.
    long[] counts = new long[150];
    sequences.stream()
        .filter(s -> s.length() > 1)
        .forEach(s -> Arrays.stream(s.items()).forEach(item -> counts[item]++));
    assertThat((long) result.group("tail items").size())
        .isEqualTo(
            IntStream.range(0, test.size())
                .filter(i -> counts[test.target(i)] < protocol.itemThreshold())
                .count());
    assertThat(LongTailProtocol.YELP.userThreshold() * 100 + LongTailProtocol.YELP.itemThreshold())
        .isEqualTo(1213);
    assertThat(LongTailProtocol.FASHION.userThreshold()).isEqualTo(3);
    assertThat(LongTailProtocol.FASHION.itemThreshold()).isEqualTo(4);
    assertThat(LongTailProtocol.BEAUTY.userThreshold()).isEqualTo(9);
    assertThat(LongTailProtocol.BEAUTY.itemThreshold()).isEqualTo(4);
  }
}
