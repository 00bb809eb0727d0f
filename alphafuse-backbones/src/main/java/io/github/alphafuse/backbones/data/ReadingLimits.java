package io.github.alphafuse.backbones.data;

/**
 * The limits that keep a damaged or hostile file from filling the memory.
 *
 * @param lineLength the most bytes of a line, or characters of a quoted record
 * @param expansion how many times as large as the compressed data their content may be
 */
record ReadingLimits(int lineLength, int expansion) {
  static final ReadingLimits DEFAULT = new ReadingLimits(1 << 24, 200);

  /** The expanded size up to which the expansion does not matter, since it does no harm. */
  private static final long HARMLESS = 1L << 26;

  /** The most bytes that compressed data of a size may expand to. */
  long expanded(long compressedSize) {
    return Math.max(HARMLESS, compressedSize * expansion);
  }

  /** The error of a line that is too long. */
  IllegalArgumentException tooLong(Place place) {
    return place.error(
        "expected a line of at most %s bytes, found a longer one; maxLineLength sets the limit",
        lineLength);
  }
}
