package io.github.alphafuse.text;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The first bytes of a cache: which model its vectors are of and how wide they are.
 *
 * <pre>
 *   8 bytes   AFVECTOR
 *   int32     1, the format
 *   int32     d_l
 *   int32     length of the name in bytes
 *   ...       the model's name, UTF-8
 *   int32     CRC-32C of all bytes before
 * </pre>
 *
 * <p>All numbers are little-endian.
 */
record CacheHeader(String model, int width) {
  private static final byte[] MAGIC = "AFVECTOR".getBytes(StandardCharsets.US_ASCII);
  private static final int FORMAT = 1;
  private static final int FIXED = MAGIC.length + 3 * Integer.BYTES;
  private static final int MOST_WIDTH = 1 << 20;

  /** The longest name of a model, in bytes. */
  static final int MOST_NAME = 1 << 12;

  /** The bytes that surely hold a whole header, if the file has one. */
  static final int MOST_BYTES = FIXED + MOST_NAME + Integer.BYTES;

  byte[] toBytes() {
    byte[] name = model.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = allocate(FIXED + name.length + Integer.BYTES);
    bytes.put(MAGIC).putInt(FORMAT).putInt(width).putInt(name.length).put(name);
    return bytes.putInt(checksum(bytes.array(), bytes.position())).array();
  }

  int length() {
    return FIXED + model.getBytes(StandardCharsets.UTF_8).length + Integer.BYTES;
  }

  /**
   * Reads a header.
   *
   * @param start the first bytes of the file, {@link #MOST_BYTES} or as many as there are
   * @param path the file for messages
   * @return the header, or empty if the file ends within it and so holds no vector
   * @throws IllegalArgumentException if the file is no cache, of a later format or damaged
   */
  static Optional<CacheHeader> read(byte[] start, Path path) {
    int compared = Math.min(start.length, MAGIC.length);
    checkArgument(
        Arrays.equals(start, 0, compared, MAGIC, 0, compared),
        "%s is no cache of text vectors; it was left as it is",
        path);
    if (start.length < FIXED) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).position(MAGIC.length);
    int format = bytes.getInt();
    checkArgument(
        format == FORMAT,
        "%s has format %s, expected %s: it is damaged or of a later version",
        path,
        format,
        FORMAT);
    int width = bytes.getInt();
    int nameLength = bytes.getInt();
    requireIntact(
        width > 0 && width <= MOST_WIDTH && nameLength >= 0 && nameLength <= MOST_NAME, path);
    if (bytes.remaining() < nameLength + Integer.BYTES) {
      return Optional.empty();
    }
    byte[] name = new byte[nameLength];
    bytes.get(name);
    requireIntact(checksum(start, bytes.position()) == bytes.getInt(), path);
    return Optional.of(new CacheHeader(new String(name, StandardCharsets.UTF_8), width));
  }

  private static void requireIntact(boolean intact, Path path) {
    checkArgument(intact, "%s has a damaged header; delete it to encode all texts anew", path);
  }

  static ByteBuffer allocate(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  static int checksum(byte[] bytes, int length) {
    return checksum(bytes, 0, length);
  }

  static int checksum(byte[] bytes, int from, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, from, length);
    return (int) checksum.getValue();
  }
}
