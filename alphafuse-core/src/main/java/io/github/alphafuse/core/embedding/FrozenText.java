package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import org.jspecify.annotations.Nullable;

/**
 * The part of the rows of items that is frozen text, which no training changes.
 *
 * <p>The rest of a row is its trained part, so that both add up to the row. A text can be compared
 * with the items by it.
 *
 * <p>Legend: N items, d embedding dimension, d_l language dimension, R requested rows. Immutable
 * and thread-safe.
 */
public final class FrozenText {
  /** The fewest items per thread. */
  private static final int LEAST = 2_048;

  private final Tensor language; // [N, k], k <= d
  private final int dim;
  private final @Nullable NullSpaceProjector projector;

  FrozenText(Tensor language, int dim, @Nullable NullSpaceProjector projector) {
    this.language = language;
    this.dim = dim;
    this.projector = projector;
  }

  /**
   * The number of items.
   *
   * @return N
   */
  public int itemCount() {
    return language.shape(0);
  }

  /**
   * The width of a row.
   *
   * @return d
   */
  public int dim() {
    return dim;
  }

  /**
   * The frozen part of rows; 0 in columns that are trained alone.
   *
   * @param items [R] rows of items
   * @return [R, d], of the type of the items
   * @throws IllegalArgumentException if an item is outside [0, N)
   */
  public Tensor rows(int[] items) {
    for (int item : items) {
      checkArgument(
          item >= 0 && item < itemCount(),
          "items must lie in [0, %s), found %s",
          itemCount(),
          item);
    }
    Tensor rows = Tensor.zeros(language.elementType(), items.length, dim);
    RowTable.copy(language, items, new RowTable.Place(rows, 0));
    return rows;
  }

  /**
   * The cosines of a text and the frozen parts of all items, 0 for a part of zeros.
   *
   * @param languageRow [d_l] the language row of the text, of the encoder that made the items'
   * @return [N], from -1 to 1
   * @throws IllegalArgumentException if the width is not d_l or a number is not finite
   * @throws IllegalStateException if the rows were projected elsewhere, so that nothing projects
   *     the text
   */
  public float[] cosines(double[] languageRow) {
    checkState(
        projector != null,
        "a text needs the projector, and the rows of these items were projected elsewhere");
    Tensor query =
        projector.project(
            LanguageEmbeddings.of(new double[][] {languageRow}), language.elementType());
    float[] cosines = new float[itemCount()];
    int width = language.shape(1);
    double length = Math.sqrt(product(query, 0, query, 0, width));
    Workers.split(
        itemCount(),
        LEAST,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int at = i * width;
            double lengths = length * Math.sqrt(product(language, at, language, at, width));
            double cosine = product(query, 0, language, at, width) / lengths;
            cosines[i] = Double.isFinite(cosine) ? (float) cosine : 0;
          }
        });
    return cosines;
  }

  private static double product(Tensor x, int xAt, Tensor y, int yAt, int length) {
    double sum = 0;
    if (x.elementType() == ElementType.FLOAT32) {
      float[] first = x.floats();
      float[] second = y.floats();
      for (int j = 0; j < length; j++) {
        sum += (double) first[xAt + j] * second[yAt + j];
      }
      return sum;
    }
    double[] first = x.doubles();
    double[] second = y.doubles();
    for (int j = 0; j < length; j++) {
      sum += first[xAt + j] * second[yAt + j];
    }
    return sum;
  }

  /**
   * A short description.
   *
   * @return the shape
   */
  @Override
  public String toString() {
    return "FrozenText[" + itemCount() + " items, " + dim + "]";
  }
}
