package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;

/**
 * The limits that readers of files have in common. Not thread-safe.
 *
 * @param <B> the reader's own builder
 */
public abstract class FileReaderBuilder<B extends FileReaderBuilder<B>> {
  ReadingLimits limits = ReadingLimits.DEFAULT;

  FileReaderBuilder() {}

  abstract B self();

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
