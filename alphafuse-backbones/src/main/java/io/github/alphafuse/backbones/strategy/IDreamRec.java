package io.github.alphafuse.backbones.strategy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;

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
  public static final class Builder extends TextBuilder<Builder> {
    private Builder(LanguageEmbeddings text) {
      super(text);
    }

    @Override
    Builder self() {
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
      return floor(varianceFloor);
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
      return FusedItemEmbedding.builder(projector().fit(text()), text())
          .elementType(type())
          .build();
    }
  }
}
