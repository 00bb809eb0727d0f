package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExamplesTest {
  private static final int N = 9;
  private static final Examples EXAMPLES =
      Examples.builder(N)
          .add("u", new int[] {1, 2, 3}, 4)
          .add("v", new int[] {8}, 0)
          .add("w", new int[] {5, 5, 6, 7, 5}, 8)
          .build();

  /** Examples with histories of 1 to 15 items drawn from a catalogue of 40. */
  private static Examples random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Examples.Builder builder = Examples.builder(40);
    for (int i = 0; i < 60; i++) {
      int[] history = random.ints(random.nextInt(1, 16), 0, 40).toArray();
      builder.add("u" + i, history, random.nextInt(40));
    }
    return builder.build();
  }

  @Test
  void holdsWhatWasAdded() {
    assertThat(EXAMPLES.size()).isEqualTo(3);
    assertThat(EXAMPLES.isEmpty()).isFalse();
    assertThat(EXAMPLES.itemCount()).isEqualTo(N);
    assertThat(EXAMPLES.user(2)).isEqualTo("w");
    assertThat(EXAMPLES.history(0)).containsExactly(1, 2, 3);
    assertThat(EXAMPLES.history(1)).containsExactly(8);
    assertThat(EXAMPLES.historyLength(2)).isEqualTo(5);
    assertThat(EXAMPLES.target(0)).isEqualTo(4);
    assertThat(EXAMPLES.target(1)).isZero();
    assertThat(EXAMPLES.users()).containsExactly("u", "v", "w");
    assertThat(EXAMPLES).hasToString("Examples[3 over 9 items]");
    EXAMPLES.history(0)[0] = 7;
    assertThat(EXAMPLES.history(0)).containsExactly(1, 2, 3);
    for (int index : new int[] {-1, 3}) {
      assertThatThrownBy(() -> EXAMPLES.target(index))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("example");
    }
  }

  @Test
  void mayBeEmpty() {
    Examples none = Examples.builder(3).build();
    assertThat(none.isEmpty()).isTrue();
    assertThat(none.withPrefixes().size()).isZero();
    assertThat(none.batch(new int[0], 4).size()).isZero();
    assertThat(none.batch(new int[0], 4).length()).isZero();
  }

  @Test
  void sequencesGiveTheirLastItemAsTarget() {
    Examples examples =
        Examples.of(
            ItemVocabulary.ofRows(N),
            List.of(
                UserSequence.of("u", 1, 2, 3, 4),
                UserSequence.of("v", 8, 0),
                UserSequence.of("w", 5, 5, 6, 7, 5, 8)));
    assertThat(examples).isEqualTo(EXAMPLES).hasSameHashCodeAs(EXAMPLES);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Examples.of(
                    ItemVocabulary.ofRows(N),
                    List.of(UserSequence.of("u", 1, 2), UserSequence.of("v", 1))))
        .withMessage("example 1 (user \"v\"): expected a history of at least 1 item, found none");
  }

  @Test
  void equalsTellsDifferentExamplesApart() {
    Examples one = Examples.builder(N).add("u", new int[] {1, 2}, 3).build();
    assertThat(one)
        .isEqualTo(Examples.builder(N).add("u", new int[] {1, 2}, 3).build())
        .isNotEqualTo(Examples.builder(N + 1).add("u", new int[] {1, 2}, 3).build())
        .isNotEqualTo(Examples.builder(N).add("v", new int[] {1, 2}, 3).build())
        .isNotEqualTo(Examples.builder(N).add("u", new int[] {1, 2}, 4).build())
        .isNotEqualTo(Examples.builder(N).add("u", new int[] {2, 1}, 3).build())
        .isNotEqualTo(EXAMPLES)
        .isNotEqualTo("one");
    assertThat(EXAMPLES.lastItems(5)).isEqualTo(EXAMPLES);
  }

  @Test
  void badExamplesAreNamedByIndex() {
    Examples.Builder builder = Examples.builder(N).add("u", new int[] {1}, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("v", new int[0], 1))
        .withMessage("example 1 (user \"v\"): expected a history of at least 1 item, found none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("v", new int[] {1}, N))
        .withMessage(
            "example 1 (user \"v\"): target 9 is the padding row, expected a row from 0 to 8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("v", new int[] {1}, 10))
        .withMessage("example 1 (user \"v\"): target 10 is outside the catalogue of 9 items");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("v", new int[] {1}, -1))
        .withMessage("example 1 (user \"v\"): target -1 is outside the catalogue of 9 items");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("v", new int[] {1, N}, 1))
        .withMessage(
            "example 1 (user \"v\"): history item 9 is the padding row, expected a row from 0 to 8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Examples.builder(0))
        .withMessage("itemCount must be at least 1, found 0");
    // A rejected example leaves nothing behind.
    assertThat(builder.add("w", new int[] {3}, 4).build())
        .isEqualTo(
            Examples.builder(N).add("u", new int[] {1}, 2).add("w", new int[] {3}, 4).build());
  }

  @Test
  void lastItemsTruncatesHistoriesOnly() {
    Examples last = EXAMPLES.lastItems(2);
    assertThat(last.size()).isEqualTo(3);
    assertThat(last.history(0)).containsExactly(2, 3);
    assertThat(last.history(1)).containsExactly(8);
    assertThat(last.history(2)).containsExactly(7, 5);
    assertThat(last.target(2)).isEqualTo(8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EXAMPLES.lastItems(0))
        .withMessage("lastItems must be at least 1, found 0");
  }

  @Test
  void prefixesComeShortestFirst() {
    Examples prefixes = EXAMPLES.withPrefixes();
    assertThat(prefixes.size()).isEqualTo(3 + 1 + 5);
    assertThat(prefixes.history(0)).containsExactly(1);
    assertThat(prefixes.target(0)).isEqualTo(2);
    assertThat(prefixes.history(1)).containsExactly(1, 2);
    assertThat(prefixes.target(1)).isEqualTo(3);
    assertThat(prefixes.history(2)).containsExactly(1, 2, 3);
    assertThat(prefixes.target(2)).isEqualTo(4);
    assertThat(prefixes.user(2)).isEqualTo("u");
    assertThat(prefixes.user(3)).isEqualTo("v");
    assertThat(prefixes.history(3)).containsExactly(8);
    assertThat(prefixes.user(8)).isEqualTo("w");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void everyPrefixIsFollowedByItsNextItem(long seed) {
    Examples examples = random(seed);
    Examples prefixes = examples.withPrefixes();
    int at = 0;
    for (int i = 0; i < examples.size(); i++) {
      int[] history = examples.history(i);
      int[] whole = Arrays.copyOf(history, history.length + 1);
      whole[history.length] = examples.target(i);
      for (int length = 1; length <= history.length; length++, at++) {
        assertThat(prefixes.user(at)).isEqualTo(examples.user(i));
        assertThat(prefixes.history(at)).isEqualTo(Arrays.copyOf(whole, length));
        assertThat(prefixes.target(at)).isEqualTo(whole[length]);
      }
    }
    assertThat(prefixes.size()).isEqualTo(at);
    Examples window = prefixes.lastItems(3);
    for (int i = 0; i < prefixes.size(); i++) {
      int[] history = prefixes.history(i);
      assertThat(window.history(i))
          .isEqualTo(Arrays.copyOfRange(history, Math.max(0, history.length - 3), history.length));
    }
  }

  @Test
  void frequenciesCountHistoriesAndTargets() {
    assertThat(EXAMPLES.itemFrequencies()).containsExactly(1, 1, 1, 1, 1, 3, 1, 1, 2);
    assertThat(EXAMPLES.lastItems(1).itemFrequencies()).containsExactly(1, 0, 0, 1, 1, 1, 0, 0, 2);
    assertThat(
            Examples.builder(N)
                .add("u", new int[] {1, 2}, 3)
                .build()
                .withPrefixes()
                .itemFrequencies())
        .containsExactly(0, 2, 2, 1, 0, 0, 0, 0, 0);
  }

  @Test
  void batchesArePaddedOnTheLeft() {
    PaddedBatch batch = EXAMPLES.batch(new int[] {2, 0, 1, 0}, 4);
    assertThat(batch.size()).isEqualTo(4);
    assertThat(batch.length()).isEqualTo(4);
    assertThat(batch.padding()).isEqualTo(N);
    assertThat(batch.histories()).containsExactly(5, 6, 7, 5, N, 1, 2, 3, N, N, N, 8, N, 1, 2, 3);
    assertThat(batch.targets()).containsExactly(8, 4, 0, 4);
    assertThat(batch).hasToString("PaddedBatch[4 x 4, padding 9]");
    batch.histories()[0] = 0;
    assertThat(EXAMPLES.history(2)).containsExactly(5, 5, 6, 7, 5);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 20})
  void aBatchHoldsTheNewestItems(int length) {
    Examples examples = random(length).withPrefixes();
    int[] indices = new SplittableRandom(length).ints(50, 0, examples.size()).toArray();
    PaddedBatch batch = examples.batch(indices, length);
    for (int row = 0; row < indices.length; row++) {
      int[] history = examples.history(indices[row]);
      int[] expected = new int[length];
      for (int i = 0; i < length; i++) {
        int at = history.length - length + i;
        expected[i] = at < 0 ? 40 : history[at];
      }
      assertThat(Arrays.copyOfRange(batch.histories(), row * length, (row + 1) * length))
          .isEqualTo(expected);
      assertThat(batch.targets()[row]).isEqualTo(examples.target(indices[row]));
    }
  }

  @Test
  void badBatchesAreRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EXAMPLES.batch(new int[] {0}, 0))
        .withMessage("length must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EXAMPLES.batch(new int[] {0, 1}, Integer.MAX_VALUE))
        .withMessage(
            "expected a batch of at most 2147483647 positions, found 2 examples of length"
                + " 2147483647");
    assertThatThrownBy(() -> EXAMPLES.batch(new int[] {3}, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void everyPositionHasTheItemAfterItAsItsTarget() {
    Examples examples =
        Examples.builder(9).add("a", new int[] {1, 2, 3, 4}, 5).add("b", new int[] {6}, 7).build();
    PaddedBatch batch = examples.batch(new int[] {1, 0}, 3, Positions.EVERY);
    assertThat(batch.histories()).containsExactly(9, 9, 6, 2, 3, 4);
    assertThat(batch.targets()).containsExactly(7, 3, 4, 5);
    assertThat(batch.places()).containsExactly(2, 3, 4, 5);
    assertThat(batch.size()).isEqualTo(2);
    assertThat(batch).hasToString("PaddedBatch[2 x 3, padding 9, 4 targets]");
    PaddedBatch last = examples.batch(new int[] {1, 0}, 3);
    assertThat(last.targets()).containsExactly(7, 5);
    assertThat(last.places()).containsExactly(2, 5);
    assertThat(examples.batch(new int[0], 3, Positions.EVERY).size()).isZero();
    assertThat(examples.targetFrequencies(3, Positions.EVERY))
        .containsExactly(0, 0, 0, 1, 1, 1, 0, 1, 0);
    assertThat(examples.targetFrequencies(3, Positions.LAST))
        .containsExactly(0, 0, 0, 0, 0, 1, 0, 1, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> examples.targetFrequencies(0, Positions.EVERY))
        .withMessage("length must be at least 1, found 0");
  }

  /** The targets of every position are those of all prefixes. */
  @Test
  void everyPositionHasTheTargetsOfAllPrefixes() {
    Examples examples = Examples.builder(9).add("a", new int[] {1, 2, 3, 4}, 5).build();
    Examples prefixes = examples.withPrefixes();
    int[] targets = new int[prefixes.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = prefixes.target(i);
    }
    assertThat(examples.batch(new int[] {0}, 10, Positions.EVERY).targets()).isEqualTo(targets);
  }
}
