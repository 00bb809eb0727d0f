package io.github.alphafuse.backbones.data;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a UTF-8 text file as bytes in a shared buffer, so that numbers can be parsed without
 * building strings.
 *
 * <p>The file may be compressed. Tolerates a byte order mark, CRLF and blank lines at the end of
 * the file; rejects blank lines elsewhere and files without any line. Not thread-safe.
 */
final class LineReader extends TextLines {
  private static final int INITIAL_BUFFER = 1 << 18;

  /** No more than this is an array of a virtual machine certain to hold. */
  private static final int LARGEST_BUFFER = Integer.MAX_VALUE - 8;

  private final String expected;
  private final @Nullable BlankLines blankLines;
  private byte[] buffer = new byte[INITIAL_BUFFER];
  private int position;
  private int limit;
  private boolean ended;
  private int from;
  private int to;
  private long line;
  private long firstBlankLine;

  /** Handles blank lines that other lines follow, from the first up to the one before the last. */
  @FunctionalInterface
  interface BlankLines {
    void found(long from, long to);
  }

  /** Opens a file. {@code expected} is the content of a line for messages. */
  LineReader(Path file, ReadingLimits limits, String expected) {
    this(file, limits, expected, null);
  }

  /** Opens a file whose blank lines are passed to a handler, which may throw an error. */
  LineReader(Path file, ReadingLimits limits, String expected, @Nullable BlankLines blankLines) {
    super(file, limits);
    this.expected = expected;
    this.blankLines = blankLines;
    try {
      fill();
    } catch (UncheckedIOException e) {
      close();
      throw e;
    }
    if (limit >= 3
        && buffer[0] == (byte) 0xEF
        && buffer[1] == (byte) 0xBB
        && buffer[2] == (byte) 0xBF) {
      position = 3;
    }
  }

  @Override
  boolean next() {
    while (nextLine()) {
      if (isBlank()) {
        if (firstBlankLine == 0) {
          firstBlankLine = line;
        }
      } else {
        if (firstBlankLine > 0 && blankLines != null) {
          blankLines.found(firstBlankLine, line);
          firstBlankLine = 0;
        }
        if (firstBlankLine > 0) {
          throw new Place(file, firstBlankLine).error("expected %s, found a blank line", expected);
        }
        return true;
      }
    }
    if (line == 0 || firstBlankLine == 1) {
      throw Place.error(file, "expected %s, found an empty file", expected);
    }
    return false;
  }

  private boolean nextLine() {
    int scanned = position;
    while (true) {
      for (int i = scanned; i < limit; i++) {
        if (buffer[i] == '\n') {
          return lineUpTo(i, i + 1);
        }
      }
      int pending = limit - position;
      if (pending > limits.lineLength()) {
        throw limits.tooLong(new Place(file, line + 1));
      }
      if (ended) {
        return pending > 0 && lineUpTo(limit, limit);
      }
      fill();
      scanned = position + pending;
    }
  }

  private boolean lineUpTo(int end, int next) {
    if (end - position > limits.lineLength()) {
      throw limits.tooLong(new Place(file, line + 1));
    }
    from = position;
    to = end > from && buffer[end - 1] == '\r' ? end - 1 : end;
    position = next;
    line++;
    return true;
  }

  /** Moves the unread bytes to the front and continues reading after them. */
  private void fill() {
    int pending = limit - position;
    if (pending == buffer.length) {
      buffer = Arrays.copyOf(buffer, (int) Math.min(2L * buffer.length, LARGEST_BUFFER));
    } else {
      System.arraycopy(buffer, position, buffer, 0, pending);
    }
    position = 0;
    limit = pending;
    // The first fill checks for a byte order mark, which one short read must not split.
    int read = fill(buffer, limit);
    ended = limit + read < buffer.length;
    limit += read;
  }

  private boolean isBlank() {
    for (int i = from; i < to; i++) {
      if (buffer[i] != ' ' && buffer[i] != '\t') {
        return false;
      }
    }
    return true;
  }

  /** The buffer that holds the current line; valid until the next call of {@link #next()}. */
  byte[] bytes() {
    return buffer;
  }

  /** The index at which the current line begins in the buffer. */
  int from() {
    return from;
  }

  /** The index at which the current line ends in the buffer, without its line break. */
  int to() {
    return to;
  }

  @Override
  long line() {
    return line;
  }

  @Override
  String text() {
    return text(from, to);
  }

  /** A part of the current line as text. */
  String text(int start, int end) {
    return decode(ByteBuffer.wrap(buffer, start, end - start), place());
  }

  /** The text of some bytes, which must be UTF-8, of a place. */
  static String decode(ByteBuffer bytes, Place place) {
    String text =
        new String(
            bytes.array(),
            bytes.arrayOffset() + bytes.position(),
            bytes.remaining(),
            StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0) {
      // The replacement character may be in the file, so only a strict decoder detects errors.
      try {
        StandardCharsets.UTF_8.newDecoder().decode(bytes);
      } catch (CharacterCodingException e) {
        throw place.error("expected UTF-8 text, found bytes that are not (\"%s\")", text);
      }
    }
    return text;
  }
}
