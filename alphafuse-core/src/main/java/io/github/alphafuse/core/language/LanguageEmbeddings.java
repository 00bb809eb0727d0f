package io.github.alphafuse.core.language;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkPositionIndexes;
import static java.util.Objects.requireNonNull;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.ItemIds;
import io.github.alphafuse.core.language.RowSource.RowRange;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The frozen language embeddings of a catalogue: one row of finite numbers per item, on the heap,
 * in a mapped file or in a source of the caller's.
 *
 * <p>Shapes: N items, d_l language dimension.
 *
 * <p>Rows are read in blocks, so that a matrix much larger than memory goes through one small
 * buffer. Every number is checked. NaN and infinities are an error that names row and column. It is
 * thrown at construction for numbers on the heap, and when they are read for other sources.
 *
 * <p>Immutable and thread-safe: any number of threads may read at once, each with its own buffer.
 * That holds for {@link #blocks} if its source may be opened by several threads.
 */
public final class LanguageEmbeddings {
  // 1 MiB of doubles fits into the second-level cache of most processors.
  private static final int DEFAULT_BLOCK = 1 << 17;

  private final RowSource source;
  private final RowRange range;
  private final Optional<ImmutableList<String>> ids;
  private final Supplier<String> digest;

  private LanguageEmbeddings(
      RowSource source, RowRange range, Optional<ImmutableList<String>> ids) {
    this.source = source;
    this.range = range;
    this.ids = ids;
    this.digest = Suppliers.memoize(this::computeDigest);
  }

  private LanguageEmbeddings(LanguageEmbeddings same, ImmutableList<String> ids) {
    this.source = same.source;
    this.range = same.range;
    this.ids = Optional.of(ids);
    this.digest = same.digest;
  }

  private static LanguageEmbeddings of(RowSource source) {
    return new LanguageEmbeddings(source, new RowRange(0, source.rows()), Optional.empty());
  }

  /**
   * Embeddings from float32 rows.
   *
   * @param rows N rows of d_l numbers, copied
   * @return the embeddings
   * @throws IllegalArgumentException if there are no rows or no columns, the rows differ in length,
   *     or a number is not finite
   */
  public static LanguageEmbeddings of(float[][] rows) {
    checkArgument(rows.length > 0, "rows is empty, expected at least one");
    int columns = rows[0].length;
    Tensor tensor = Tensor.zeros(ElementType.FLOAT32, rows.length, columns);
    for (int row = 0; row < rows.length; row++) {
      checkLength(row, rows[row].length, columns);
      System.arraycopy(rows[row], 0, tensor.floats(), row * columns, columns);
    }
    return ofOwned(tensor);
  }

  /**
   * Embeddings from float64 rows.
   *
   * @param rows N rows of d_l numbers, copied
   * @return the embeddings
   * @throws IllegalArgumentException if there are no rows or no columns, the rows differ in length,
   *     or a number is not finite
   */
  public static LanguageEmbeddings of(double[][] rows) {
    checkArgument(rows.length > 0, "rows is empty, expected at least one");
    int columns = rows[0].length;
    Tensor tensor = Tensor.zeros(ElementType.FLOAT64, rows.length, columns);
    for (int row = 0; row < rows.length; row++) {
      checkLength(row, rows[row].length, columns);
      System.arraycopy(rows[row], 0, tensor.doubles(), row * columns, columns);
    }
    return ofOwned(tensor);
  }

  /**
   * Embeddings from a tensor.
   *
   * @param rows N x d_l, float32 or float64, copied
   * @return the embeddings
   * @throws IllegalArgumentException if the tensor has another rank, no rows or no columns, or a
   *     number that is not finite
   */
  public static LanguageEmbeddings of(Tensor rows) {
    checkArgument(
        rows.rank() == 2, "rows must have two axes: items and dimensions, found %s", rows);
    return ofOwned(rows.copy());
  }

  private static LanguageEmbeddings ofOwned(Tensor rows) {
    checkArgument(
        rows.size() > 0, "rows has shape %s, expected at least one row and one column", rows);
    return of(new TensorRows(rows));
  }

  private static void checkLength(int row, int found, int expected) {
    checkArgument(
        found == expected, "row %s has %s numbers, expected %s as in row 0", row, found, expected);
  }

  /**
   * Embeddings in a {@code .npy} file, which is mapped into memory. It takes no heap, its pages are
   * loaded as rows are read, and it may be larger than 2 GB or than the memory.
   *
   * <p>The mapping needs no closing: it is released when the embeddings are garbage collected.
   * Until then the file must not be truncated or overwritten in place; replacing it by a rename is
   * safe. (On Windows a mapped file can be neither deleted nor replaced.)
   *
   * <p>Numbers of 16 bits, float16 or bfloat16, are widened to float32 as they are read. NumPy,
   * which has no bfloat16, calls such a file's type {@code |V2}.
   *
   * @param path a matrix of N x d_l numbers, float32, float64, float16 or bfloat16, little-endian,
   *     row by row
   * @return the embeddings
   * @throws IllegalArgumentException if the file is not such a matrix, or longer or shorter than
   *     its header declares; the message names the file, what was expected and what was found
   * @throws UncheckedIOException if the file cannot be read
   */
  public static LanguageEmbeddings npy(Path path) {
    return of(MappedRows.open(path));
  }

  /**
   * Embeddings of any other source. Each pass opens the source again; {@link #row} reads it up to
   * that row.
   *
   * @param rows N, the number of rows of every pass
   * @param columns d_l, the length of a row
   * @param source opens the passes; a pass with another number of rows, incomplete rows or numbers
   *     that are not finite makes reading fail with an {@link IllegalArgumentException}
   * @return the embeddings
   * @throws IllegalArgumentException if rows or columns is not positive
   */
  public static LanguageEmbeddings blocks(int rows, int columns, BlockSource source) {
    checkArgument(rows > 0, "rows must be positive, found %s", rows);
    checkArgument(columns > 0, "columns must be positive, found %s", columns);
    return of(new StreamedRows(rows, columns, source::open));
  }

  /**
   * The number of items, N.
   *
   * @return at least 1
   */
  public int itemCount() {
    return range.size();
  }

  /**
   * The language dimension, d_l.
   *
   * @return at least 1
   */
  public int dim() {
    return source.columns();
  }

  /**
   * The narrowest type that holds the numbers exactly.
   *
   * @return {@link ElementType#FLOAT32} or {@link ElementType#FLOAT64}
   */
  public ElementType elementType() {
    return source.elementType();
  }

  /**
   * Reads all rows in order.
   *
   * @param maxRows the largest number of rows in a block; the buffer holds no more
   * @param consumer receives the blocks, in this thread; the array is reused from block to block
   * @throws IllegalArgumentException if maxRows is not positive, maxRows x d_l numbers do not fit a
   *     Java array, a number is not finite, or a caller's source does not hold what was declared
   */
  public void forEachBlock(int maxRows, BlockConsumer consumer) {
    checkArgument(maxRows > 0, "maxRows must be positive, found %s", maxRows);
    checkArgument(
        (long) Math.min(maxRows, itemCount()) * dim() <= Integer.MAX_VALUE - 8,
        "maxRows is %s: blocks of %s x %s numbers do not fit an array",
        maxRows,
        Math.min(maxRows, itemCount()),
        dim());
    source.scan(
        range,
        maxRows,
        (first, block, count) -> consumer.accept(first - range.from(), block, count));
  }

  /**
   * One row.
   *
   * @param index the item, from 0
   * @return a new array of d_l numbers
   * @throws IndexOutOfBoundsException if there is no such item
   * @throws IllegalArgumentException if a number of the row is not finite
   */
  public double[] row(int index) {
    checkElementIndex(index, itemCount(), "item");
    double[] row = new double[dim()];
    int place = range.from() + index;
    source.scan(
        new RowRange(place, place + 1),
        1,
        (first, block, count) -> System.arraycopy(block, 0, row, 0, row.length));
    return row;
  }

  /**
   * The same rows, which know the ids of their items. They are compared wherever the rows meet
   * other things that know theirs.
   *
   * @param ids the id of every row in row order
   * @return the embeddings
   * @throws IllegalArgumentException if there are more or fewer ids than rows, or one is blank or
   *     occurs twice
   */
  public LanguageEmbeddings withIds(List<String> ids) {
    return new LanguageEmbeddings(this, ItemIds.of("ids", ids, itemCount()));
  }

  /**
   * The ids of the items.
   *
   * @return the id of every row in row order, or empty where the rows were given none
   */
  public Optional<ImmutableList<String>> ids() {
    return ids;
  }

  /**
   * A range of the items, such as one thread's share.
   *
   * @param from the first item
   * @param to the item after the last
   * @return a view of itemCount() = to - from rows, not a copy; error messages keep the row numbers
   *     of the source
   * @throws IndexOutOfBoundsException if the range does not lie within the items
   * @throws IllegalArgumentException if it is empty
   */
  public LanguageEmbeddings slice(int from, int to) {
    checkPositionIndexes(from, to, itemCount());
    checkArgument(from < to, "slice from %s to %s is empty", from, to);
    return new LanguageEmbeddings(
        source,
        new RowRange(range.from() + from, range.from() + to),
        ids.map(all -> all.subList(from, to)));
  }

  /**
   * A copy on the heap.
   *
   * @return N x d_l, of type {@link #elementType()}
   * @throws IllegalArgumentException if there are more numbers than fit a Java array, or one is not
   *     finite
   */
  public Tensor toTensor() {
    Tensor tensor = Tensor.zeros(elementType(), itemCount(), dim());
    forEachBlock(
        Math.max(1, DEFAULT_BLOCK / dim()),
        (first, block, count) -> {
          int offset = first * dim();
          int length = count * dim();
          if (tensor.elementType() == ElementType.FLOAT64) {
            System.arraycopy(block, 0, tensor.doubles(), offset, length);
          } else {
            float[] floats = tensor.floats();
            for (int i = 0; i < length; i++) {
              floats[offset + i] = (float) block[i];
            }
          }
        });
    return tensor;
  }

  /**
   * The digest of type, shape and numbers, by which embeddings are recognised. Ids do not count. It
   * is computed once, in one pass over the rows.
   *
   * @return {@code sha256:} and 64 hexadecimal digits
   * @throws IllegalArgumentException if a number is not finite
   */
  public String digest() {
    return requireNonNull(digest.get());
  }

  private String computeDigest() {
    boolean isDouble = elementType() == ElementType.FLOAT64;
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putInt(isDouble ? Double.BYTES : Float.BYTES).putInt(itemCount()).putInt(dim());
    int maxRows = Math.max(1, DEFAULT_BLOCK / dim());
    ByteBuffer bytes =
        ByteBuffer.allocate(maxRows * dim() * (isDouble ? Double.BYTES : Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    forEachBlock(
        maxRows,
        (first, block, count) -> {
          bytes.clear();
          for (int i = 0; i < count * dim(); i++) {
            if (isDouble) {
              bytes.putDouble(block[i]);
            } else {
              bytes.putFloat((float) block[i]);
            }
          }
          hasher.putBytes(bytes.flip());
        });
    return "sha256:" + hasher.hash();
  }

  /**
   * A short description: type, shape and source.
   *
   * @return for example {@code LanguageEmbeddings[FLOAT32[20000, 1536], items.npy]}
   */
  @Override
  public String toString() {
    return "LanguageEmbeddings["
        + elementType()
        + Arrays.toString(new int[] {itemCount(), dim()})
        + ", "
        + source
        + "]";
  }

  /**
   * A receiver of rows in blocks.
   *
   * <p>Shapes: d_l language dimension.
   */
  @FunctionalInterface
  public interface BlockConsumer {
    /**
     * Takes one block.
     *
     * @param firstRow the index of the block's first row
     * @param rowMajor the numbers, rowCount x d_l row by row; the array may be longer, and is
     *     overwritten by the next block as soon as this method returns
     * @param rowCount the number of rows, at least 1
     */
    void accept(int firstRow, double[] rowMajor, int rowCount);
  }

  /**
   * A source of rows that can be read more than once: a database query, a set of files, a
   * generator.
   *
   * <p>Shapes: N items, d_l language dimension.
   */
  @FunctionalInterface
  public interface BlockSource {
    /**
     * Starts a new pass over all rows, from the first to the last, in the same order as every pass
     * before.
     *
     * @return arrays of one or more whole rows of d_l numbers each, N rows in all; taken one at a
     *     time and closed after the last, so resources are released in {@link Stream#onClose}
     */
    Stream<double[]> open();
  }
}
