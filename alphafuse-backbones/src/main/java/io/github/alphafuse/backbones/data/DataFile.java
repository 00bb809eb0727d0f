package io.github.alphafuse.backbones.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Text files as streams of bytes, compressed or not. */
final class DataFile {
  private static final int BUFFER = 1 << 16;

  private DataFile() {}

  /** Opens a file. Gzip is recognised by the first two bytes and not by the name. */
  static InputStream open(Path file) throws IOException {
    InputStream stream = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      stream.mark(2);
      boolean compressed = stream.read() == 0x1F && stream.read() == 0x8B;
      stream.reset();
      return compressed ? new GZIPInputStream(stream, BUFFER) : stream;
    } catch (IOException e) {
      stream.close();
      throw e;
    }
  }

  /** Whether the first character that is not a space is the given one; false for an empty file. */
  static boolean beginsWith(char character, Path file) throws IOException {
    try (InputStream stream = open(file)) {
      int next = stream.read();
      if (next == 0xEF) { // a byte order mark: EF BB BF
        stream.skipNBytes(2);
        next = stream.read();
      }
      while (next == ' ' || next == '\t' || next == '\r' || next == '\n') {
        next = stream.read();
      }
      return next == character;
    }
  }

  /** The error of a file that cannot be read. */
  static UncheckedIOException unreadable(Path file, IOException cause) {
    boolean broken = cause instanceof ZipException || cause instanceof EOFException;
    return new UncheckedIOException(
        "cannot read " + file + (broken ? ": its compressed data are broken or cut off" : ""),
        cause);
  }
}
