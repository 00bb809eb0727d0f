package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.strategy.ExpertsAdapter.Settings;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;

/**
 * UniSRec: items are their text, put through a trained mixture of linear experts.
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
   * A builder with the published defaults: 8 experts, dropout 0.2, noise on the gates, 128 columns,
   * mean-normalised rows at scale 40.
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
     * The number of experts.
     *
     * @param count E, at least 1; 8 where it is not set
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder experts(int count) {
      checkArgument(count >= 1, "experts must be at least 1, found %s", count);
      this.experts = count;
      return this;
    }

    /**
     * The probability with which training drops a number of an expert's input.
     *
     * @param probability in [0, 1); 0.2 where it is not set
     * @return this
     * @throws IllegalArgumentException if outside [0, 1)
     */
    @CanIgnoreReturnValue
    public Builder dropout(double probability) {
      checkArgument(
          probability >= 0 && probability < 1, "dropout must lie in [0, 1), found %s", probability);
      this.dropout = probability;
      return this;
    }

    /**
     * Whether training adds noise to the gates, so that all experts come to be used.
     *
     * @param enabled true where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder gateNoise(boolean enabled) {
      this.gateNoise = enabled;
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
              new Settings(experts, dropout, gateNoise), language, chosenDim(), random()));
    }
  }
}
