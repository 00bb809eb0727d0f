package io.github.alphafuse.backbones.internal.ranking;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DoubleOperand;

/** Products of vectors with a table of item rows in float64. */
final class DoubleProducts implements ItemScores {
  private final DoubleOperand rows; // [d, N]
  private final Tensor table; // [N, d]

  /** A copy of item rows [N, d]. */
  DoubleProducts(Tensor rows) {
    this.table = rows.copy();
    this.rows = DoubleOperand.of(table.doubles(), rows.shape(0), rows.shape(1)).transpose();
  }

  @Override
  public int itemCount() {
    return rows.rows();
  }

  @Override
  public Tensor scores(Tensor vectors) {
    Tensor scores = Tensor.zeros(ElementType.FLOAT64, vectors.shape(0), itemCount());
    DenseKernels.get()
        .multiply(
            DoubleOperand.of(vectors.doubles(), vectors.shape(0), vectors.shape(1)),
            rows,
            scores.doubles());
    return scores;
  }

  @Override
  public Tensor rows(int[] items) {
    int dim = table.shape(1);
    Tensor copies = Tensor.zeros(ElementType.FLOAT64, items.length, dim);
    for (int i = 0; i < items.length; i++) {
      System.arraycopy(table.doubles(), items[i] * dim, copies.doubles(), i * dim, dim);
    }
    return copies;
  }

  @Override
  public void close() {}
}
