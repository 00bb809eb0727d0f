package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.OptionalDouble;

/**
 * The options of what reads files of interactions; each is checked where it is set. Not
 * thread-safe.
 *
 * @param <B> the reader's own builder
 */
public abstract class InteractionDataBuilder<B extends InteractionDataBuilder<B>>
    extends ReaderBuilder<B> {
  MalformedLines malformedLines = MalformedLines.REJECT;
  OptionalDouble minRating = OptionalDouble.empty();

  InteractionDataBuilder() {}

  /** Gives these options to another builder. */
  <O extends InteractionDataBuilder<O>> O applyTo(O other) {
    minRating.ifPresent(other::minRating);
    return other.unknownItems(unknownItems).malformedLines(malformedLines);
  }

  /**
   * Sets how lines that are not an interaction are handled. The default is {@link
   * MalformedLines#REJECT}. {@link DataFolder} always rejects malformed sequences.
   *
   * @param malformedLines how they are handled
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B malformedLines(MalformedLines malformedLines) {
    this.malformedLines = checkNotNull(malformedLines, "malformedLines");
    return self();
  }

  /**
   * Sets the least rating of an interaction that is kept, so that explicit feedback becomes
   * implicit. Other interactions are left out and counted as {@link DropReason#LOW_RATING}. The
   * file must then have a column of ratings. By default every line is an interaction and ratings
   * are not read.
   *
   * @param minRating a finite number
   * @return this builder
   * @throws IllegalArgumentException if it is not finite
   */
  @CanIgnoreReturnValue
  public B minRating(double minRating) {
    checkArgument(
        Double.isFinite(minRating), "minRating must be a finite number, found %s", minRating);
    this.minRating = OptionalDouble.of(minRating);
    return self();
  }
}
