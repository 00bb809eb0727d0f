package io.github.alphafuse.core.internal.npy;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The header of a {@code .npy} array.
 *
 * @param type the element type
 * @param shape the lengths of the axes
 * @param fortranOrder whether the first axis varies fastest
 */
public record NpyHeader(NpyType type, long[] shape, boolean fortranOrder) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;
  private static final int GROWTH_DIGITS = 21;
  // A header has about 128 bytes. A length far beyond that is damage and must not be allocated.
  private static final long LARGEST_HEADER = 1 << 20;
  private static final int MOST_AXES = 32;
  private static final int SHOWN = 200;

  private static final Pattern DESCRIPTOR =
      Pattern.compile("[\"']descr[\"']\\s*:\\s*([\"'])([^\"']*)\\1");
  private static final Pattern ORDER =
      Pattern.compile("[\"']fortran_order[\"']\\s*:\\s*(True|False)");
  // Only up to the bracket: the engine of regular expressions recurses where a group repeats.
  private static final Pattern SHAPE = Pattern.compile("[\"']shape[\"']\\s*:\\s*\\(([^()]*)\\)");
  private static final Pattern LENGTH = Pattern.compile("(\\d+)L?");

  /**
   * Reads from the first byte of an array up to the first of its numbers.
   *
   * @param in the stream
   * @param source its name in errors
   * @return the header
   * @throws IllegalArgumentException if there is no header of a supported array
   * @throws IOException if the stream cannot be read
   */
  public static NpyHeader read(InputStream in, String source) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length + 2);
    checkArgument(start.length > 0, "%s is empty, expected a .npy array", source);
    checkArgument(
        Arrays.equals(start, 0, Math.min(start.length, MAGIC.length), MAGIC, 0, MAGIC.length),
        "%s is not a .npy array: expected it to start with 934e554d5059, found %s",
        source,
        HexFormat.of().formatHex(start, 0, Math.min(start.length, MAGIC.length)));
    checkArgument(start.length == MAGIC.length + 2, "%s ends within its .npy header", source);
    int version = start[MAGIC.length];
    checkArgument(
        version >= 1 && version <= 3,
        "%s has .npy version %s, expected 1, 2 or 3",
        source,
        version);
    byte[] lengthBytes = in.readNBytes(version == 1 ? Short.BYTES : Integer.BYTES);
    checkArgument(
        lengthBytes.length == (version == 1 ? Short.BYTES : Integer.BYTES),
        "%s ends within its .npy header",
        source);
    ByteBuffer lengthBuffer = ByteBuffer.wrap(lengthBytes).order(ByteOrder.LITTLE_ENDIAN);
    long length =
        version == 1
            ? Short.toUnsignedLong(lengthBuffer.getShort())
            : Integer.toUnsignedLong(lengthBuffer.getInt());
    checkArgument(
        length <= LARGEST_HEADER,
        "%s declares a .npy header of %s bytes, expected at most %s",
        source,
        length,
        LARGEST_HEADER);
    byte[] text = in.readNBytes((int) length);
    checkArgument(
        text.length == length,
        "%s ends within its .npy header: expected %s bytes of it, found %s",
        source,
        length,
        text.length);
    return parse(
        new String(text, version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1)
            .strip(),
        source);
  }

  private static NpyHeader parse(String text, String source) {
    Matcher descriptor = DESCRIPTOR.matcher(text);
    Matcher order = ORDER.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    checkArgument(
        text.startsWith("{") && text.endsWith("}") && order.find() && shape.find(),
        "%s has a malformed .npy header: expected {'descr': ..., 'fortran_order': ..., 'shape':"
            + " ...}, found %s",
        source,
        shown(text));
    // A structured type is a list instead of a string.
    checkArgument(
        descriptor.find(),
        "%s has an unsupported element type: expected one of %s, found the header %s",
        source,
        supported(),
        shown(text));
    NpyType type = typeOf(descriptor.group(2), source);
    try {
      NpyHeader header =
          new NpyHeader(type, axes(shape.group(1), source), order.group(1).equals("True"));
      header.dataBytes();
      return header;
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          source + " has the shape (" + shown(shape.group(1)) + "), which no file can hold", e);
    }
  }

  private static long[] axes(String text, String source) {
    List<String> lengths = new ArrayList<>(Arrays.asList(text.split(",", -1)));
    if (lengths.get(lengths.size() - 1).isBlank()) {
      lengths.remove(lengths.size() - 1);
    }
    checkArgument(
        lengths.size() <= MOST_AXES,
        "%s has a shape of %s axes, expected at most %s",
        source,
        lengths.size(),
        MOST_AXES);
    long[] axes = new long[lengths.size()];
    for (int axis = 0; axis < axes.length; axis++) {
      Matcher length = LENGTH.matcher(lengths.get(axis).strip());
      checkArgument(
          length.matches(),
          "%s has a malformed .npy header: its shape is (%s)",
          source,
          shown(text));
      axes[axis] = Long.parseLong(length.group(1));
    }
    return axes;
  }

  private static String shown(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  private static NpyType typeOf(String descriptor, String source) {
    checkArgument(
        !descriptor.startsWith(">"),
        "%s is big-endian: expected one of %s, found %s; resave it with"
            + " numpy.save(path, array.astype('<%s'))",
        source,
        supported(),
        descriptor,
        descriptor.length() > 1 ? descriptor.substring(1) : "");
    for (NpyType type : NpyType.values()) {
      if (type.descriptor().equals(descriptor)) {
        return type;
      }
    }
    if (descriptor.equals("bfloat16")) {
      return NpyType.BFLOAT16;
    }
    throw new IllegalArgumentException(
        source
            + " has an unsupported element type: expected one of "
            + supported()
            + ", found "
            + shown(descriptor)
            + "; resave it with numpy.save(path, array.astype('<f4'))");
  }

  private static String supported() {
    return Arrays.stream(NpyType.values())
        .map(NpyType::descriptor)
        .collect(Collectors.joining(", "));
  }

  long elementCount() {
    long count = 1;
    for (long length : shape) {
      count = Math.multiplyExact(count, length);
    }
    return count;
  }

  long dataBytes() {
    return Math.multiplyExact(elementCount(), (long) type.bytes());
  }

  /**
   * Checks a size in bytes that is known before the numbers are read.
   *
   * @param found the size
   * @param source the name of the array in errors
   * @throws IllegalArgumentException if the numbers have another size
   */
  public void checkDataBytes(long found, String source) {
    checkArgument(
        found == dataBytes(),
        "%s is %s: expected %s bytes of numbers for %s%s, found %s",
        source,
        found < dataBytes() ? "truncated" : "too long",
        dataBytes(),
        type.descriptor(),
        Arrays.toString(shape),
        found);
  }

  /**
   * The header as NumPy writes it, so that a file is the same byte for byte.
   *
   * @return the bytes before the numbers
   */
  public byte[] toBytes() {
    StringBuilder text = new StringBuilder();
    text.append("{'descr': '").append(type.descriptor()).append("', 'fortran_order': ");
    text.append(fortranOrder ? "True" : "False").append(", 'shape': (");
    text.append(Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", ")));
    text.append(shape.length == 1 ? ",), }" : "), }");
    if (shape.length > 0) {
      // NumPy pads the axis that grows when rows are appended in place.
      long growing = fortranOrder ? shape[shape.length - 1] : shape[0];
      text.append(" ".repeat(GROWTH_DIGITS - Long.toString(growing).length()));
    }
    int prefix = MAGIC.length + 2 + Short.BYTES;
    int padding = ALIGNMENT - (prefix + text.length() + 1) % ALIGNMENT;
    text.append(" ".repeat(padding)).append('\n');
    byte[] body = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(prefix + body.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) body.length)
        .put(body)
        .array();
  }
}
