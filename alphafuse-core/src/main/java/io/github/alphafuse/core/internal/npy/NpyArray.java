package io.github.alphafuse.core.internal.npy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.internal.FileFailure;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An array in NumPy's {@code .npy} format, held on the heap: float32 or float64 numbers as a {@link
 * Tensor}, or 32-bit or 64-bit integers, of any shape.
 *
 * <p>Versions 1, 2 and 3 of the format are read, version 1 is written. Numbers are little-endian.
 * Arrays in Fortran order are put into row-major order as they are read, and numbers of 16 bits are
 * widened to float32. Language embeddings map a matrix that is too large for the heap.
 *
 * <p>The type and shape are immutable. The numbers are shared with the arrays that were passed in
 * and with those that are returned. Any number of threads may use them while none writes.
 */
public final class NpyArray {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final long UNKNOWN_LENGTH = -1;
  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final NpyType type;
  private final int[] shape;
  private final @Nullable Tensor tensor;
  private final int @Nullable [] ints;
  private final long @Nullable [] longs;

  private NpyArray(Tensor tensor) {
    this.type = tensor.elementType() == ElementType.FLOAT32 ? NpyType.FLOAT32 : NpyType.FLOAT64;
    this.shape = tensor.shape();
    this.tensor = tensor;
    this.ints = null;
    this.longs = null;
  }

  private NpyArray(int @Nullable [] ints, long @Nullable [] longs, int[] shape) {
    this.type = ints != null ? NpyType.INT32 : NpyType.INT64;
    this.shape = shape.clone();
    this.tensor = null;
    this.ints = ints;
    this.longs = longs;
    int found = ints != null ? ints.length : checkNotNull(longs).length;
    checkArgument(
        header().elementCount() == found,
        "shape %s holds %s numbers, but the array has %s",
        Arrays.toString(shape),
        header().elementCount(),
        found);
  }

  /**
   * An array over a tensor.
   *
   * @param tensor the numbers, not copied
   * @return an array of type {@link NpyType#FLOAT32} or {@link NpyType#FLOAT64}
   */
  public static NpyArray of(Tensor tensor) {
    return new NpyArray(tensor);
  }

  /**
   * An array of 32-bit integers.
   *
   * @param values the numbers, row by row, not copied
   * @param shape the length of each axis; none for a scalar
   * @return an array of type {@link NpyType#INT32}
   * @throws IllegalArgumentException if the shape does not fit the array's length
   */
  public static NpyArray of(int[] values, int... shape) {
    return new NpyArray(values, null, shape);
  }

  /**
   * An array of 64-bit integers.
   *
   * @param values the numbers, row by row, not copied
   * @param shape the length of each axis; none for a scalar
   * @return an array of type {@link NpyType#INT64}
   * @throws IllegalArgumentException if the shape does not fit the array's length
   */
  public static NpyArray of(long[] values, int... shape) {
    return new NpyArray(null, values, shape);
  }

  /**
   * Reads a file.
   *
   * @param path a {@code .npy} file
   * @return its array
   * @throws IllegalArgumentException if the file is not a {@code .npy} file, has an unsupported
   *     type, more numbers than fit a Java array, or is longer or shorter than its header declares
   * @throws UncheckedIOException if the file cannot be read
   */
  public static NpyArray read(Path path) {
    checkArgument(!Files.isDirectory(path), "%s is a directory, expected a .npy file", path);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES)) {
      return read(in, path.toString(), Files.size(path));
    } catch (IOException e) {
      throw FileFailure.reading(path, e);
    }
  }

  /**
   * Reads a stream to its end, such as one entry of a {@code .npz} file.
   *
   * @param in the stream, not closed
   * @param source what the stream is, for error messages
   * @return its array
   * @throws IllegalArgumentException as in {@link #read(Path)}
   * @throws UncheckedIOException if the stream cannot be read
   */
  public static NpyArray read(InputStream in, String source) {
    return read(in, source, UNKNOWN_LENGTH);
  }

  /**
   * Reads a stream of known length to its end. The length is checked before memory is allocated, so
   * that a damaged header cannot cause a large allocation.
   *
   * @param in the stream, not closed
   * @param source what the stream is, for error messages
   * @param length the number of bytes from here to the stream's end, header included; negative if
   *     not known
   * @return its array
   * @throws IllegalArgumentException as in {@link #read(Path)}
   * @throws UncheckedIOException if the stream cannot be read
   */
  public static NpyArray read(InputStream in, String source, long length) {
    try {
      ByteCounter counted = new ByteCounter(in);
      NpyHeader header = NpyHeader.read(counted, source);
      if (length >= 0) {
        header.checkDataBytes(length - counted.count(), source);
      }
      checkArgument(
          header.elementCount() <= LARGEST_ARRAY
              && Arrays.stream(header.shape()).allMatch(axis -> axis <= LARGEST_ARRAY),
          "%s has the shape %s, expected at most %s numbers on the heap",
          source,
          Arrays.toString(header.shape()),
          LARGEST_ARRAY);
      NpyArray array =
          readNumbers(length < 0 ? gather(counted, header, source) : counted, header, source);
      checkArgument(
          counted.read() < 0,
          "%s is too long: expected its end after %s bytes of numbers for %s%s",
          source,
          header.dataBytes(),
          header.type().descriptor(),
          Arrays.toString(header.shape()));
      return array;
    } catch (IOException e) {
      throw FileFailure.reading(source, e);
    }
  }

  /** Gathers the numbers of a stream, so that the array is allocated for what is there. */
  private static InputStream gather(InputStream in, NpyHeader header, String source)
      throws IOException {
    List<InputStream> pieces = new ArrayList<>();
    long left = header.dataBytes();
    int found = BUFFER_BYTES;
    while (left > 0 && found == BUFFER_BYTES) {
      byte[] piece = in.readNBytes((int) Math.min(left, BUFFER_BYTES));
      pieces.add(new ByteArrayInputStream(piece));
      found = piece.length;
      left -= found;
    }
    header.checkDataBytes(header.dataBytes() - left, source);
    return new SequenceInputStream(Collections.enumeration(pieces));
  }

  private static NpyArray readNumbers(InputStream in, NpyHeader header, String source)
      throws IOException {
    int[] shape = Arrays.stream(header.shape()).mapToInt(Math::toIntExact).toArray();
    NpyArray array = zeros(header.type().heldAs(), shape);
    byte[] bytes = new byte[BUFFER_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int width = header.type().bytes();
    int size = (int) header.elementCount();
    int count;
    for (int done = 0; done < size; done += count) {
      count = Math.min(size - done, BUFFER_BYTES / width);
      int read = in.readNBytes(bytes, 0, count * width);
      if (read < count * width) {
        header.checkDataBytes((long) done * width + read, source);
      }
      switch (header.type()) {
        case FLOAT32 -> buffer.asFloatBuffer().get(array.tensor().floats(), done, count);
        case FLOAT64 -> buffer.asDoubleBuffer().get(array.tensor().doubles(), done, count);
        case INT32 -> buffer.asIntBuffer().get(checkNotNull(array.ints), done, count);
        case INT64 -> buffer.asLongBuffer().get(checkNotNull(array.longs), done, count);
        case FLOAT16, BFLOAT16 -> {
          for (int i = 0; i < count; i++) {
            array.tensor().floats()[done + i] =
                header.type().widen(buffer.getShort(i * Short.BYTES));
          }
        }
      }
    }
    return header.fortranOrder() && shape.length > 1 ? array.fromFortranOrder() : array;
  }

  private static NpyArray zeros(NpyType type, int[] shape) {
    int size = 1;
    for (int length : shape) {
      size *= length;
    }
    return switch (type) {
      case FLOAT16, BFLOAT16, FLOAT32 -> of(Tensor.of(new float[size], shape));
      case FLOAT64 -> of(Tensor.of(new double[size], shape));
      case INT32 -> of(new int[size], shape);
      case INT64 -> of(new long[size], shape);
    };
  }

  private NpyArray fromFortranOrder() {
    NpyArray ordered = zeros(type, shape);
    int[] strides = new int[shape.length];
    int size = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = size;
      size *= shape[axis];
    }
    int[] index = new int[shape.length];
    int target = 0;
    for (int source = 0; source < size; source++) {
      ordered.copyNumber(target, this, source);
      for (int axis = 0; axis < shape.length; axis++) {
        target += strides[axis];
        if (++index[axis] < shape[axis]) {
          break;
        }
        target -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return ordered;
  }

  private void copyNumber(int target, NpyArray from, int source) {
    switch (type) {
      case FLOAT16, BFLOAT16, FLOAT32 -> tensor().floats()[target] = from.tensor().floats()[source];
      case FLOAT64 -> tensor().doubles()[target] = from.tensor().doubles()[source];
      case INT32 -> checkNotNull(ints)[target] = checkNotNull(from.ints)[source];
      case INT64 -> checkNotNull(longs)[target] = checkNotNull(from.longs)[source];
    }
  }

  /**
   * Writes a file with exactly the bytes that NumPy would write.
   *
   * @param path the file; replaced if it exists
   * @throws IllegalArgumentException if it is a directory, device or pipe
   * @throws UncheckedIOException if the file cannot be written; an existing one is unchanged
   */
  public void write(Path path) {
    AtomicFile.write(path, this::writeTo);
  }

  /**
   * Writes header and numbers to a stream.
   *
   * @param out the stream, neither flushed nor closed
   * @throws UncheckedIOException if the stream cannot be written
   */
  public void write(OutputStream out) {
    try {
      writeTo(out);
    } catch (IOException e) {
      throw FileFailure.of("cannot write a .npy array", e);
    }
  }

  /**
   * Writes header and numbers to a stream of someone who knows what it belongs to.
   *
   * @param out the stream, neither flushed nor closed
   * @throws IOException if the stream cannot be written
   */
  public void writeTo(OutputStream out) throws IOException {
    out.write(header().toBytes());
    byte[] bytes = new byte[BUFFER_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int size = (int) header().elementCount();
    int count;
    for (int done = 0; done < size; done += count) {
      count = Math.min(size - done, BUFFER_BYTES / type.bytes());
      switch (type) {
        case FLOAT16, BFLOAT16, FLOAT32 ->
            buffer.asFloatBuffer().put(tensor().floats(), done, count);
        case FLOAT64 -> buffer.asDoubleBuffer().put(tensor().doubles(), done, count);
        case INT32 -> buffer.asIntBuffer().put(checkNotNull(ints), done, count);
        case INT64 -> buffer.asLongBuffer().put(checkNotNull(longs), done, count);
      }
      out.write(bytes, 0, count * type.bytes());
    }
  }

  /**
   * The length of the file or stream that {@link #write(OutputStream)} writes.
   *
   * @return header and numbers, in bytes
   */
  public long byteCount() {
    return header().toBytes().length + header().dataBytes();
  }

  private NpyHeader header() {
    return new NpyHeader(type, Arrays.stream(shape).asLongStream().toArray(), false);
  }

  /**
   * The type of the numbers.
   *
   * @return the element type
   */
  public NpyType type() {
    return type;
  }

  /**
   * The length of each axis.
   *
   * @return a copy; empty for a scalar
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * The floating-point numbers.
   *
   * @return the live tensor
   * @throws IllegalArgumentException if the array holds integers
   */
  public Tensor tensor() {
    checkArgument(
        tensor != null,
        "expected a floating-point array (<f4 or <f8), found %s%s",
        type.descriptor(),
        Arrays.toString(shape));
    return tensor;
  }

  /**
   * The integers, row by row.
   *
   * @return the live array of an {@link NpyType#INT32} array, a converted copy of an {@link
   *     NpyType#INT64} one
   * @throws IllegalArgumentException if the array holds floating-point numbers or an integer that
   *     does not fit
   */
  public int[] ints() {
    if (ints != null) {
      return ints;
    }
    long[] wide = longs();
    int[] narrow = new int[wide.length];
    for (int i = 0; i < wide.length; i++) {
      narrow[i] = (int) wide[i];
      checkArgument(narrow[i] == wide[i], "number %s does not fit 32 bits: %s", i, wide[i]);
    }
    return narrow;
  }

  /**
   * The integers, row by row.
   *
   * @return the live array of an {@link NpyType#INT64} array, a converted copy of an {@link
   *     NpyType#INT32} one
   * @throws IllegalArgumentException if the array holds floating-point numbers
   */
  public long[] longs() {
    if (ints != null) {
      return Arrays.stream(ints).asLongStream().toArray();
    }
    checkArgument(
        longs != null,
        "expected an integer array (<i4 or <i8), found %s%s",
        type.descriptor(),
        Arrays.toString(shape));
    return longs;
  }

  /**
   * A short description: type and shape.
   *
   * @return for example {@code <f4[3, 4]}
   */
  @Override
  public String toString() {
    return type.descriptor() + Arrays.toString(shape);
  }

  /** Counts the bytes that are read from a stream. */
  private static final class ByteCounter extends InputStream {
    private final InputStream in;
    private long count;

    private ByteCounter(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      int value = in.read();
      count += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = in.read(target, offset, length);
      count += Math.max(read, 0);
      return read;
    }

    private long count() {
      return count;
    }
  }
}
