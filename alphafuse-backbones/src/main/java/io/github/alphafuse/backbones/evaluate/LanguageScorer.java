package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.internal.UnitVectors;
import io.github.alphafuse.backbones.internal.ranking.CallGate;
import io.github.alphafuse.backbones.internal.ranking.ItemProducts;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;

/**
 * The baseline of text alone. It ranks items by the cosine of their language row and the mean of
 * the rows of the history. Nothing is trained.
 *
 * <p>Legend: N items, d_l language dimension. It needs the BLAS of the CPU backend. Thread-safe;
 * closing waits for running calls.
 */
public final class LanguageScorer implements ItemScorer {
  private final Tensor rows; // [N, d_l]
  private final ItemProducts unitRows; // [N, d_l]
  private final CallGate gate = new CallGate();

  private LanguageScorer(Tensor rows) {
    this.rows = rows;
    Tensor units = rows.copy();
    UnitVectors.normalize(units);
    this.unitRows = new ItemProducts(units);
  }

  /**
   * A scorer by language rows.
   *
   * @param language the rows [N, d_l]
   * @return the scorer, to be closed
   */
  public static LanguageScorer of(LanguageEmbeddings language) {
    return new LanguageScorer(language.toTensor().to(ElementType.FLOAT32));
  }

  @Override
  public int itemCount() {
    return rows.shape(0);
  }

  @Override
  public Tensor score(int[][] histories) {
    int dim = rows.shape(1);
    float[] means = new float[Math.multiplyExact(histories.length, dim)];
    float[] values = rows.floats();
    for (int b = 0; b < histories.length; b++) {
      checkArgument(histories[b].length > 0, "history %s must not be empty", b);
      for (int item : histories[b]) {
        checkArgument(
            item >= 0 && item < itemCount(),
            "item of history %s must lie in [0, %s), found %s",
            b,
            itemCount(),
            item);
        for (int j = 0; j < dim; j++) {
          means[b * dim + j] += values[item * dim + j] / histories[b].length;
        }
      }
    }
    return gate.whileOpen(() -> unitRows.scores(Tensor.of(means, histories.length, dim)));
  }

  @Override
  public void close() {
    gate.close(unitRows::close);
  }
}
