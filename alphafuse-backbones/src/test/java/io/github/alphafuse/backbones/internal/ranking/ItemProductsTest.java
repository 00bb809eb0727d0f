package io.github.alphafuse.backbones.internal.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ItemProductsTest {
  private static final int ITEMS = 12_500; // enough for guesses from samples, and more than one
  private static final int DIM = 8;
  private static final float ROUNDING = 1e-6f; // of the largest score

  private static Tensor random(long seed, int rows) {
    SplittableRandom random = new SplittableRandom(seed);
    Tensor values = Tensor.zeros(ElementType.FLOAT32, rows, DIM);
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

  /** Callers that meet are answered together, with the scores that each would get alone. */
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void givesACrowdWhatEachGetsAlone() throws Exception {
    Tensor table = random(8, ITEMS);
    Tensor vectors = random(9, 64);
    List<TopQuery> queries = queries().filter(query -> query.count() <= 100).toList();
    try (ItemProducts products = new ItemProducts(table, 1)) {
      TopItems[] expected = new TopItems[vectors.shape(0)];
      Arrays.setAll(expected, b -> single(products, vectors, queries, b));
      AtomicInteger next = new AtomicInteger();
      Callable<Void> caller =
          () -> {
            for (int i = next.getAndIncrement(); i < 2_000; i = next.getAndIncrement()) {
              int b = i % expected.length;
              if (i % 100 == 0) {
                requireNaNRejected(products);
              }
              TopItems found = single(products, vectors, queries, b);
              assertThat(found.rows()).isEqualTo(expected[b].rows());
              assertThat(found.scores()).isEqualTo(expected[b].scores());
            }
            return null;
          };
      ExecutorService crowd = Executors.newFixedThreadPool(8);
      try {
        for (Future<Void> done : crowd.invokeAll(Collections.nCopies(8, caller))) {
          done.get();
        }
      } finally {
        crowd.shutdownNow();
      }
    }
  }

  private static TopItems single(
      ItemProducts products, Tensor vectors, List<TopQuery> queries, int b) {
    Tensor vector = Tensor.zeros(ElementType.FLOAT32, 1, DIM);
    System.arraycopy(vectors.floats(), b * DIM, vector.floats(), 0, DIM);
    int[] history = {b, 2 * b, 3 * b};
    return products.top(vector, new int[][] {history}, queries.get(b % queries.size()))[0];
  }

  private static void requireNaNRejected(ItemProducts products) {
    Tensor broken = Tensor.zeros(ElementType.FLOAT32, 1, DIM);
    broken.set(0, Double.NaN);
    assertThatIllegalStateException()
        .isThrownBy(() -> products.top(broken, new int[1][0], TopQuery.ofAll(3)))
        .withMessageContaining("found NaN");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 600, 2_047, 2_048})
  void takesSmallCatalogues(int items) {
    Tensor table = random(10, items);
    for (TopQuery query :
        List.of(
            TopQuery.ofAll(3),
            TopQuery.ofAll(Integer.MAX_VALUE),
            new TopQuery(Integer.MAX_VALUE, true, Optional.empty()))) {
      requireSameAsSearch(table, random(4, 1), query);
      requireSameAsSearch(table, random(4, 40), query);
    }
  }

  /** Items that score the same rank by row, also where all of them equal the guess. */
  @Test
  void breaksTiesByRow() {
    Tensor table = Tensor.zeros(ElementType.FLOAT32, ITEMS, DIM);
    try (ItemProducts products = new ItemProducts(table)) {
      TopItems[] best = products.top(random(3, 2), new int[2][0], TopQuery.ofAll(3));
      assertThat(best[0].rows()).containsExactly(0, 1, 2);
      assertThat(best[1].rows()).containsExactly(0, 1, 2);
    }
  }

  private static void requireSameAsSearch(Tensor table, TopQuery query) {
    for (int vectors : new int[] {1, 3, 8, 40}) { // one, few, many
      requireSameAsSearch(table, random(4, vectors), query);
    }
  }

  private static void requireSameAsSearch(Tensor table, Tensor vectors, TopQuery query) {
    int[][] histories = new int[vectors.shape(0)][];
    SplittableRandom random = new SplittableRandom(5);
    Arrays.setAll(histories, b -> random.ints(1 + b % 40, 0, table.shape(0)).toArray());
    try (ItemProducts products = new ItemProducts(table)) {
      TopItems[] found = products.top(vectors, histories, query);
      Tensor scores = products.scores(vectors);
      TopItems[] expected = TopItems.best(scores, histories, query);
      for (int b = 0; b < histories.length; b++) {
        if (histories.length <= 8) { // each as alone
          assertThat(found[b].rows()).as("vector %s", b).isEqualTo(expected[b].rows());
          assertThat(found[b].scores()).isEqualTo(expected[b].scores());
        }
        int at = b * table.shape(0);
        requireSame(
            found[b], expected[b], Arrays.copyOfRange(scores.floats(), at, at + table.shape(0)));
      }
    }
  }

  /**
   * How a product is rounded depends on those that are made with it: items of nearly the same score
   * may change places, and the last one of a list may be another of the same score.
   */
  private static void requireSame(TopItems found, TopItems expected, float[] scores) {
    float largest = 0;
    for (float score : scores) {
      largest = Math.max(largest, Math.abs(score));
    }
    float difference = 0;
    for (int k = 0; k < Math.min(found.rows().length, expected.rows().length); k++) {
      float score = found.scores()[k];
      difference = Math.max(difference, Math.abs(score - expected.scores()[k]));
      difference = Math.max(difference, Math.abs(score - scores[found.rows()[k]]));
    }
    assertThat(found.rows()).hasSameSizeAs(expected.rows()).doesNotHaveDuplicates();
    assertThat(difference).isLessThanOrEqualTo(ROUNDING * largest);
  }
}
