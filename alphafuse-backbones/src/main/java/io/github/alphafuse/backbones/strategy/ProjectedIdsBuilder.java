package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;

/**
 * The options of strategies whose IDs start from the projected text; each is checked where it is
 * set. Not thread-safe.
 *
 * @param <B> the strategy's own builder
 */
public abstract class ProjectedIdsBuilder<B extends ProjectedIdsBuilder<B>>
    extends StrategyBuilder<B> {
  private boolean standardize = true;
  private double rowScale = 1;

  ProjectedIdsBuilder(LanguageEmbeddings text) {
    super(text);
  }

  /**
   * Sets whether the columns of the IDs start with variance 1. The default is true.
   *
   * @param standardize whether they do
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B standardize(boolean standardize) {
    this.standardize = standardize;
    return self();
  }

  /**
   * Sets the largest width of an item's row whose width is not given: d is the least of this, d_l
   * and, under standardisation, the number of directions with variance. It takes back a {@link
   * #dim} that was set before. The default is 128.
   *
   * @param maxDim the largest d, at least 1
   * @return this builder
   * @throws IllegalArgumentException if below 1
   * @throws IllegalStateException if below a {@link #dim} that was set before
   */
  @CanIgnoreReturnValue
  public B maxDim(int maxDim) {
    checkArgument(maxDim >= 1, "maxDim must be at least 1, found %s", maxDim);
    defaultDim(maxDim);
    return self();
  }

  /**
   * Sets the variance that standardisation assumes for directions with less. The default is 0:
   * directions without variance are left out, or are an error if {@link #dim} is given.
   *
   * @param varianceFloor a variance in squared units of the scaled rows, at least 0
   * @return this builder
   * @throws IllegalArgumentException if negative or not finite
   */
  @CanIgnoreReturnValue
  public B varianceFloor(double varianceFloor) {
    return floor(varianceFloor);
  }

  /**
   * Sets the factor by which the start values of the IDs are multiplied in the end; see {@link
   * NullSpaceProjector.Builder#rowScale}. The default is 1, as published.
   *
   * @param rowScale a positive number
   * @return this builder
   * @throws IllegalArgumentException if not positive and finite
   */
  @CanIgnoreReturnValue
  public B rowScale(double rowScale) {
    checkArgument(
        rowScale > 0 && Double.isFinite(rowScale),
        "rowScale must be positive and finite, found %s",
        rowScale);
    this.rowScale = rowScale;
    return self();
  }

  /** The projector of the IDs' start values. */
  NullSpaceProjector fitProjector() {
    return fitProjector(1);
  }

  /**
   * The projector of the IDs' start values. A width that is not given is a multiple of the factor.
   */
  NullSpaceProjector fitProjector(int factor) {
    NullSpaceProjector.Builder builder =
        projector().embeddingDimMultipleOf(factor).standardize(standardize).rowScale(rowScale);
    return (isDimGiven() ? builder.embeddingDim(chosenDim()) : builder.maxEmbeddingDim(chosenDim()))
        .fit(text());
  }

  /** The trained table [N + 1, d] at its start. */
  IdItemEmbedding projectedIds(NullSpaceProjector projector) {
    return IdItemEmbedding.builder(text().itemCount(), projector.embeddingDim())
        .rows(projector.project(text(), type()))
        .elementType(type())
        .origin(TextOrigin.of(text()).prepared(projector.preparation()))
        .build();
  }
}
