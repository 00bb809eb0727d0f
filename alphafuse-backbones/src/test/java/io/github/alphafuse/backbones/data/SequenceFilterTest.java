package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Times of sequences, repeated interactions, k-cores and unused items. */
class SequenceFilterTest {
  private static final ItemVocabulary ITEMS =
      ItemVocabulary.of(List.of("a", "b", "c", "d", "e", "f"));

  private static SequenceDataset dataset(UserSequence... sequences) {
    return SequenceDataset.of(ITEMS, List.of(sequences));
  }

  @Test
  void sequencesCarryTimes() {
    UserSequence plain = UserSequence.of("u", 3, 1, 2);
    assertThat(plain.hasTimes()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> plain.time(0))
        .withMessage("user \"u\": no times are known");
    UserSequence timed = plain.withTimes(1, 1, 5);
    assertThat(timed).isEqualTo(plain);
    assertThat(timed.lastItems(2).time(1)).isEqualTo(5);
    assertThat(timed.lastItems(2).items()).containsExactly(1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.withTimes(1, 2))
        .withMessage("user \"u\": expected 3 times, one per item, found 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.withTimes(1, 2, 1))
        .withMessage(
            "user \"u\": expected finite times in ascending order, found 1.0 at position 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.withTimes(1, Double.NaN, 3))
        .withMessageContaining("found NaN at position 1");
  }

  @Test
  void repeatedInteractionsAreLeftOutAndCounted() {
    SequenceDataset all =
        dataset(
            UserSequence.of("u", 0, 1, 0, 2, 1).withTimes(1, 2, 3, 4, 5),
            UserSequence.of("v", 0, 1));
    SequenceDataset distinct = all.distinct();
    assertThat(distinct.sequences())
        .containsExactly(UserSequence.of("u", 0, 1, 2), UserSequence.of("v", 0, 1));
    assertThat(distinct.sequences().get(0).time(2)).isEqualTo(4);
    assertThat(distinct.dropped().stream().map(Dropped::toString))
        .containsExactly("2 repeated interactions (e.g. item a of user u, item b of user u)");
    assertThat(distinct.distinct().dropped()).hasSize(1);
    assertThat(all.dropped()).isEmpty();
    assertThat(distinct.interactionCount()).isEqualTo(5);
  }

  @Test
  void coresAreIteratedUntilStable() {
    // c goes, then x, who has only b left, then b, then w; u and v keep a and d.
    SequenceDataset all =
        dataset(
            UserSequence.of("u", 0, 3).withTimes(7, 8),
            UserSequence.of("v", 3, 0),
            UserSequence.of("w", 1, 0),
            UserSequence.of("x", 2, 1));
    SequenceDataset core = all.kCore(2);
    assertThat(core.sequences())
        .containsExactly(UserSequence.of("u", 0, 3), UserSequence.of("v", 3, 0));
    assertThat(core.dropped().stream().map(Dropped::toString))
        .containsExactly(
            "2 users with too few interactions, 2 interactions of theirs (e.g. x, w)",
            "2 items with too few interactions, 2 interactions of theirs (e.g. c, b)");
    assertThat(core.itemCount()).isEqualTo(6);
    assertThat(core.coverage().unusedExamples()).containsExactly("b", "c", "e", "f");
    SequenceDataset used = core.usedItems();
    assertThat(used.vocabulary().ids()).containsExactly("a", "d");
    assertThat(used.sequences())
        .containsExactly(UserSequence.of("u", 0, 1), UserSequence.of("v", 1, 0));
    assertThat(used.sequences().get(0).time(1)).isEqualTo(8);
    assertThat(used.usedItems()).isSameAs(used);
    assertThat(used.dropped()).isEqualTo(core.dropped());
    DatasetSplit split = LeaveOneOutSplit.create().split(core);
    assertThat(split.dropped()).isEqualTo(core.dropped());
    assertThat(split.lastItems(1).dropped()).isEqualTo(core.dropped());
    assertThat(UserRatioSplit.create().split(core).dropped()).isEqualTo(core.dropped());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> all.kCore(3))
        .withMessage(
            "kCore: expected users with 3 and items with 3 interactions or more, found none left of"
                + " 4 users and 8 interactions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> all.kCore(0))
        .withMessage("kCore: users must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> all.kCore(1, 0))
        .withMessage("kCore: items must be at least 1, found 0");
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 2, 3", "3, 3, 2", "4, 5, 1", "5, 1, 4", "6, 4, 4", "7, 3, 6"})
  void coresAreThoseOfTheSlowDefinition(long seed, int leastOfUser, int leastOfItem) {
    SplittableRandom random = new SplittableRandom(seed);
    List<UserSequence> sequences = new ArrayList<>();
    for (int u = 0; u < 60; u++) {
      sequences.add(
          UserSequence.of(
              "u" + u, random.ints(1 + random.nextInt(8), 0, 40).map(i -> i * i / 40).toArray()));
    }
    SequenceDataset all = SequenceDataset.of(ItemVocabulary.ofRows(40), sequences);
    // Remove one offender at a time.
    List<List<Integer>> left = new ArrayList<>();
    sequences.forEach(
        sequence -> left.add(new ArrayList<>(Arrays.stream(sequence.items()).boxed().toList())));
    boolean changed = true;
    while (changed) {
      changed = false;
      for (List<Integer> items : left) {
        if (!items.isEmpty() && items.size() < leastOfUser) {
          items.clear();
          changed = true;
        }
      }
      Map<Integer, Long> counts =
          left.stream()
              .flatMap(List::stream)
              .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
      for (List<Integer> items : left) {
        changed |= items.removeIf(item -> counts.getOrDefault(item, 0L) < leastOfItem);
      }
    }
    SequenceDataset core = all.kCore(leastOfUser, leastOfItem);
    assertThat(core.sequences())
        .isEqualTo(
            IntStream.range(0, left.size())
                .filter(u -> !left.get(u).isEmpty())
                .mapToObj(
                    u -> UserSequence.of("u" + u, left.get(u).stream().mapToInt(i -> i).toArray()))
                .toList());
    long gone = core.dropped().stream().mapToLong(Dropped::interactions).sum();
    assertThat(core.interactionCount() + gone).isEqualTo(all.interactionCount());
    assertThat(core.kCore(leastOfUser, leastOfItem).interactionCount())
        .isEqualTo(core.interactionCount());
  }

  private static SequenceDataset timed() {
    return dataset(
        UserSequence.of("u", 0, 1, 2, 3, 4).withTimes(1, 2, 3, 8, 10),
        UserSequence.of("v", 1, 2, 3).withTimes(1, 4, 8),
        UserSequence.of("w", 5, 0).withTimes(8, 9),
        UserSequence.of("x", 5, 1).withTimes(3, 9.5),
        UserSequence.of("y", 5).withTimes(1),
        UserSequence.of("z", 5, 4).withTimes(1, 2));
  }

  private static List<String> described(Examples examples) {
    return IntStream.range(0, examples.size())
        .mapToObj(
            i ->
                examples.user(i) + Arrays.toString(examples.history(i)) + "->" + examples.target(i))
        .toList();
  }

  @Test
  void temporalSplitCutsAllUsersAtTheSameInstants() {
    DatasetSplit split = TemporalSplit.create().instants(8, 9.5).split(timed());
    assertThat(described(split.train())).containsExactly("u[0, 1]->2", "v[1]->2", "z[5]->4");
    assertThat(described(split.validation()))
        .containsExactly("u[0, 1, 2]->3", "v[1, 2]->3", "w[5]->0");
    assertThat(described(split.test())).containsExactly("u[0, 1, 2, 3]->4", "x[5]->1");
    assertThat(split.exclusions())
        .containsOnly(Map.entry(Exclusion.TOO_SHORT, 1), Map.entry(Exclusion.NOT_TRAINED, 2));
    assertThat(TemporalSplit.create().instants(8, 9.5))
        .hasToString("TemporalSplit[instants 8.0, 9.5]");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void temporalSplitByShares(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<UserSequence> sequences = new ArrayList<>();
    List<Double> all = new ArrayList<>();
    for (int u = 0; u < 100; u++) {
      int length = 1 + random.nextInt(10);
      double[] times = random.ints(length, 0, 500).asDoubleStream().sorted().toArray();
      Arrays.stream(times).forEach(all::add);
      sequences.add(UserSequence.of("u" + u, random.ints(length, 0, 6).toArray()).withTimes(times));
    }
    all.sort(null);
    double first = all.get((int) (all.size() * 0.8));
    double second = all.get((int) (all.size() * 0.9));
    SequenceDataset data = SequenceDataset.of(ITEMS, sequences);
    DatasetSplit shares = TemporalSplit.create().split(data);
    DatasetSplit instants = TemporalSplit.create().instants(first, second).split(data);
    assertThat(shares.train()).isEqualTo(instants.train());
    assertThat(shares.validation()).isEqualTo(instants.validation());
    assertThat(shares.test()).isEqualTo(instants.test());
    for (int i = 0; i < shares.train().size(); i++) {
      UserSequence whole =
          data.sequences().get(Integer.parseInt(shares.train().user(i).substring(1)));
      assertThat(whole.time(shares.train().historyLength(i))).isLessThan(first);
    }
    for (int i = 0; i < shares.test().size(); i++) {
      UserSequence whole =
          data.sequences().get(Integer.parseInt(shares.test().user(i).substring(1)));
      assertThat(whole.time(shares.test().historyLength(i))).isGreaterThanOrEqualTo(second);
      assertThat(shares.test().historyLength(i)).isEqualTo(whole.length() - 1);
    }
    assertThat(TemporalSplit.create().shares(0.9, 0.1).split(data).test().isEmpty()).isTrue();
    assertThat(TemporalSplit.create()).hasToString("TemporalSplit[instants at shares 0.8, 0.9]");
  }

  @Test
  void temporalSplitNeedsTimes() {
    SequenceDataset untimed =
        dataset(UserSequence.of("u", 1, 2).withTimes(1, 2), UserSequence.of("v", 1, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TemporalSplit.create().split(untimed))
        .withMessageStartingWith("expected times for a temporal split, found none for user \"v\"");
    SequenceDataset atOnce = dataset(UserSequence.of("u", 1, 2, 3).withTimes(1, 1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TemporalSplit.create().split(atOnce))
        .withMessage(
            "expected a user with two interactions before the instant 1.0, found none: nothing to"
                + " train on");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TemporalSplit.create().shares(1, 0))
        .withMessage("train must be a share in (0, 1), found 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TemporalSplit.create().shares(0.75, 0.5))
        .withMessage("validation must be a share from 0 to what train leaves (0.25), found 0.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TemporalSplit.create().instants(5, 4))
        .withMessage("test must be a finite instant, not before 5.0, found 4.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TemporalSplit.create().instants(Double.NaN, 4))
        .withMessage("validation must be a finite instant, found NaN");
  }
}
