package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.RowNormalization;

/**
 * iDreamRec: items are their whitened text as it is, all d_l columns of it, and nothing of them is
 * trained. It is meant for DreamRec, which generates such rows.
 *
 * <pre>row = (x - mean) U S^(-1/2),  d = d_l</pre>
 *
 * <p>Directions without variance are left out, so that d is less than d_l where there are any,
 * unless there is a floor.
 *
 * <p>See: Hu et al., "Generate and Instantiate What You Prefer: Text-Guided Diffusion for
 * Sequential Recommendation", arXiv 2410.13428.
 */
public final class IDreamRec {
  private IDreamRec() {}

  /**
   * A builder with the published defaults: uniform whitening of all columns.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder
   */
  public static Builder builder(LanguageEmbeddings text) {
    return new Builder(text);
  }

  /** Options of iDreamRec; each is checked where it is set. Not thread-safe. */
  public static final class Builder {
    private final LanguageEmbeddings text;
    private RowNormalization normalization = RowNormalization.MEAN;
    private double scale = 40;
    private double varianceFloor;
    private ElementType elementType = ElementType.FLOAT32;

    private Builder(LanguageEmbeddings text) {
      this.text = text;
    }

    /**
     * How rows are brought to one length.
     *
     * @param how the normalisation; {@link RowNormalization#MEAN} where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder normalize(RowNormalization how) {
      this.normalization = how;
      return this;
    }

    /**
     * The number that normalised rows are multiplied by; only the floor depends on it.
     *
     * @param factor a positive number; 40 where it is not set
     * @return this
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder scale(double factor) {
      checkArgument(
          factor > 0 && Double.isFinite(factor),
          "scale must be positive and finite, found %s",
          factor);
      this.scale = factor;
      return this;
    }

    /**
     * The variance that whitening takes for directions with less.
     *
     * @param floor a variance in squared units of the scaled rows, at least 0; 0 where it is not
     *     set: directions without variance are then left out
     * @return this
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder varianceFloor(double floor) {
      checkArgument(
          floor >= 0 && Double.isFinite(floor),
          "varianceFloor must be finite and at least 0, found %s",
          floor);
      this.varianceFloor = floor;
      return this;
    }

    /**
     * The type of the rows.
     *
     * @param type FLOAT, where it is not set, or DOUBLE
     * @return this
     * @throws IllegalArgumentException if it is another type
     */
    @CanIgnoreReturnValue
    public Builder elementType(ElementType type) {
      this.elementType = checkNotNull(type, "elementType must not be null");
      return this;
    }

    /**
     * Whitens the language embeddings and builds the embedding.
     *
     * @return an embedding without an ID part
     * @throws IllegalArgumentException if a language embedding is not finite, or no direction has
     *     variance and no floor is set
     * @throws ArithmeticException if no solver finds right eigenvectors
     */
    public FusedItemEmbedding build() {
      return FusedItemEmbedding.builder(
              new Whitening(normalization, scale, varianceFloor).fit(text), text)
          .elementType(elementType)
          .build();
    }
  }
}
