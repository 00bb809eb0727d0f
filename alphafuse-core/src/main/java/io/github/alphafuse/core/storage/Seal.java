package io.github.alphafuse.core.storage;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * The last bytes of an archive, its zip comment, which hold a checksum of all bytes before them.
 *
 * <p>Checksums of the entries alone would miss damage between them, such as in a zip header that
 * one reader uses and another does not. CRC-32C is used because processors compute it at memory
 * speed and it finds every single burst of up to 32 bits. In addition, each entry has two checksums
 * of its own. The seal does not protect against forgery. SHA-256 in the same file would not do so
 * either.
 */
final class Seal {
  static final int LENGTH = "crc32c:00000000".length();
  private static final byte[] ZIP_MAGIC = {'P', 'K', 3, 4};
  private static final int BUFFER_BYTES = 1 << 20;

  private Seal() {}

  static String format(Checksum checksum) {
    return "crc32c:" + HexFormat.of().toHexDigits((int) checksum.getValue());
  }

  /** The digits of a seal. */
  static String digits(String seal) {
    return seal.substring(seal.indexOf(':') + 1);
  }

  /** A comment of the right length, to be overwritten when the checksum is known. */
  static String blank() {
    return format(new CRC32C());
  }

  /** Checks a whole file; false if it is sealed but the seal does not match. */
  static boolean matches(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      checkArgument(size > 0, "%s is empty, expected an archive", path);
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
      byte[] start = read(channel, buffer, 0, Math.min(size, ZIP_MAGIC.length));
      checkArgument(
          Arrays.equals(start, ZIP_MAGIC),
          "%s is not an archive: expected it to start with %s, found %s",
          path,
          HexFormat.of().formatHex(ZIP_MAGIC),
          HexFormat.of().formatHex(start));
      byte[] end = read(channel, buffer, Math.max(0, size - LENGTH), Math.min(size, LENGTH));
      String seal = new String(end, StandardCharsets.ISO_8859_1);
      checkArgument(
          seal.matches("crc32c:[0-9a-f]{8}"),
          "%s is truncated or was not written by this library: expected crc32c:xxxxxxxx as its last"
              + " bytes, found %s",
          path,
          HexFormat.of().formatHex(end));
      CRC32C checksum = new CRC32C();
      int length;
      for (long done = 0; done < size - LENGTH; done += length) {
        length = (int) Math.min(BUFFER_BYTES, size - LENGTH - done);
        checksum.update(read(channel, buffer, done, length), 0, length);
      }
      return format(checksum).equals(seal);
    }
  }

  /** Reads into the buffer's own array, or a new one for the few bytes at either end. */
  private static byte[] read(FileChannel channel, ByteBuffer buffer, long position, long length)
      throws IOException {
    buffer.clear().limit((int) length);
    while (buffer.hasRemaining()) {
      int count = channel.read(buffer, position + buffer.position());
      checkArgument(count >= 0, "the file became shorter while it was read");
    }
    return length > LENGTH ? buffer.array() : Arrays.copyOf(buffer.array(), (int) length);
  }

  /** Passes bytes on and computes the checksum of all but the last {@link #LENGTH} of them. */
  static final class Stream extends FilterOutputStream {
    private final CRC32C checksum = new CRC32C();
    private final byte[] tail = new byte[LENGTH];
    private int tailCount;

    Stream(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      if (length >= LENGTH) {
        checksum.update(tail, 0, tailCount);
        checksum.update(bytes, offset, length - LENGTH);
        System.arraycopy(bytes, offset + length - LENGTH, tail, 0, LENGTH);
        tailCount = LENGTH;
      } else {
        int leaving = Math.max(0, tailCount + length - LENGTH);
        checksum.update(tail, 0, leaving);
        System.arraycopy(tail, leaving, tail, 0, tailCount - leaving);
        System.arraycopy(bytes, offset, tail, tailCount - leaving, length);
        tailCount += length - leaving;
      }
    }

    byte[] seal() {
      return format(checksum).getBytes(StandardCharsets.ISO_8859_1);
    }
  }
}
