package io.github.alphafuse.core.storage;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.internal.FileFailure;
import io.github.alphafuse.core.internal.npy.NpyArray;
import io.github.alphafuse.core.internal.npy.NpyHeader;
import io.github.alphafuse.core.internal.npy.NpyType;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * A writer of {@code .npy} files: whole tensors at once, or a float32 matrix row by row when it is
 * larger than memory.
 *
 * <p>Shapes: N rows, d_l columns. The number of rows is part of the header, so it is passed before
 * the first row. The file appears under its name when the writer is closed after the last row, and
 * replaces an existing one then. Until that, the rows are in a temporary file beside it.
 *
 * <p>Not thread-safe.
 */
public final class NpyWriter implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path path;
  private final AtomicFile file;
  private final ByteBuffer buffer;
  private final long rows;
  private final int columns;
  private long written;
  private boolean closed;

  private NpyWriter(Path path, NpyHeader header) {
    this.path = path;
    this.file = AtomicFile.create(path);
    this.rows = header.shape()[0];
    this.columns = Math.toIntExact(header.shape()[1]);
    this.buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(header.toBytes());
  }

  /**
   * Writes a tensor to a file.
   *
   * @param path the file; replaced if it exists
   * @param tensor the numbers, of any shape, written in their own type
   * @throws IllegalArgumentException if the path is a directory, device or pipe
   * @throws UncheckedIOException if the file cannot be written; an existing one is unchanged
   */
  public static void write(Path path, Tensor tensor) {
    NpyArray.of(tensor).write(path);
  }

  /**
   * Writes a tensor to a stream.
   *
   * @param out the stream, neither flushed nor closed
   * @param tensor the numbers, of any shape, written in their own type
   * @throws UncheckedIOException if the stream cannot be written
   */
  public static void write(OutputStream out, Tensor tensor) {
    NpyArray.of(tensor).write(out);
  }

  /**
   * Starts a float32 matrix of N x d_l numbers.
   *
   * @param path the file; replaced if it exists
   * @param rows N, the number of rows that will be appended
   * @param columns d_l, the length of a row
   * @return the writer, to be closed by the caller
   * @throws IllegalArgumentException if rows is negative, columns is not positive, or the path is a
   *     directory, device or pipe
   * @throws UncheckedIOException if the file cannot be written
   */
  public static NpyWriter create(Path path, long rows, int columns) {
    checkArgument(rows >= 0, "rows must not be negative, found %s", rows);
    checkArgument(columns > 0, "columns must be positive, found %s", columns);
    NpyHeader header = new NpyHeader(NpyType.FLOAT32, new long[] {rows, columns}, false);
    return new NpyWriter(path, header);
  }

  /**
   * Appends one or more rows.
   *
   * @param values whole rows, row by row
   * @throws IllegalArgumentException if the array does not hold whole rows, or there are more rows
   *     than announced
   * @throws UncheckedIOException if the file cannot be written
   */
  public void append(float[] values) {
    checkArgument(
        values.length % columns == 0,
        "expected whole rows of %s numbers, found %s numbers",
        columns,
        values.length);
    int count = values.length / columns;
    checkArgument(
        written + count <= rows,
        "%s was created for %s rows, found %s",
        path,
        rows,
        written + count);
    try {
      int length;
      for (int done = 0; done < values.length; done += length) {
        if (buffer.remaining() < Float.BYTES) {
          flush();
        }
        length = Math.min(values.length - done, buffer.remaining() / Float.BYTES);
        buffer.asFloatBuffer().put(values, done, length);
        buffer.position(buffer.position() + length * Float.BYTES);
      }
    } catch (IOException e) {
      throw FileFailure.writing(path, e);
    }
    written += count;
  }

  private void flush() throws IOException {
    file.stream().write(buffer.array(), 0, buffer.position());
    buffer.clear();
  }

  /**
   * Writes what is left and gives the file its name. If rows are missing, it is discarded instead,
   * and an existing file is unchanged. Closing twice does nothing.
   *
   * @throws IllegalStateException if fewer rows were appended than announced
   * @throws UncheckedIOException if the file cannot be written
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (file) {
      checkState(
          written == rows, "%s was created for %s rows, but got only %s", path, rows, written);
      flush();
      file.commit();
    } catch (IOException e) {
      throw FileFailure.writing(path, e);
    }
  }

  /**
   * A short description: file and progress.
   *
   * @return for example {@code NpyWriter[items.npy, 10 of 100 rows of 8 numbers]}
   */
  @Override
  public String toString() {
    return "NpyWriter["
        + path
        + ", "
        + written
        + " of "
        + rows
        + " rows of "
        + columns
        + " numbers]";
  }
}
