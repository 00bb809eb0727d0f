package io.github.alphafuse.benchmarks;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import java.util.SplittableRandom;

/** Numbers and items from N(0, 1), for measurements that text would not change. */
public final class RandomItems {
  private RandomItems() {}

  /**
   * Numbers from N(0, 1), the same at each call.
   *
   * @param shape the axes
   * @return float32 of that shape
   */
  public static Tensor numbers(int... shape) {
    Tensor numbers = Tensor.zeros(ElementType.FLOAT32, shape);
    SplittableRandom random = new SplittableRandom(22);
    float[] values = numbers.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /**
   * A fused embedding with IDs from zeros over a language part from N(0, 1).
   *
   * @param count N
   * @param dim d
   * @param nullDim d_n
   * @return the embedding
   */
  public static FusedItemEmbedding of(int count, int dim, int nullDim) {
    return FusedItemEmbedding.ofProjected(numbers(count, dim), nullDim, false).build();
  }
}
