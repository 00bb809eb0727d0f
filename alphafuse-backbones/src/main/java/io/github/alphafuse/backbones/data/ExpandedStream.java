package io.github.alphafuse.backbones.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Decompressed bytes, up to a limit. Not thread-safe. */
final class ExpandedStream extends FilterInputStream {
  private final long limit;
  private final int expansion;
  private long count;

  /** The content of compressed data of a size. */
  ExpandedStream(InputStream in, long compressedSize, ReadingLimits limits) {
    super(in);
    this.limit = limits.expanded(compressedSize);
    this.expansion = limits.expansion();
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    count(next < 0 ? 0 : 1);
    return next;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    count(Math.max(0, read));
    return read;
  }

  @Override
  public long skip(long n) throws IOException {
    long skipped = super.skip(n);
    count(skipped);
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void count(long bytes) throws IOException {
    count += bytes;
    if (count > limit) {
      throw new TooLargeException(
          "its compressed data expand to more than "
              + limit
              + " bytes, "
              + expansion
              + " times their size; maxExpansion sets the limit");
    }
  }

  /** Thrown if compressed data expand beyond the limit. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(String message) {
      super(message);
    }
  }
}
