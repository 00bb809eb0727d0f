package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

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
  /** Item tables and encoders start from the same seeds: adapters have a stream of their own. */
  private static final long STREAM = 0x5DEECE66DL << 16;

  private final LanguageEmbeddings text;
  private int dim = 128;
  private boolean isDimGiven;
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

  /** The width where none is given. */
  void defaultDim(int width) {
    this.dim = width;
    this.isDimGiven = false;
  }

  /**
   * The width of an item's row.
   *
   * @param width d, at least 1; 128 where it is not set, and less where rows start from directions
   *     of the text and it has fewer with variance
   * @return this
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B dim(int width) {
    checkArgument(width >= 1, "dim must be at least 1, found %s", width);
    this.dim = width;
    this.isDimGiven = true;
    return self();
  }

  /**
   * How language rows are brought to one length.
   *
   * @param how the normalisation; {@link RowNormalization#MEAN} where it is not set
   * @return this
   */
  @CanIgnoreReturnValue
  public B normalize(RowNormalization how) {
    this.normalization = how;
    return self();
  }

  /**
   * The number that normalised language rows are multiplied by.
   *
   * @param factor a positive number; 40 where it is not set
   * @return this
   * @throws IllegalArgumentException if not positive and finite
   */
  @CanIgnoreReturnValue
  public B scale(double factor) {
    checkArgument(
        factor > 0 && Double.isFinite(factor),
        "scale must be positive and finite, found %s",
        factor);
    this.scale = factor;
    return self();
  }

  /**
   * The type of all numbers.
   *
   * @param type FLOAT, where it is not set, or DOUBLE
   * @return this
   * @throws IllegalArgumentException if it is another type
   */
  @CanIgnoreReturnValue
  public B elementType(ElementType type) {
    this.elementType = checkNotNull(type, "elementType must not be null");
    return self();
  }

  /**
   * The seed of the start weights.
   *
   * @param start any number; 22 where it is not set
   * @return this
   */
  @CanIgnoreReturnValue
  public B seed(long start) {
    this.seed = start;
    return self();
  }
}
