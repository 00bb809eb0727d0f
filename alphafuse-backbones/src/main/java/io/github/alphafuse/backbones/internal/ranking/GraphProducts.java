package io.github.alphafuse.backbones.internal.ranking;

import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.core.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Products of vectors with a table of item rows by ND4J, on any backend and in both types.
 *
 * <p>Thread-safe except for {@link #close}.
 */
public final class GraphProducts implements ItemScores {
  private final INDArray table; // [N, d]

  /**
   * Products with a copy of item rows.
   *
   * @param rows [N, d]
   */
  public GraphProducts(Tensor rows) {
    Backend.require();
    this.table = rows.toNd4j();
  }

  @Override
  public Tensor scores(Tensor vectors) {
    // A column-major [N, B] is a row-major [B, N], so the product needs no transposed copy.
    try (INDArray user = vectors.toNd4j();
        INDArray scores = Nd4j.gemm(table, user, false, true)) {
      return Tensor.copyOf(scores.transpose());
    }
  }

  @Override
  public Tensor rows(int[] items) {
    try (INDArray rows = table.getRows(items)) {
      return Tensor.copyOf(rows);
    }
  }

  @Override
  public int itemCount() {
    return Math.toIntExact(table.size(0));
  }

  @Override
  public void close() {
    table.close();
  }
}
