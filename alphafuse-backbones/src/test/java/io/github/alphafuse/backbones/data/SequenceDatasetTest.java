package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceDatasetTest {
  private static final ItemVocabulary ITEMS = ItemVocabulary.of(List.of("a", "b", "c", "d", "e"));
  private static final SequenceDataset DATASET =
      SequenceDataset.of(
          ITEMS,
          List.of(
              UserSequence.of("u", 0, 1, 2),
              UserSequence.of("v", 1),
              UserSequence.of("w", 2, 2, 1, 0),
              UserSequence.of("x", 1, 2)));

  @Test
  void aSequenceIsACopy() {
    int[] items = {3, 1, 2};
    UserSequence sequence = UserSequence.of("u", items);
    items[0] = 9;
    sequence.items()[1] = 9;
    assertThat(sequence.items()).containsExactly(3, 1, 2);
    assertThat(sequence.length()).isEqualTo(3);
    assertThat(sequence.item(2)).isEqualTo(2);
    assertThat(sequence.user()).isEqualTo("u");
    assertThat(sequence).hasToString("u: [3, 1, 2]");
    assertThat(sequence)
        .isEqualTo(UserSequence.of("u", 3, 1, 2))
        .hasSameHashCodeAs(UserSequence.of("u", 3, 1, 2))
        .isNotEqualTo(UserSequence.of("v", 3, 1, 2))
        .isNotEqualTo(UserSequence.of("u", 3, 1));
    assertThatThrownBy(() -> sequence.item(3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void badSequencesAreRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UserSequence.of("u"))
        .withMessage("user \"u\": expected at least 1 item, found none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UserSequence.of(" ", 1))
        .withMessage("user must be a key that is not blank, found \" \"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UserSequence.of("u", 1, -2))
        .withMessage("user \"u\": expected item rows of 0 or more, found -2 at position 1");
  }

  @Test
  void countsUsersItemsAndInteractions() {
    assertThat(DATASET.size()).isEqualTo(4);
    assertThat(DATASET.itemCount()).isEqualTo(5);
    assertThat(DATASET.interactionCount()).isEqualTo(10);
    assertThat(DATASET.itemFrequencies()).containsExactly(2, 4, 4, 0, 0);
    assertThat(DATASET.vocabulary()).isSameAs(ITEMS);
    assertThat(DATASET)
        .hasToString(
            "4 users, 5 items, 10 interactions, length min 1, median 2.5, mean 2.5, max 4");
    assertThat(SequenceDataset.of(ITEMS, List.of()))
        .hasToString("0 users, 5 items, 0 interactions");
  }

  @Test
  void lastItemsKeepsTheNewest() {
    SequenceDataset last = DATASET.lastItems(2);
    assertThat(last.sequences())
        .containsExactly(
            UserSequence.of("u", 1, 2),
            UserSequence.of("v", 1),
            UserSequence.of("w", 1, 0),
            UserSequence.of("x", 1, 2));
    assertThat(last.interactionCount()).isEqualTo(7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DATASET.lastItems(0))
        .withMessage("lastItems must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UserSequence.of("u", 1).lastItems(0))
        .withMessage("lastItems must be at least 1, found 0");
  }

  @Test
  void coverageNamesUnusedItems() {
    ItemCoverage coverage = DATASET.coverage();
    assertThat(coverage.itemCount()).isEqualTo(5);
    assertThat(coverage.unusedCount()).isEqualTo(2);
    assertThat(coverage.unusedExamples()).containsExactly("d", "e");
    assertThat(coverage.unknownCount()).isZero();
    assertThat(coverage.isComplete()).isFalse();
    assertThat(coverage)
        .hasToString("2 of 5 items without interactions (e.g. d, e); 0 unknown items");
    ItemCoverage many =
        SequenceDataset.of(ItemVocabulary.ofRows(100), List.of(UserSequence.of("u", 0))).coverage();
    assertThat(many.unusedCount()).isEqualTo(99);
    assertThat(many.unusedExamples()).containsExactly("1", "2", "3", "4", "5");
    ItemCoverage complete =
        SequenceDataset.of(ItemVocabulary.ofRows(1), List.of(UserSequence.of("u", 0))).coverage();
    assertThat(complete.isComplete()).isTrue();
  }

  @Test
  void itemsOutsideTheCatalogueAreRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                SequenceDataset.of(
                    ITEMS, List.of(UserSequence.of("u", 1), UserSequence.of("v", 4, 5))))
        .withMessage("sequence 1 (user \"v\"): item 5 is outside the catalogue of 5 items");
  }

  @Test
  void aUserHasOneSequence() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                SequenceDataset.of(
                    ITEMS,
                    List.of(
                        UserSequence.of("u", 1), UserSequence.of("v", 1), UserSequence.of("u", 2))))
        .withMessage("expected one sequence per user, found user \"u\" in sequences 0 and 2");
  }
}
