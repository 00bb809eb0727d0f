package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;

/**
 * LLMInit: a trained table of IDs that starts from the text's principal components.
 *
 * <pre>row = E_ID,  at the start (x - mean) U[:, :d] S[:d]^(-1/2)</pre>
 *
 * <p>Trained numbers: (N + 1) d. Items that are never interacted with stay where their text put
 * them, but for weight decay. See: Harte et al., "Leveraging Large Language Models for Sequential
 * Recommendation", RecSys 2023.
 */
public final class LlmInit {
  private LlmInit() {}

  /**
   * A builder with the published defaults: 128 columns, standardised.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder
   */
  public static Builder builder(LanguageEmbeddings text) {
    return new Builder(text);
  }

  /** Options of LLMInit; each is checked where it is set. Not thread-safe. */
  public static final class Builder extends StrategyBuilder<Builder> {
    private boolean standardize = true;
    private double varianceFloor;

    private Builder(LanguageEmbeddings text) {
      super(text);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Whether the columns start with variance 1.
     *
     * @param enabled true where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder standardize(boolean enabled) {
      this.standardize = enabled;
      return this;
    }

    /**
     * The variance that standardisation takes for directions with less.
     *
     * @param floor a variance in squared units of the scaled rows, at least 0; 0, which makes
     *     rank-deficient embeddings an error, where it is not set
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
     * Projects the language embeddings and builds the embedding.
     *
     * @return the embedding
     * @throws IllegalArgumentException if dim is above d_l, a language embedding is not finite, or
     *     a direction has no variance and no floor is set
     * @throws ArithmeticException if no solver finds right eigenvectors
     */
    public IdItemEmbedding build() {
      NullSpaceProjector projector =
          NullSpaceProjector.builder()
              .embeddingDim(chosenDim())
              .nullDim(0)
              .normalize(normalization())
              .scale(chosenScale())
              .standardize(standardize)
              .varianceFloor(varianceFloor)
              .fit(text());
      return IdItemEmbedding.builder(text().itemCount(), chosenDim())
          .rows(projector.project(text(), type()))
          .dataType(type())
          .build();
    }
  }
}
