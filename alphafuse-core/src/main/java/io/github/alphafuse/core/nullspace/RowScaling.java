package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Locale;

/**
 * The fitted normalisation and scale of language embeddings. They multiply rows so that a scale has
 * the same meaning for every encoder.
 *
 * <p>Rows are neither centred nor rotated. {@link NullSpaceProjector} does that after scaling.
 *
 * <p>Legend: N items fitted, M rows, d_l language dimension. Immutable and thread-safe.
 */
public final class RowScaling {
  private static final int BLOCK_ROWS = 2048;

  private final RowNormalization normalization;
  private final double scale;
  private final double factor;

  private RowScaling(RowNormalization normalization, double scale, double factor) {
    this.normalization = normalization;
    this.scale = scale;
    this.factor = factor;
  }

  /**
   * Fits the scaling to the language embeddings of all items.
   *
   * @param embeddings [N, d_l]
   * @param normalization how rows are brought to one length
   * @param scale a positive number that normalised rows are multiplied by
   * @return the scaling
   * @throws IllegalArgumentException if scale is not positive and finite, a number of the
   *     embeddings is not finite, or all of them are 0 and {@link RowNormalization#MEAN} would
   *     divide by their mean norm
   */
  public static RowScaling fit(
      LanguageEmbeddings embeddings, RowNormalization normalization, double scale) {
    requireScale(scale);
    if (normalization != RowNormalization.MEAN) {
      return new RowScaling(normalization, scale, scale);
    }
    int width = embeddings.dim();
    double[] sum = new double[1];
    embeddings.forEachBlock(
        BLOCK_ROWS,
        (firstRow, block, count) -> {
          for (int i = 0; i < count; i++) {
            sum[0] += Math.sqrt(squaredNorm(block, i, width));
          }
        });
    return ofMeanNorm(normalization, scale, sum[0] / embeddings.itemCount());
  }

  /** The scaling of rows whose mean norm is known. */
  static RowScaling ofMeanNorm(RowNormalization normalization, double scale, double meanNorm) {
    if (normalization != RowNormalization.MEAN) {
      return new RowScaling(normalization, scale, scale);
    }
    checkArgument(
        meanNorm > 0, "embeddings must not be all zeros to be divided by their mean norm");
    return new RowScaling(normalization, scale, scale / meanNorm);
  }

  static void requireScale(double scale) {
    checkArgument(
        scale > 0 && Double.isFinite(scale), "scale must be positive and finite, found %s", scale);
  }

  private static double squaredNorm(double[] block, int row, int width) {
    double squares = 0;
    for (int j = row * width; j < (row + 1) * width; j++) {
      squares += block[j] * block[j];
    }
    return squares;
  }

  /** The factor by which a row of a block is multiplied. */
  double factor(double[] block, int row, int width) {
    return normalization == RowNormalization.ROWS
        ? factor / Math.sqrt(squaredNorm(block, row, width))
        : factor;
  }

  /** The message names the first row of zeros, whichever threads scale the rows. */
  void requireNorms(double[] block, int firstRow, int[] shape) {
    if (normalization != RowNormalization.ROWS) {
      return;
    }
    for (int i = 0; i < shape[0]; i++) {
      checkArgument(
          squaredNorm(block, i, shape[1]) > 0,
          "row %s must not be all zeros to be normalised to norm 1",
          firstRow + i);
    }
  }

  /**
   * Normalised and scaled rows.
   *
   * @param rows language embeddings [M, d_l], of the items fitted or of new ones
   * @param type the type of the result, FLOAT or DOUBLE
   * @return [M, d_l]
   * @throws IllegalArgumentException if a number is not finite, the result does not fit an array,
   *     or a row is all zeros under {@link RowNormalization#ROWS}
   */
  public Tensor apply(LanguageEmbeddings rows, ElementType type) {
    int width = rows.dim();
    Tensor scaled = Tensor.zeros(type, rows.itemCount(), width);
    rows.forEachBlock(
        BLOCK_ROWS,
        (firstRow, block, count) -> {
          requireNorms(block, firstRow, new int[] {count, width});
          for (int i = 0; i < count; i++) {
            double by = factor(block, i, width);
            int at = (firstRow + i) * width;
            for (int j = 0; j < width; j++) {
              scaled.set(at + j, by * block[i * width + j]);
            }
          }
        });
    return scaled;
  }

  /**
   * How rows are normalised.
   *
   * @return the normalisation
   */
  public RowNormalization normalization() {
    return normalization;
  }

  /**
   * The scale that normalised rows are multiplied by.
   *
   * @return the scale
   */
  public double scale() {
    return scale;
  }

  /**
   * The factor by which a row is multiplied: the scale, divided by the fitted mean norm under
   * {@link RowNormalization#MEAN}. Under {@link RowNormalization#ROWS} a row is also divided by its
   * own norm.
   *
   * @return the factor
   */
  public double rowFactor() {
    return factor;
  }

  /**
   * Writes the scaling into a larger archive.
   *
   * @param archive the archive, or a section of it
   */
  public void write(ArchiveWriter archive) {
    archive
        .setting("normalization", normalization)
        .setting("scale", scale)
        .setting("rowFactor", factor);
  }

  /**
   * Reads a scaling from a larger archive.
   *
   * @param archive the archive, or the section of it that {@link #write} wrote
   * @return the scaling
   * @throws IllegalArgumentException if something is missing or does not fit
   */
  public static RowScaling read(ArchiveReader archive) {
    double scale = archive.doubleSetting("scale");
    double factor = archive.doubleSetting("rowFactor");
    requireScale(scale);
    checkArgument(
        factor > 0 && Double.isFinite(factor),
        "rowFactor must be positive and finite, found %s",
        factor);
    return new RowScaling(
        archive.enumSetting("normalization", RowNormalization.class), scale, factor);
  }

  /**
   * A short description.
   *
   * @return normalisation and scale
   */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s x %s", normalization, scale);
  }
}
