package io.github.alphafuse.backbones.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The parts of a text file, which may be compressed, that hold one thing each. Not thread-safe. */
abstract class TextLines implements Closeable {
  final Path file;
  final ReadingLimits limits;
  private final InputStream stream;

  /** Opens a file. */
  TextLines(Path file, ReadingLimits limits) {
    this.file = file;
    this.limits = limits;
    try {
      this.stream = DataFile.open(file, limits);
    } catch (IOException e) {
      throw DataFile.unreadable(file, e);
    }
  }

  /** Goes to the next part that is not blank; false at the end of the file. */
  abstract boolean next();

  /** The number of the line, from 1, on which the current part begins. */
  abstract long line();

  /** The current part as text. */
  abstract String text();

  /** The place where the current part begins. */
  final Place place() {
    return new Place(file, line());
  }

  /** Reads bytes into a buffer from a place on until it is full; fewer at the end of the file. */
  final int fill(byte[] buffer, int from) {
    try {
      return stream.readNBytes(buffer, from, buffer.length - from);
    } catch (IOException e) {
      throw DataFile.unreadable(file, e);
    }
  }

  @Override
  public final void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + file, e);
    }
  }
}
