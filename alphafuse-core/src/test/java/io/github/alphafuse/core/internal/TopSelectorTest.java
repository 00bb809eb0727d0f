package io.github.alphafuse.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopSelectorTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void selectsAsASortWouldWhateverTheBlocks(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 100; round++) {
      int items = 1 + random.nextInt(300);
      float[] scores = new float[items];
      for (int i = 0; i < items; i++) {
        scores[i] = random.nextInt(12) - 6; // many ties, and both signs
      }
      int[] history =
          IntStream.range(0, random.nextInt(5)).map(i -> random.nextInt(items)).toArray();
      BitSet allowed = new BitSet();
      allowed.set(0, items);
      allowed.clear(random.nextInt(items));
      int count = 1 + random.nextInt(20);
      int[] excluded = random.nextBoolean() ? history : new int[0];
      BitSet filter = random.nextBoolean() ? allowed : null;
      TopSelector first = new TopSelector(count, excluded, filter);
      TopSelector second = new TopSelector(count, excluded, filter);
      for (int from = 0; from < items; from += 37) {
        int to = Math.min(items, from + 37);
        (random.nextBoolean() ? first : second)
            .offer(from, Arrays.copyOfRange(scores, from, to), to - from);
      }
      first.merge(second);
      int[] expected =
          IntStream.range(0, items)
              .filter(i -> Arrays.stream(excluded).noneMatch(h -> h == i))
              .filter(i -> filter == null || filter.get(i))
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]).thenComparing(i -> i))
              .limit(count)
              .mapToInt(i -> i)
              .toArray();
      TopSelector.Best best = first.best();
      assertThat(best.rows()).containsExactly(expected);
      for (int k = 0; k < expected.length; k++) {
        assertThat(best.scores()[k]).isEqualTo(scores[expected[k]]);
      }
    }
  }

  @Test
  void rejectsNotANumberEvenWhenFull() {
    float[] scores = new float[100];
    Arrays.fill(scores, 1);
    scores[99] = Float.NaN;
    TopSelector selector = new TopSelector(3, new int[0], null);
    selector.offer(0, scores, 100);
    assertThatIllegalStateException()
        .isThrownBy(selector::best)
        .withMessage("scores must be numbers, found NaN for item 99");
  }

  /** As the processor makes it, with the sign set, and among items that nobody asked for. */
  @Test
  void rejectsNegativeNotANumberOfAnyItem() {
    float[] scores = {1, Float.intBitsToFloat(0xFFC00000), 2};
    BitSet allowed = new BitSet();
    allowed.set(0);
    TopSelector selector = new TopSelector(1, new int[0], allowed);
    selector.offer(0, scores, 3);
    assertThatIllegalStateException().isThrownBy(selector::best).withMessageContaining("item 1");
  }
}
