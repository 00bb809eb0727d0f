package io.github.alphafuse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.core.Tensor;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TopSelectionTest {
  @Test
  void selectsAsASortWouldTiesIncluded() {
    Random random = new Random(22);
    float[] scores = new float[3 * 500];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextInt(60) - 30; // many are equal, zeros of both signs among them
      scores[i] *= random.nextBoolean() ? 1 : -1;
    }
    int[][] best = new TopSelection(20).best(Tensor.of(scores, 3, 500));
    for (int row = 0; row < 3; row++) {
      int at = row * 500;
      int[] expected =
          IntStream.range(0, 500)
              .boxed()
              .sorted(
                  Comparator.comparing((Integer item) -> -(scores[at + item] + 0f))
                      .thenComparing(item -> item))
              .limit(20)
              .mapToInt(item -> item)
              .toArray();
      assertThat(best[row]).containsExactly(expected);
    }
  }

  @Test
  void selectsAllItems() {
    int[][] best = new TopSelection(3).best(Tensor.of(new float[] {1, 3, 2}, 1, 3));
    assertThat(best[0]).containsExactly(1, 2, 0);
  }

  @Test
  void rejectsNan() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new TopSelection(1).best(Tensor.of(new float[] {Float.NaN}, 1, 1)))
        .withMessageContaining("item 0");
  }
}
