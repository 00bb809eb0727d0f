package io.github.alphafuse.backbones.internal.encoder;

import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;

/** Inference by the encoder's graph, on any backend and in both types. */
final class GraphComputation implements HistoryEncoder.Computation {
  private final SameDiffEncoder encoder;
  private final Tensor table;

  GraphComputation(EncoderWeights weights, Tensor table) {
    this.encoder = SameDiffEncoder.of(weights);
    this.table = table;
  }

  @Override
  public Tensor users(int[][] histories) {
    int length = encoder.config().maxLength();
    int dim = table.shape(1);
    Tensor rows = Tensor.zeros(table.elementType(), histories.length, length, dim);
    boolean[] padded = new boolean[histories.length * length];
    Arrays.fill(padded, true);
    for (int b = 0; b < histories.length; b++) {
      int[] history = histories[b];
      for (int j = Math.max(0, history.length - length); j < history.length; j++) {
        int at = b * length + length - history.length + j;
        padded[at] = false;
        copyRow(history[j], rows, at);
      }
    }
    return encoder.encode(rows, padded);
  }

  private void copyRow(int item, Tensor rows, int at) {
    int dim = table.shape(1);
    if (table.elementType() == ElementType.FLOAT32) {
      System.arraycopy(table.floats(), item * dim, rows.floats(), at * dim, dim);
    } else {
      System.arraycopy(table.doubles(), item * dim, rows.doubles(), at * dim, dim);
    }
  }

  @Override
  public void close() {
    encoder.close();
  }
}
