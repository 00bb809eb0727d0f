package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InteractionSplitTest {
  private static final ItemVocabulary ITEMS = ItemVocabulary.ofRows(200);

  private static InteractionSplit split(int... items) {
    return InteractionSplit.byOrder(
        SequenceDataset.of(ITEMS, List.of(UserSequence.of("ann", items))));
  }

  @ParameterizedTest
  @CsvSource({"1,1,0,0", "2,1,0,1", "3,2,0,1", "5,4,0,1", "6,4,1,1", "10,8,1,1", "165,132,16,17"})
  void takesSharesOfEachUser(int items, int train, int validation, int test) {
    InteractionSplit split = split(IntStream.range(0, items).map(i -> 199 - i).toArray());
    assertThat(split.train().items(0)).hasSize(train);
    assertThat(split.validation().items(0)).hasSize(validation);
    assertThat(split.test().items(0)).hasSize(test);
    // The oldest have the highest rows here.
    assertThat(split.train().items(0)[0]).isEqualTo(200 - train);
    if (test > 0) {
      assertThat(split.test().items(0)[0]).isEqualTo(200 - items);
    }
  }

  @Test
  void takesARepeatedItemAtItsFirstPlace() {
    InteractionSplit split = split(7, 1, 7, 2, 3, 4, 7);
    assertThat(split.train().items(0)).containsExactly(1, 2, 3, 7);
    assertThat(split.validation().items(0)).isEmpty();
    assertThat(split.test().items(0)).containsExactly(4);
  }

  @Test
  void rejectsPartsOfOtherUsers() {
    UserItems one = UserItems.of(200, new int[][] {{1}});
    UserItems two = UserItems.of(200, new int[][] {{1}, {2}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InteractionSplit(ITEMS, two, two, one))
        .withMessageContaining("all parts must have the same users and 200 items");
  }

  @Test
  void rejectsItemsOutsideTheCatalogue() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> UserItems.of(ItemVocabulary.ofRows(3), List.of("ann"), new int[][] {{1, 3}}))
        .withMessage("user \"ann\": item 3 is outside the catalogue of 3 items");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> UserItems.of(ItemVocabulary.ofRows(3), List.of("ann"), new int[][] {{1}, {2}}))
        .withMessage("there must be items for each of 1 users, found 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UserItems.of(0, new int[][] {}))
        .withMessage("itemCount must be at least 1, found 0");
  }
}
