package io.github.alphafuse.backbones.strategy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import org.jspecify.annotations.Nullable;

/**
 * WhitenRec: an item's row is its whitened text after one trained layer.
 *
 * <pre>row = GELU(W z + b),  z the frozen language row with all directions at variance 1</pre>
 *
 * <p>Trained numbers: d d_l + d. Directions without variance are left out of z, which is then
 * narrower than d_l, unless there is a floor. See: Zhang et al., "Are ID Embeddings Necessary?
 * Whitening Pre-trained Text Embeddings for Effective Sequential Recommendation", ICDE 2024.
 */
public final class WhitenRec {
  private WhitenRec() {}

  /**
   * A builder with the published defaults.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder
   */
  public static Builder builder(LanguageEmbeddings text) {
    return new Builder(text, false);
  }

  /**
   * A builder over rows that were whitened elsewhere.
   *
   * @param whitened [N, d_l], without a padding row; copied
   * @return the builder; normalisation, scale and floor are not used
   * @throws IllegalArgumentException if the rank is not 2 or a number is not finite
   */
  public static Builder ofWhitened(Tensor whitened) {
    return new Builder(StrategyBuilder.prepared(whitened), true);
  }

  /** Options of WhitenRec; each is checked where it is set. Not thread-safe. */
  public static final class Builder extends StrategyBuilder<Builder> {
    private final boolean isWhitened;

    private Builder(LanguageEmbeddings text, boolean isWhitened) {
      super(text);
      this.isWhitened = isWhitened;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the variance that whitening assumes for directions with less. A floor keeps directions
     * without variance, which text with fewer items than columns has. The default is 0: directions
     * without variance are left out.
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
     * @return the embedding
     * @throws IllegalArgumentException if a language embedding is not finite, or no direction has
     *     variance and no floor is set
     * @throws ArithmeticException if no solver finds right eigenvectors
     */
    public AdaptedItemEmbedding build() {
      @Nullable LanguageMap map =
          isWhitened ? null : new LanguageMap.Whitened(projector().fit(text()));
      Tensor language = map == null ? text().toTensor().to(type()) : map.apply(text(), type());
      return new AdaptedItemEmbedding(
          "WhitenRec",
          language,
          map,
          GeluAdapter.initial(type(), new int[] {chosenDim(), language.shape(1)}, random()),
          origin());
    }
  }
}
