package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitStrategyTest {
  private static final ItemVocabulary ITEMS = ItemVocabulary.ofRows(30);

  /** Users u0, u1, ... with 1 to 8 items each. */
  private static SequenceDataset random(int users) {
    SplittableRandom random = new SplittableRandom(users);
    List<UserSequence> sequences = new ArrayList<>();
    for (int i = 0; i < users; i++) {
      sequences.add(UserSequence.of("u" + i, random.ints(random.nextInt(1, 9), 0, 30).toArray()));
    }
    return SequenceDataset.of(ITEMS, sequences);
  }

  private static List<UserSequence> wholes(Examples examples) {
    List<UserSequence> wholes = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      int[] whole = Arrays.copyOf(examples.history(i), examples.historyLength(i) + 1);
      whole[whole.length - 1] = examples.target(i);
      wholes.add(UserSequence.of(examples.user(i), whole));
    }
    return wholes;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 22, -5})
  void ratioSplitPartitionsTheUsers(long seed) {
    SequenceDataset dataset = random(200);
    DatasetSplit split = UserRatioSplit.create().seed(seed).split(dataset);
    List<UserSequence> eligible =
        dataset.sequences().stream().filter(sequence -> sequence.length() >= 2).toList();
    List<UserSequence> all = new ArrayList<>();
    for (Examples part : List.of(split.train(), split.validation(), split.test())) {
      List<UserSequence> wholes = wholes(part);
      // The parts keep the order of the dataset.
      assertThat(wholes)
          .isEqualTo(eligible.stream().filter(new LinkedHashSet<>(wholes)::contains).toList());
      all.addAll(wholes);
    }
    assertThat(all).containsExactlyInAnyOrderElementsOf(eligible);
    assertThat(split.excluded(Exclusion.TOO_SHORT)).isEqualTo(200 - eligible.size()).isPositive();
    assertThat(split.train().size()).isEqualTo(eligible.size() * 8 / 10);
    assertThat(split.train().size() + split.validation().size())
        .isEqualTo(eligible.size() * 9 / 10);
    assertThat(split.vocabulary()).isSameAs(ITEMS);
  }

  @Test
  void ratioSplitDependsOnTheSeedOnly() {
    SequenceDataset dataset = random(200);
    Set<Set<String>> testUsers = new LinkedHashSet<>();
    for (long seed = 0; seed < 20; seed++) {
      DatasetSplit split = UserRatioSplit.create().seed(seed).split(dataset);
      DatasetSplit again = UserRatioSplit.create().seed(seed).split(dataset);
      assertThat(again.train()).isEqualTo(split.train());
      assertThat(again.validation()).isEqualTo(split.validation());
      assertThat(again.test()).isEqualTo(split.test());
      testUsers.add(Set.copyOf(split.test().users()));
    }
    assertThat(testUsers).hasSize(20);
  }

  @Test
  void everyUserIsDrawnAboutEquallyOften() {
    List<UserSequence> sequences = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      sequences.add(UserSequence.of("u" + i, 1, 2));
    }
    SequenceDataset dataset = SequenceDataset.of(ITEMS, sequences);
    int[] drawn = new int[10];
    for (long seed = 0; seed < 2000; seed++) {
      DatasetSplit split = UserRatioSplit.create().seed(seed).split(dataset);
      assertThat(split.test().size()).isEqualTo(1);
      drawn[Integer.parseInt(split.test().user(0).substring(1))]++;
    }
    // Binomial(2000, 0.1): standard deviation 13.4.
    assertThat(Ints.asList(drawn)).allSatisfy(count -> assertThat(count).isBetween(140, 260));
  }

  @ParameterizedTest
  @CsvSource({
    "10, 0.8, 0.1, 0.1, 8, 1, 1",
    "10, 0.7, 0.2, 0.1, 7, 2, 1",
    "5, 0.7, 0.1, 0.2, 3, 1, 1",
    "90, 0.7, 0.15, 0.15, 63, 13, 14",
    "50546, 8, 1, 1, 40436, 5055, 5055",
    "7, 1, 0, 0, 7, 0, 0",
    "9, 2, 0, 1, 6, 0, 3",
    "1, 8, 1, 1, 0, 0, 1"
  })
  void ratiosGiveTheSizes(
      int users, double a, double b, double c, int train, int validation, int test) {
    List<UserSequence> sequences = new ArrayList<>();
    for (int i = 0; i < users; i++) {
      sequences.add(UserSequence.of("u" + i, 1, 2));
    }
    DatasetSplit split =
        UserRatioSplit.create().ratios(a, b, c).seed(3).split(SequenceDataset.of(ITEMS, sequences));
    assertThat(List.of(split.train().size(), split.validation().size(), split.test().size()))
        .containsExactly(train, validation, test);
    assertThat(split.exclusions()).isEmpty();
  }

  @Test
  void badRatiosAreRejected() {
    UserRatioSplit split = UserRatioSplit.create();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> split.ratios(8, -1, 1))
        .withMessage("ratios: validation must be a finite number of 0 or more, found -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> split.ratios(8, 1, Double.NaN))
        .withMessage("ratios: test must be a finite number of 0 or more, found NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> split.ratios(0, 1, 1))
        .withMessage("ratios: train must be greater than 0, found 0.0");
    assertThat(split.seed(22)).hasToString("UserRatioSplit[8.0:1.0:1.0, seed 22]");
  }

  @Test
  void leaveOneOutHoldsOutTheLastTwoItems() {
    SequenceDataset dataset =
        SequenceDataset.of(
            ITEMS,
            List.of(
                UserSequence.of("five", 1, 2, 3, 4, 5),
                UserSequence.of("one", 1),
                UserSequence.of("two", 6, 7),
                UserSequence.of("three", 8, 9, 10),
                UserSequence.of("four", 11, 12, 13, 14)));
    DatasetSplit split = LeaveOneOutSplit.create().split(dataset);
    assertThat(wholes(split.test()))
        .containsExactly(
            UserSequence.of("five", 1, 2, 3, 4, 5),
            UserSequence.of("three", 8, 9, 10),
            UserSequence.of("four", 11, 12, 13, 14));
    assertThat(wholes(split.validation()))
        .containsExactly(
            UserSequence.of("five", 1, 2, 3, 4),
            UserSequence.of("three", 8, 9),
            UserSequence.of("four", 11, 12, 13));
    assertThat(wholes(split.train()))
        .containsExactly(
            UserSequence.of("five", 1, 2, 3),
            UserSequence.of("two", 6, 7),
            UserSequence.of("four", 11, 12));
    assertThat(split.exclusions())
        .containsOnly(
            Map.entry(Exclusion.TOO_SHORT, 1),
            Map.entry(Exclusion.TRAINING_ONLY, 1),
            Map.entry(Exclusion.NOT_TRAINED, 1));
    assertThat(split)
        .hasToString(
            "3 train, 3 validation, 3 test examples over 30 items; 1 users with fewer than 2"
                + " items: left out; 1 users with too few items to hold out: in training only; 1"
                + " users with no training example once items are held out");
    assertThat(LeaveOneOutSplit.create()).hasToString("LeaveOneOutSplit");
  }

  @Test
  void leaveOneOutNeverTrainsOnHeldOutInteractions() {
    SequenceDataset dataset = random(300);
    DatasetSplit split = LeaveOneOutSplit.create().split(dataset);
    long held = dataset.sequences().stream().filter(sequence -> sequence.length() >= 3).count();
    assertThat(split.test().size()).isEqualTo((int) held);
    assertThat(split.validation().users()).isEqualTo(split.test().users());
    for (UserSequence trained : wholes(split.train())) {
      UserSequence whole = dataset.sequences().get(Integer.parseInt(trained.user().substring(1)));
      assertThat(trained.length()).isEqualTo(whole.length() == 2 ? 2 : whole.length() - 2);
      assertThat(whole.items()).startsWith(trained.items());
    }
  }

  @Test
  void splitsTruncateAndReportCoverage() {
    SequenceDataset dataset =
        SequenceDataset.of(ItemVocabulary.ofRows(8), List.of(UserSequence.of("u", 1, 2, 3, 4, 5)));
    DatasetSplit split = LeaveOneOutSplit.create().split(dataset);
    assertThat(split.coverage().unusedExamples()).containsExactly("0", "6", "7");
    DatasetSplit last = split.lastItems(1);
    assertThat(wholes(last.test())).containsExactly(UserSequence.of("u", 4, 5));
    assertThat(wholes(last.validation())).containsExactly(UserSequence.of("u", 3, 4));
    assertThat(wholes(last.train())).containsExactly(UserSequence.of("u", 2, 3));
    assertThat(last.itemCount()).isEqualTo(8);
    DatasetSplit excluding =
        LeaveOneOutSplit.create()
            .split(SequenceDataset.of(ITEMS, List.of(UserSequence.of("u", 1))))
            .lastItems(3);
    assertThat(excluding.excluded(Exclusion.TOO_SHORT)).isEqualTo(1);
  }

  @Test
  void partsBelongToTheVocabulary() {
    Examples examples = Examples.builder(31).add("u", new int[] {1}, 2).build();
    DatasetSplit.Builder builder = DatasetSplit.builder(ITEMS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.train(examples))
        .withMessage("train must be over the split's 30 items, found 31");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.validation(examples))
        .withMessageStartingWith("validation must be over the split's 30 items");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.test(examples))
        .withMessageStartingWith("test must be over the split's 30 items");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.exclude(Exclusion.TOO_SHORT, -1))
        .withMessage("exclude TOO_SHORT: users must be 0 or more, found -1");
    assertThatIllegalStateException().isThrownBy(builder::build).withMessage("train is not set");
    builder.train(Examples.builder(30).add("u", new int[] {1}, 2).build());
    assertThat(builder.build().test().isEmpty()).isTrue();
  }
}
