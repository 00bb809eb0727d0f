package io.github.alphafuse.backbones.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TopSelector;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

class ItemProductsTest {
  private static final int ITEMS = 12_500; // enough for guesses from samples, and more than one
  private static final int DIM = 8;

  private static Tensor random(long seed, int rows) {
    SplittableRandom random = new SplittableRandom(seed);
    Tensor values = Tensor.zeros(DataType.FLOAT, rows, DIM);
    for (int i = 0; i < values.size(); i++) {
      values.set(i, random.nextGaussian());
    }
    return values;
  }

  static Stream<TopQuery> queries() {
    BitSet few = new BitSet();
    for (int item = 17; item < ITEMS; item += 50) {
      few.set(item);
    }
    return Stream.of(
        TopQuery.ofAll(1),
        TopQuery.ofAll(100),
        TopQuery.ofAll(ITEMS),
        TopQuery.ofAll(ITEMS + 1),
        new TopQuery(20, true, Optional.empty()),
        new TopQuery(20, true, Optional.of(few)));
  }

  @ParameterizedTest
  @MethodSource("queries")
  void findsWhatASearchOfAllScoresFinds(TopQuery query) {
    requireSameAsSearch(random(1, ITEMS), query);
  }

  /** Some of the items that the guesses look at are far better than all others. */
  @ParameterizedTest
  @MethodSource("queries")
  void findsTheBestWhenTheSampleMisleads(TopQuery query) {
    Tensor table = random(2, ITEMS);
    int stride = ITEMS / 512;
    int blocks = (ITEMS - 1) / 640 + 1;
    for (int i = 0; i < table.size(); i++) {
      int item = i / DIM;
      boolean sampled = item % stride == 0 && item / stride < 30;
      boolean inFirstBlocks = item % blocks < 2 && item / blocks < 30;
      table.set(i, table.get(i) * (sampled || inFirstBlocks ? 100 : 1));
    }
    requireSameAsSearch(table, query);
  }

  /** Neighbours are alike, as where a catalogue is sorted by brand. */
  @ParameterizedTest
  @MethodSource("queries")
  void findsTheBestOfASortedCatalogue(TopQuery query) {
    Tensor table = random(6, ITEMS);
    for (int i = DIM; i < table.size(); i++) {
      table.set(i, 0.99 * table.get(i - DIM) + 0.1 * table.get(i));
    }
    requireSameAsSearch(table, query);
  }

  @Test
  void findsTheBestOfMoreThanOneBatch() {
    TopQuery query = new TopQuery(20, true, Optional.empty());
    requireSameAsSearch(random(7, ITEMS), random(4, 300), query);
  }

  /** Items that score the same rank by row, also where all of them equal the guess. */
  @Test
  void breaksTiesByRow() {
    Tensor table = Tensor.zeros(DataType.FLOAT, ITEMS, DIM);
    try (ItemProducts products = new ItemProducts(table)) {
      TopItems[] best = products.top(random(3, 2), new int[2][0], TopQuery.ofAll(3));
      assertThat(best[0].rows()).containsExactly(0, 1, 2);
      assertThat(best[1].rows()).containsExactly(0, 1, 2);
    }
  }

  private static void requireSameAsSearch(Tensor table, TopQuery query) {
    for (int vectors : new int[] {1, 3, 40}) { // one, few, many
      requireSameAsSearch(table, random(4, vectors), query);
    }
  }

  private static void requireSameAsSearch(Tensor table, Tensor vectors, TopQuery query) {
    int[][] histories = new int[vectors.shape(0)][];
    SplittableRandom random = new SplittableRandom(5);
    Arrays.setAll(histories, b -> random.ints(1 + b % 40, 0, ITEMS).toArray());
    try (ItemProducts products = new ItemProducts(table)) {
      TopItems[] found = products.top(vectors, histories, query);
      TopItems[] expected = TopSelector.best(products.scores(vectors), histories, query);
      for (int b = 0; b < histories.length; b++) {
        assertThat(found[b].rows()).as("vector %s", b).isEqualTo(expected[b].rows());
        assertThat(found[b].scores()).isEqualTo(expected[b].scores());
      }
    }
  }
}
