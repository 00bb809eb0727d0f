package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;

/**
 * MoRec: an item's row is its text after one trained layer.
 *
 * <pre>row = GELU(W x + b),  x the frozen language row</pre>
 *
 * <p>Trained numbers: d d_l + d. See: Yuan et al., "Where to Go Next for Recommender Systems? ID-
 * vs. Modality-based Recommender Models Revisited", SIGIR 2023.
 */
public final class MoRec {
  private MoRec() {}

  /**
   * A builder with the published defaults.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder
   */
  public static Builder builder(LanguageEmbeddings text) {
    return new Builder(text);
  }

  /** Options of MoRec; each is checked where it is set. Not thread-safe. */
  public static final class Builder extends StrategyBuilder<Builder> {
    private Builder(LanguageEmbeddings text) {
      super(text);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Scales the language embeddings and builds the embedding.
     *
     * @return the embedding
     * @throws IllegalArgumentException if a language embedding is not finite or cannot be
     *     normalised
     */
    public AdaptedItemEmbedding build() {
      LanguageMap map = scaled();
      Tensor language = map.apply(text(), type());
      return new AdaptedItemEmbedding(
          "MoRec",
          language,
          map,
          GeluAdapter.initial(type(), new int[] {chosenDim(), language.shape(1)}, random()),
          origin());
    }
  }
}
