package io.github.alphafuse.core.language;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.internal.FileFailure;
import io.github.alphafuse.core.internal.Workers;
import io.github.alphafuse.core.internal.npy.NpyHeader;
import io.github.alphafuse.core.internal.npy.NpyType;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.MappedByteBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Rows of a mapped {@code .npy} file. One buffer holds at most 2 GB, so the file is mapped in
 * pieces of whole rows.
 */
final class MappedRows implements RowSource {
  private static final long PIECE_BYTES = 1L << 30;
  // Small enough to stay in the first-level cache for widening and the check for NaN.
  private static final int WINDOW = 4096;

  /** The fewest numbers per thread. */
  private static final int LEAST = 1 << 16;

  private final String source;
  private final int rows;
  private final int columns;
  private final NpyType type;
  private final int rowsPerPiece;
  private final List<Buffer> pieces;

  private MappedRows(String source, NpyHeader header, FileChannel channel) throws IOException {
    this.source = source;
    this.rows = Math.toIntExact(header.shape()[0]);
    this.columns = Math.toIntExact(header.shape()[1]);
    this.type = header.type();
    long rowBytes = (long) columns * header.type().bytes();
    this.rowsPerPiece = (int) Math.max(1, Math.min(rows, PIECE_BYTES / rowBytes));
    this.pieces = new ArrayList<>();
    long start = channel.position();
    for (long row = 0; row < rows; row += rowsPerPiece) {
      long count = Math.min(rowsPerPiece, rows - row);
      MappedByteBuffer piece =
          channel.map(FileChannel.MapMode.READ_ONLY, start + row * rowBytes, count * rowBytes);
      piece.order(ByteOrder.LITTLE_ENDIAN);
      pieces.add(
          switch (type.bytes()) {
            case Short.BYTES -> piece.asShortBuffer();
            case Float.BYTES -> piece.asFloatBuffer();
            default -> piece.asDoubleBuffer();
          });
    }
  }

  static MappedRows open(Path path) {
    checkArgument(!Files.isDirectory(path), "%s is a directory, expected a .npy file", path);
    String source = path.toString();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      NpyHeader header = NpyHeader.read(Channels.newInputStream(channel), source);
      long[] shape = header.shape();
      checkArgument(
          header.type().isFloatingPoint(),
          "%s holds %s, expected <f4, <f8, <f2 or |V2 (bfloat16)",
          source,
          header.type().descriptor());
      checkArgument(
          shape.length == 2,
          "%s has shape %s, expected two axes: items and dimensions",
          source,
          Arrays.toString(shape));
      checkArgument(
          shape[0] > 0 && shape[1] > 0,
          "%s has shape %s, expected at least one row and one column",
          source,
          Arrays.toString(shape));
      checkArgument(
          !header.fortranOrder(),
          "%s is in Fortran order, expected rows one after the other; resave it with"
              + " numpy.save(path, numpy.ascontiguousarray(array))",
          source);
      checkArgument(
          shape[0] <= Integer.MAX_VALUE && shape[1] <= Integer.MAX_VALUE / Double.BYTES,
          "%s has shape %s, expected at most %s rows of at most %s numbers",
          source,
          Arrays.toString(shape),
          Integer.MAX_VALUE,
          Integer.MAX_VALUE / Double.BYTES);
      header.checkDataBytes(channel.size() - channel.position(), source);
      return new MappedRows(source, header, channel);
    } catch (IOException e) {
      throw FileFailure.reading(path, e);
    }
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public ElementType elementType() {
    return type == NpyType.FLOAT64 ? ElementType.FLOAT64 : ElementType.FLOAT32;
  }

  @Override
  public void scan(RowRange range, int maxRows, Receiver receiver) {
    int largest = Math.min(maxRows, range.size());
    double[] block = new double[Math.multiplyExact(largest, columns)];
    int count;
    for (int row = range.from(); row < range.to(); row += count) {
      count = Math.min(largest, range.to() - row);
      int firstRow = row;
      AtomicBoolean finite = new AtomicBoolean(true);
      Workers.split(
          count,
          LEAST / columns + 1,
          (from, to) -> {
            if (!read(new RowRange(firstRow + from, firstRow + to), block, from * columns)) {
              finite.set(false);
            }
          });
      if (!finite.get()) {
        throw firstNonFinite(block, row);
      }
      receiver.accept(row, block, count);
    }
  }

  /** Copies rows into a block and returns whether all their numbers are finite. */
  private boolean read(RowRange range, double[] block, int at) {
    float[] window = new float[type == NpyType.FLOAT64 ? 0 : WINDOW];
    boolean finite = true;
    int copied;
    for (int done = 0; done < range.size(); done += copied) {
      int row = range.from() + done;
      int inPiece = row % rowsPerPiece;
      copied = Math.min(range.size() - done, rowsPerPiece - inPiece);
      Buffer piece = pieces.get(row / rowsPerPiece);
      int from = inPiece * columns;
      int to = at + done * columns;
      finite &=
          piece instanceof DoubleBuffer doubles
              ? copy(doubles, from, block, to, copied * columns)
              : widen(piece, from, block, to, copied * columns, window);
    }
    return finite;
  }

  // Each call passes positions, so that threads share the buffers without moving theirs.
  private boolean widen(
      Buffer piece, int from, double[] block, int to, int length, float[] window) {
    boolean finite = true;
    int count;
    for (int done = 0; done < length; done += count) {
      count = Math.min(length - done, window.length);
      fill(window, piece, from + done, count);
      finite &= widen(window, count, block, to + done);
    }
    return finite;
  }

  private void fill(float[] window, Buffer piece, int from, int count) {
    if (piece instanceof FloatBuffer floats) {
      floats.get(from, window, 0, count);
      return;
    }
    ShortBuffer halves = (ShortBuffer) piece;
    for (int i = 0; i < count; i++) {
      window[i] = type.widen(halves.get(from + i));
    }
  }

  private static boolean copy(DoubleBuffer piece, int from, double[] block, int to, int length) {
    boolean finite = true;
    int count;
    for (int done = 0; done < length; done += count) {
      count = Math.min(length - done, WINDOW);
      piece.get(from + done, block, to + done, count);
      finite &= isFinite(block, to + done, count);
    }
    return finite;
  }

  // x * 0 is 0 only if x is finite, and the sum keeps a NaN. With four sums, an addition does not
  // wait for the one before.
  private static boolean widen(float[] window, int count, double[] block, int to) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i < count - 3; i += 4) {
      float w = window[i];
      float x = window[i + 1];
      float y = window[i + 2];
      float z = window[i + 3];
      block[to + i] = w;
      block[to + i + 1] = x;
      block[to + i + 2] = y;
      block[to + i + 3] = z;
      a += w * 0f;
      b += x * 0f;
      c += y * 0f;
      d += z * 0f;
    }
    for (; i < count; i++) {
      block[to + i] = window[i];
      a += window[i] * 0f;
    }
    return a + b + c + d == 0;
  }

  private static boolean isFinite(double[] block, int offset, int length) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = offset;
    for (int end = offset + length - 3; i < end; i += 4) {
      a += block[i] * 0.0;
      b += block[i + 1] * 0.0;
      c += block[i + 2] * 0.0;
      d += block[i + 3] * 0.0;
    }
    for (; i < offset + length; i++) {
      a += block[i] * 0.0;
    }
    return a + b + c + d == 0;
  }

  private IllegalArgumentException firstNonFinite(double[] block, int firstRow) {
    int i = 0;
    while (Double.isFinite(block[i])) {
      i++;
    }
    return RowSource.nonFinite(source, (long) firstRow * columns + i, columns);
  }

  @Override
  public String toString() {
    return source;
  }
}
