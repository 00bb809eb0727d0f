package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
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
  private double varianceFloor;
  private double rowScale = 1;

  ProjectedIdsBuilder(LanguageEmbeddings text) {
    super(text);
  }

  /**
   * Whether the columns of the IDs start with variance 1.
   *
   * @param enabled true where it is not set
   * @return this
   */
  @CanIgnoreReturnValue
  public B standardize(boolean enabled) {
    this.standardize = enabled;
    return self();
  }

  /**
   * The largest width of an item's row whose width is not given: d is the least of this, d_l and,
   * under standardisation, the number of directions with variance. Of this and {@link #dim} the one
   * that is set last counts.
   *
   * @param width the most that d may be, at least 1; 128 where it is not set
   * @return this
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B maxDim(int width) {
    checkArgument(width >= 1, "maxDim must be at least 1, found %s", width);
    defaultDim(width);
    return self();
  }

  /**
   * The variance that standardisation takes for directions with less.
   *
   * @param floor a variance in squared units of the scaled rows, at least 0; 0 where it is not set:
   *     directions without variance are then left out, or an error where {@link #dim} is given
   * @return this
   * @throws IllegalArgumentException if negative or not finite
   */
  @CanIgnoreReturnValue
  public B varianceFloor(double floor) {
    checkArgument(
        floor >= 0 && Double.isFinite(floor),
        "varianceFloor must be finite and at least 0, found %s",
        floor);
    this.varianceFloor = floor;
    return self();
  }

  /**
   * What the start values of the IDs are multiplied by in the end: {@link
   * NullSpaceProjector.Builder#rowScale}.
   *
   * @param rowScale a positive number; 1, as published, where it is not set
   * @return this
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

  /** What gives the IDs their start. */
  NullSpaceProjector fitProjector() {
    return fitProjector(1);
  }

  /** What gives the IDs their start, as many as a multiple where their number is not given. */
  NullSpaceProjector fitProjector(int factor) {
    NullSpaceProjector.Builder builder =
        NullSpaceProjector.builder()
            .embeddingDimMultipleOf(factor)
            .nullDim(0)
            .normalize(normalization())
            .scale(chosenScale())
            .standardize(standardize)
            .rowScale(rowScale)
            .varianceFloor(varianceFloor);
    return (isDimGiven() ? builder.embeddingDim(chosenDim()) : builder.maxEmbeddingDim(chosenDim()))
        .fit(text());
  }

  /** The trained table [N + 1, d] at its start. */
  IdItemEmbedding projectedIds(NullSpaceProjector projector) {
    return IdItemEmbedding.builder(text().itemCount(), projector.embeddingDim())
        .rows(projector.project(text(), type()))
        .elementType(type())
        .build();
  }
}
