package io.github.alphafuse.backbones.encoder;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TopSelector;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Inference by the encoder's graph and ND4J's products, on any backend and in both types. */
final class GraphComputation implements HistoryEncoder.Computation {
  private final SequenceEncoder encoder;
  private final Tensor table;
  private final INDArray itemRows;

  GraphComputation(EncoderWeights weights, Tensor table) {
    this.encoder = SameDiffEncoder.of(weights);
    this.table = table;
    this.itemRows = table.toNd4j();
  }

  @Override
  public Tensor users(int[][] histories) {
    int length = encoder.config().maxLength();
    int dim = table.shape(1);
    Tensor rows = Tensor.zeros(table.dataType(), histories.length, length, dim);
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
    if (table.dataType() == DataType.FLOAT) {
      System.arraycopy(table.floats(), item * dim, rows.floats(), at * dim, dim);
    } else {
      System.arraycopy(table.doubles(), item * dim, rows.doubles(), at * dim, dim);
    }
  }

  @Override
  public Tensor scores(Tensor vectors) {
    // A column-major [N, B] is a row-major [B, N], so the product needs no transposed copy.
    try (INDArray user = vectors.toNd4j();
        INDArray scores = Nd4j.gemm(itemRows, user, false, true)) {
      return Tensor.copyOf(scores.transpose());
    }
  }

  @Override
  public TopItems[] top(Tensor vectors, int[][] histories, TopQuery query) {
    return TopSelector.best(scores(vectors), histories, query);
  }

  @Override
  public void close() {
    itemRows.close();
    encoder.close();
  }
}
