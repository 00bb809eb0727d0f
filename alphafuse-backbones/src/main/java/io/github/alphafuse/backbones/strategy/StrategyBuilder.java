package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.RowNormalization;
import io.github.alphafuse.core.nullspace.RowScaling;
import java.util.SplittableRandom;

/**
 * The options that the strategies have in common; each is checked where it is set.
 *
 * <p>Legend: N items, d_l language dimension, d embedding dimension. Not thread-safe.
 *
 * @param <B> the strategy's own builder
 */
public abstract class StrategyBuilder<B extends StrategyBuilder<B>> {
  /**
   * Adapters have a stream of their own, because item tables and encoders start from the same
   * seeds.
   */
  private static final long STREAM = 0x5DEECE66DL << 16;

  private final LanguageEmbeddings text;
  private int dim = 128;
  private boolean isDimGiven;
  private int maxDim = Integer.MAX_VALUE;
  private RowNormalization normalization = RowNormalization.MEAN;
  private double scale = 40;
  private ElementType elementType = ElementType.FLOAT32;
  private long seed = 22;

  StrategyBuilder(LanguageEmbeddings text) {
    this.text = text;
  }

  abstract B self();

  LanguageEmbeddings text() {
    return text;
  }

  int chosenDim() {
    return dim;
  }

  boolean isDimGiven() {
    return isDimGiven;
  }

  RowNormalization normalization() {
    return normalization;
  }

  double chosenScale() {
    return scale;
  }

  ElementType type() {
    return elementType;
  }

  long chosenSeed() {
    return seed;
  }

  SplittableRandom random() {
    return new SplittableRandom(seed ^ STREAM);
  }

  LanguageMap.Scaled scaled() {
    return new LanguageMap.Scaled(RowScaling.fit(text, normalization, scale));
  }

  /** Rows that need no further preparation. */
  static LanguageEmbeddings prepared(Tensor rows) {
    checkArgument(
        rows.rank() == 2 && rows.shape(0) >= 1 && rows.shape(1) >= 1,
        "rows must have shape [items, columns] with at least one of each, found %s",
        rows);
    return LanguageEmbeddings.of(rows);
  }

  /** Sets the largest width of rows whose width is not given. */
  void defaultDim(int width) {
    checkState(
        !isDimGiven || width >= dim,
        "maxDim must be at least dim, which is set to %s, found %s",
        dim,
        width);
    this.maxDim = width;
    this.dim = width;
    this.isDimGiven = false;
  }

  /**
   * Sets the width of an item's row. The default is 128, or less if rows start from directions of
   * the text and fewer than that have variance.
   *
   * @param dim d, at least 1
   * @return this builder
   * @throws IllegalArgumentException if below 1
   * @throws IllegalStateException if above a largest width that was set
   */
  @CanIgnoreReturnValue
  public B dim(int dim) {
    checkArgument(dim >= 1, "dim must be at least 1, found %s", dim);
    checkState(
        dim <= maxDim, "dim must be at most maxDim, which is set to %s, found %s", maxDim, dim);
    this.dim = dim;
    this.isDimGiven = true;
    return self();
  }

  /**
   * Sets how language rows are brought to one length. The default is {@link RowNormalization#MEAN}.
   *
   * @param normalize the normalisation
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B normalize(RowNormalization normalize) {
    this.normalization = normalize;
    return self();
  }

  /**
   * Sets the number by which normalised language rows are multiplied. The default is 40.
   *
   * @param scale a positive number
   * @return this builder
   * @throws IllegalArgumentException if not positive and finite
   */
  @CanIgnoreReturnValue
  public B scale(double scale) {
    checkArgument(
        scale > 0 && Double.isFinite(scale), "scale must be positive and finite, found %s", scale);
    this.scale = scale;
    return self();
  }

  /**
   * Sets the type of all numbers. The default is FLOAT32.
   *
   * @param elementType the type
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B elementType(ElementType elementType) {
    this.elementType = checkNotNull(elementType, "elementType must not be null");
    return self();
  }

  /**
   * Sets the seed of the start weights. The default is 22.
   *
   * @param seed any number
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B seed(long seed) {
    this.seed = seed;
    return self();
  }
}
