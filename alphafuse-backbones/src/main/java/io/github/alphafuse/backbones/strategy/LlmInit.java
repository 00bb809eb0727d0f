package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;

/**
 * LLMInit: a trained table of IDs that starts from the text's principal components.
 *
 * <pre>row = E_ID,  at the start (x - mean) U[:, :d] S[:d]^(-1/2)</pre>
 *
 * <p>Trained numbers: (N + 1) d. Items without interactions keep their start values, except for
 * weight decay. See: Harte et al., "Leveraging Large Language Models for Sequential
 * Recommendation", RecSys 2023.
 */
public final class LlmInit {
  private LlmInit() {}

  /**
   * A builder with the published defaults. The width is at most the number of the text's directions
   * with variance.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder
   */
  public static Builder builder(LanguageEmbeddings text) {
    return new Builder(text);
  }

  /** Options of LLMInit; each is checked where it is set. Not thread-safe. */
  public static final class Builder extends ProjectedIdsBuilder<Builder> {

    private Builder(LanguageEmbeddings text) {
      super(text);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Projects the language embeddings and builds the embedding.
     *
     * @return the embedding
     * @throws IllegalArgumentException if a given dim is above d_l or the number of directions with
     *     variance (the message names the largest that works), a language embedding is not finite,
     *     or no direction has variance and no floor is set
     * @throws ArithmeticException if no solver finds right eigenvectors
     */
    public IdItemEmbedding build() {
      return projectedIds(fitProjector());
    }
  }
}
