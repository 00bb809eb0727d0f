package io.github.alphafuse.core.internal;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.UnaryOperator;

/**
 * A disk that is full after a number of bytes, for every {@link AtomicFile} that is started until
 * it is closed.
 */
public final class FullDisk implements AutoCloseable {
  /** What the system says when a disk is full. */
  public static final String REASON = "No space left on device";

  /**
   * Fills the disk.
   *
   * @param bytes how many bytes of each file are still written
   */
  public FullDisk(long bytes) {
    AtomicFile.disk = out -> new Limited(out, bytes);
  }

  @Override
  public void close() {
    AtomicFile.disk = UnaryOperator.identity();
  }

  private static final class Limited extends FilterOutputStream {
    private long left;

    Limited(OutputStream out, long left) {
      super(out);
      this.left = left;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int fits = (int) Math.min(left, length);
      out.write(bytes, offset, fits);
      left -= fits;
      if (fits < length) {
        throw new IOException(REASON);
      }
    }
  }
}
