package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;

/**
 * The options that readers of data have in common. Not thread-safe.
 *
 * @param <B> the reader's own builder
 */
public abstract class ReaderBuilder<B extends ReaderBuilder<B>> {
  UnknownItems unknownItems = UnknownItems.REJECT;
  ReadingLimits limits = ReadingLimits.DEFAULT;

  ReaderBuilder() {}

  abstract B self();

  /** Gives the limits to another builder. */
  <O extends ReaderBuilder<O>> O applyLimitsTo(O other) {
    ReaderBuilder<O> target = other;
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

  /**
   * Sets the length of the longest line that is read, so that a file without line breaks does not
   * fill the memory. Of a table between commas it limits a record in characters. The default is
   * 16,777,216.
   *
   * @param maxLineLength the length in bytes, at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  @CanIgnoreReturnValue
  public B maxLineLength(int maxLineLength) {
    checkArgument(maxLineLength >= 1, "maxLineLength must be at least 1, found %s", maxLineLength);
    this.limits = new ReadingLimits(maxLineLength, limits.expansion());
    return self();
  }

  /**
   * Sets how many times as large as a compressed file, or a member of an archive, its content may
   * be. What expands to 64 MiB or less is always read. The default is 200.
   *
   * @param maxExpansion the factor, at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  @CanIgnoreReturnValue
  public B maxExpansion(int maxExpansion) {
    checkArgument(maxExpansion >= 1, "maxExpansion must be at least 1, found %s", maxExpansion);
    this.limits = new ReadingLimits(limits.lineLength(), maxExpansion);
    return self();
  }
}
