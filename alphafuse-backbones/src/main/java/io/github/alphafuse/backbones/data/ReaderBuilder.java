package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkNotNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;

/**
 * The options that readers of data have in common. Not thread-safe.
 *
 * @param <B> the reader's own builder
 */
public abstract class ReaderBuilder<B extends ReaderBuilder<B>> extends FileReaderBuilder<B> {
  UnknownItems unknownItems = UnknownItems.REJECT;

  ReaderBuilder() {}

  /** Gives the limits to another builder. */
  <O extends ReaderBuilder<O>> O applyLimitsTo(O other) {
    FileReaderBuilder<O> target = other;
    target.limits = limits;
    return other;
  }

  /**
   * Sets how items that are not in the vocabulary are handled. The default is {@link
   * UnknownItems#REJECT}.
   *
   * @param unknownItems how they are handled
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B unknownItems(UnknownItems unknownItems) {
    this.unknownItems = checkNotNull(unknownItems, "unknownItems");
    return self();
  }
}
