package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.strategy.ExpertsAdapter.Settings;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;

/**
 * UniSRec: an item's row is its text after a trained mixture of linear experts.
 *
 * <pre>
 * row = sum over e of g_e W_e (dropout(x) - b_e)
 * g = softmax(G x + (softplus(S x) + 1e-2) noise),  the noise in training only
 * </pre>
 *
 * <p>Trained numbers, E experts: E (d d_l + d_l) + 2 E d_l. See: Hou et al., "Towards Universal
 * Sequence Representation Learning for Recommender Systems", KDD 2022.
 */
public final class UniSRec {
  private UniSRec() {}

  /**
   * A builder with the published defaults.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder
   */
  public static Builder builder(LanguageEmbeddings text) {
    return new Builder(text);
  }

  /** Options of UniSRec; each is checked where it is set. Not thread-safe. */
  public static final class Builder extends StrategyBuilder<Builder> {
    private int experts = 8;
    private double dropout = 0.2;
    private boolean gateNoise = true;

    private Builder(LanguageEmbeddings text) {
      super(text);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the number of experts. The default is 8.
     *
     * @param experts E, at least 1
     * @return this builder
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder experts(int experts) {
      checkArgument(experts >= 1, "experts must be at least 1, found %s", experts);
      this.experts = experts;
      return this;
    }

    /**
     * Sets the probability with which training drops a number of an expert's input. The default is
     * 0.2.
     *
     * @param dropout a probability in [0, 1)
     * @return this builder
     * @throws IllegalArgumentException if outside [0, 1)
     */
    @CanIgnoreReturnValue
    public Builder dropout(double dropout) {
      checkArgument(dropout >= 0 && dropout < 1, "dropout must lie in [0, 1), found %s", dropout);
      this.dropout = dropout;
      return this;
    }

    /**
     * Sets whether training adds noise to the gates, so that all experts are used. The default is
     * true.
     *
     * @param gateNoise whether it does
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder gateNoise(boolean gateNoise) {
      this.gateNoise = gateNoise;
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
          "UniSRec",
          language,
          map,
          ExpertsAdapter.initial(
              new Settings(experts, dropout, gateNoise), language, chosenDim(), random()),
          origin());
    }
  }
}
