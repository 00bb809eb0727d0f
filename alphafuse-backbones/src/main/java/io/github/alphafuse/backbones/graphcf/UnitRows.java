package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.internal.rows.Rows;

/**
 * Rows that are divided by their lengths if scores are cosines, and the gradient of the division,
 * (g - u (u.g)) / length. For other scores rows do not change.
 *
 * <p>Calls for different rows are thread-safe.
 */
final class UnitRows {
  /** The smallest length. A row of zeros stays unchanged and gets no gradient. */
  private static final double LEAST = 1e-12;

  private final Rows rows;
  private final Similarity similarity;
  private final double[] lengths;

  UnitRows(Rows rows, Similarity similarity) {
    this.rows = rows;
    this.similarity = similarity;
    this.lengths = new double[similarity == Similarity.COSINE ? rows.count() : 0];
  }

  void normalize(int from, int to) {
    for (int r = from; r < to && similarity == Similarity.COSINE; r++) {
      lengths[r] = Math.sqrt(rows.dot(r, rows, r));
      rows.scale(r, 1 / Math.max(lengths[r], LEAST));
    }
  }

  /** Turns the gradient of a unit row into that of the original row. */
  void backward(int row, Rows gradient) {
    if (similarity != Similarity.COSINE) {
      return;
    }
    if (lengths[row] <= LEAST) {
      gradient.clear(row);
      return;
    }
    gradient.addScaled(row, -gradient.dot(row, rows, row), rows, row);
    gradient.scale(row, 1 / lengths[row]);
  }
}
