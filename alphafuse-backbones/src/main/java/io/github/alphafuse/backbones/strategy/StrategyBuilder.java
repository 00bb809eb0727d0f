package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.SplittableRandom;

/**
 * The options that the strategies have in common; each is checked where it is set.
 *
 * <p>Legend: d embedding dimension. Not thread-safe.
 *
 * @param <B> the strategy's own builder
 */
public abstract class StrategyBuilder<B extends StrategyBuilder<B>> extends TextBuilder<B> {
  /**
   * Adapters have a stream of their own, because item tables and encoders start from the same
   * seeds.
   */
  private static final long STREAM = 0x5DEECE66DL << 16;

  private int dim = 128;
  private boolean isDimGiven;
  private int maxDim = Integer.MAX_VALUE;
  private long seed = 22;

  StrategyBuilder(LanguageEmbeddings text) {
    super(text);
  }

  int chosenDim() {
    return dim;
  }

  boolean isDimGiven() {
    return isDimGiven;
  }

  long chosenSeed() {
    return seed;
  }

  SplittableRandom random() {
    return new SplittableRandom(seed ^ STREAM);
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
