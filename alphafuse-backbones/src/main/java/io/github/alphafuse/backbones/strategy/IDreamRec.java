package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.RowNormalization;

/**
 * iDreamRec: an item's row is its whitened text with all d_l columns, and nothing is trained. It is
 * meant for DreamRec, which generates such rows.
 *
 * <pre>row = (x - mean) U S^(-1/2),  d = d_l</pre>
 *
 * <p>Directions without variance are left out unless there is a floor, so d may be less than d_l.
 *
 * <p>See: Hu et al., "Generate and Instantiate What You Prefer: Text-Guided Diffusion for
 * Sequential Recommendation", arXiv 2410.13428.
 */
public final class IDreamRec {
  private IDreamRec() {}

  /**
   * A builder with the published defaults.
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
     * Sets how rows are brought to one length. The default is {@link RowNormalization#MEAN}.
     *
     * @param normalize the normalisation
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder normalize(RowNormalization normalize) {
      this.normalization = normalize;
      return this;
    }

    /**
     * Sets the number by which normalised rows are multiplied. Only the floor depends on it. The
     * default is 40.
     *
     * @param scale a positive number
     * @return this builder
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder scale(double scale) {
      checkArgument(
          scale > 0 && Double.isFinite(scale),
          "scale must be positive and finite, found %s",
          scale);
      this.scale = scale;
      return this;
    }

    /**
     * Sets the variance that whitening assumes for directions with less. The default is 0:
     * directions without variance are left out.
     *
     * @param varianceFloor a variance in squared units of the scaled rows, at least 0
     * @return this builder
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder varianceFloor(double varianceFloor) {
      checkArgument(
          varianceFloor >= 0 && Double.isFinite(varianceFloor),
          "varianceFloor must be finite and at least 0, found %s",
          varianceFloor);
      this.varianceFloor = varianceFloor;
      return this;
    }

    /**
     * Sets the type of the rows. The default is FLOAT32.
     *
     * @param elementType the type
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder elementType(ElementType elementType) {
      this.elementType = checkNotNull(elementType, "elementType must not be null");
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
