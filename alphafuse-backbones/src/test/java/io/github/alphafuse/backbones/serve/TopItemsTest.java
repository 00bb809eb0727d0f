package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopItemsTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void keepsTheBestOfAnyOffers(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 50; round++) {
      int size = random.nextInt(30);
      int capacity = 1 + random.nextInt(12);
      double[] scores = new double[size];
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        scores[i] = random.nextInt(8);
        order.add(i);
      }
      Collections.shuffle(order, new Random(seed + round));
      TopItems top = new TopItems(capacity);
      order.forEach(i -> top.offer(i, scores[i]));
      int[] expected =
          IntStream.range(0, size)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]).thenComparing(i -> i))
              .limit(capacity)
              .mapToInt(i -> i)
              .toArray();
      assertThat(top.rows()).containsExactly(expected);
    }
  }
}
