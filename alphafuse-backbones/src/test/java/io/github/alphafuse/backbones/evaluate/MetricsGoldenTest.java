package io.github.alphafuse.backbones.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Ints;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.GoldenCase;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("golden")
class MetricsGoldenTest {

  @Test
  void agrees() {
    for (GoldenCase golden : GoldenCase.discover("metrics")) {
      Stream.of(ElementType.FLOAT64, ElementType.FLOAT32)
          .forEach(type -> compare(golden.again(), type));
    }
  }

  private static void compare(GoldenCase golden, ElementType type) {
    Tensor scores = golden.array("scores").to(type);
    int[] targets = golden.ints("targets");
    int[] cutoffs = Ints.toArray(Arrays.stream(golden.longs("cutoffs")).boxed().toList());
    int items = scores.shape(1);
    Examples.Builder examples = Examples.builder(items);
    for (int i = 0; i < targets.length; i++) {
      examples.add("user " + i, new int[] {0}, targets[i]);
    }
    ItemScorer given =
        new ItemScorer() {
          @Override
          public int itemCount() {
            return items;
          }

          @Override
          public Tensor score(int[][] histories) {
            assertThat(histories).hasNumberOfRows(targets.length);
            return scores;
          }
        };
    Evaluation evaluation =
        Evaluator.fullRanking()
            .at(cutoffs)
            .batchSize(targets.length)
            .evaluate(given, examples.build());
    golden.compare("hit", means(cutoffs, k -> evaluation.hitRate((int) k)), 1e-12);
    golden.compare("ndcg", means(cutoffs, k -> evaluation.ndcg((int) k)), 1e-12);
    golden.compare("mrr", means(cutoffs, k -> evaluation.mrr((int) k)), 1e-12);
    golden.finish(type);
  }

  private static Tensor means(int[] cutoffs, ToDoubleFunction<Integer> metric) {
    return Tensor.of(
        IntStream.of(cutoffs).mapToDouble(metric::applyAsDouble).toArray(), cutoffs.length);
  }
}
