package io.github.alphafuse.core.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.npy.NpyHeader;
import io.github.alphafuse.core.internal.npy.NpyType;
import io.github.alphafuse.core.language.LanguageEmbeddings.BlockSource;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageEmbeddingsTest {
  private static final Path NPY = Path.of("src/test/resources/language");
  @TempDir Path folder;

  private static Tensor random(ElementType type, long seed, int... shape) {
    Random random = new Random(seed);
    Tensor tensor = Tensor.zeros(type, shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.set(i, random.nextGaussian());
    }
    return tensor;
  }

  /** The same rows in arrays of changing length. */
  private static BlockSource chopped(Tensor rows) {
    return () -> {
      Random random = new Random(7);
      List<double[]> arrays = new ArrayList<>();
      double[] numbers = rows.to(ElementType.FLOAT64).doubles();
      int columns = rows.shape(1);
      int count;
      for (int row = 0; row < rows.shape(0); row += count) {
        count = Math.min(1 + random.nextInt(9), rows.shape(0) - row);
        arrays.add(Arrays.copyOfRange(numbers, row * columns, (row + count) * columns));
      }
      return arrays.stream();
    };
  }

  private static void checkRows(LanguageEmbeddings embeddings, Tensor expected) {
    int rows = expected.shape(0);
    int columns = expected.shape(1);
    double[] numbers = expected.to(ElementType.FLOAT64).doubles();
    assertThat(embeddings.itemCount()).isEqualTo(rows);
    assertThat(embeddings.dim()).isEqualTo(columns);
    for (int maxRows : new int[] {1, 3, rows, rows + 5, Integer.MAX_VALUE}) {
      double[] read = new double[rows * columns];
      AtomicInteger next = new AtomicInteger();
      embeddings.forEachBlock(
          maxRows,
          (first, block, count) -> {
            assertThat(first).isEqualTo(next.getAndAdd(count));
            assertThat(count).isBetween(1, maxRows);
            // All blocks but the last are full.
            assertThat(count).isEqualTo(Math.min(maxRows, rows - first));
            System.arraycopy(block, 0, read, first * columns, count * columns);
          });
      assertThat(next).hasValue(rows);
      assertThat(read).containsExactly(numbers);
    }
    for (int row : new int[] {0, rows / 2, rows - 1}) {
      assertThat(embeddings.row(row))
          .containsExactly(Arrays.copyOfRange(numbers, row * columns, (row + 1) * columns));
    }
    assertThat(embeddings.toTensor().to(ElementType.FLOAT64).doubles()).containsExactly(numbers);
    assertThat(embeddings.toTensor().elementType()).isEqualTo(embeddings.elementType());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everySourceGivesTheSameRows(long seed) {
    Random random = new Random(seed);
    ElementType type = random.nextBoolean() ? ElementType.FLOAT32 : ElementType.FLOAT64;
    Tensor rows = random(type, seed, 1 + random.nextInt(60), 1 + random.nextInt(300));
    Path path = folder.resolve("rows.npy");
    NpyWriter.write(path, rows);
    checkRows(LanguageEmbeddings.of(rows), rows);
    checkRows(LanguageEmbeddings.npy(path), rows);
    checkRows(LanguageEmbeddings.blocks(rows.shape(0), rows.shape(1), chopped(rows)), rows);
    assertThat(LanguageEmbeddings.npy(path).elementType()).isEqualTo(type);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void slicesAreViews(long seed) {
    Random random = new Random(seed);
    Tensor rows = random(ElementType.FLOAT32, seed, 40, 5);
    int from = random.nextInt(20);
    int to = from + 1 + random.nextInt(20);
    Tensor expected = Tensor.of(Arrays.copyOfRange(rows.floats(), from * 5, to * 5), to - from, 5);
    Path path = folder.resolve("rows.npy");
    NpyWriter.write(path, rows);
    for (LanguageEmbeddings whole :
        List.of(
            LanguageEmbeddings.of(rows),
            LanguageEmbeddings.npy(path),
            LanguageEmbeddings.blocks(40, 5, chopped(rows)))) {
      checkRows(whole.slice(from, to), expected);
      checkRows(whole.slice(from - from / 2, 40).slice(from / 2, from / 2 + to - from), expected);
    }
  }

  @Test
  void slicesOutsideTheItemsAreErrors() {
    LanguageEmbeddings embeddings = LanguageEmbeddings.of(new float[3][2]);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> embeddings.slice(1, 4));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> embeddings.row(3));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> embeddings.slice(0, 2).row(2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> embeddings.slice(1, 1))
        .withMessage("slice from 1 to 1 is empty");
  }

  @Test
  void takesRowsFromArrays() {
    float[][] floats = {{1, 2}, {3, 4}, {5, 6}};
    checkRows(LanguageEmbeddings.of(floats), Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
    double[][] doubles = {{0.1, 0.2}, {0.3, 0.4}};
    checkRows(LanguageEmbeddings.of(doubles), Tensor.of(new double[] {0.1, 0.2, 0.3, 0.4}, 2, 2));
  }

  @Test
  void isImmutable() {
    float[][] rows = {{1, 2}, {3, 4}};
    LanguageEmbeddings copied = LanguageEmbeddings.of(rows);
    rows[1][0] = 9;
    Tensor tensor = Tensor.of(new double[] {1, 2, 3, 4}, 2, 2);
    LanguageEmbeddings embeddings = LanguageEmbeddings.of(tensor);
    tensor.fill(9);
    embeddings.row(0)[0] = 9;
    embeddings.toTensor().fill(9);
    embeddings.forEachBlock(2, (first, block, count) -> Arrays.fill(block, 9));
    assertThat(copied.row(1)).containsExactly(3, 4);
    assertThat(embeddings.row(0)).containsExactly(1, 2);
  }

  @Test
  void namesWhatIsWrongWithArrays() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.of(new float[0][]))
        .withMessage("rows is empty, expected at least one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.of(new double[2][0]))
        .withMessage("rows has shape FLOAT64[2, 0], expected at least one row and one column");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.of(new float[][] {{1, 2}, {3}}))
        .withMessage("row 1 has 1 numbers, expected 2 as in row 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.of(new double[][] {{1, 2}, {3, 4, 5}}))
        .withMessage("row 1 has 3 numbers, expected 2 as in row 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.of(new double[][] {{1, 2}, {3, Double.NaN}}))
        .withMessage("rows: row 1, column 1 is not finite: NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LanguageEmbeddings.of(new float[][] {{1, 2}, {Float.NEGATIVE_INFINITY, 4}}))
        .withMessageContaining("row 1, column 0 is not finite: -Infinity");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.of(Tensor.zeros(ElementType.FLOAT32, 2, 3, 4)))
        .withMessage("rows must have two axes: items and dimensions, found FLOAT32[2, 3, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.of(new float[2][3]).forEachBlock(0, (f, b, c) -> {}))
        .withMessage("maxRows must be positive, found 0");
  }

  static Stream<double[]> places() {
    return Stream.of(
        new double[] {0, 0, Double.NaN},
        new double[] {0, 4098, Double.POSITIVE_INFINITY},
        new double[] {2, 4096, Double.NEGATIVE_INFINITY},
        new double[] {4, 4098, Double.NaN},
        new double[] {3, 1, Double.NaN});
  }

  @ParameterizedTest
  @MethodSource("places")
  void findsNumbersThatAreNotFiniteWhileStreaming(double[] place) {
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      Tensor rows = random(type, 3, 5, 4099);
      rows.set((int) place[0] * 4099 + (int) place[1], place[2]);
      Path path = folder.resolve("rows.npy");
      NpyWriter.write(path, rows);
      String where = ": row " + (int) place[0] + ", column " + (int) place[1] + " is not finite";
      LanguageEmbeddings mapped = LanguageEmbeddings.npy(path);
      for (int maxRows : new int[] {1, 2, 5}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> mapped.forEachBlock(maxRows, (first, block, count) -> {}))
            .withMessageStartingWith(path.toString())
            .withMessageContaining(where);
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> mapped.row((int) place[0]))
          .withMessageContaining(where);
      assertThat(mapped.row((int) (place[0] + 1) % 5)).hasSize(4099);
      assertThatIllegalArgumentException()
          .isThrownBy(LanguageEmbeddings.blocks(5, 4099, chopped(rows))::toTensor)
          .withMessageContaining(where);
    }
  }

  @Test
  void acceptsTheLargestFiniteNumbers() {
    Tensor rows =
        Tensor.of(new double[] {Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE, -0.0}, 2, 2);
    Path path = folder.resolve("rows.npy");
    NpyWriter.write(path, rows);
    checkRows(LanguageEmbeddings.npy(path), rows);
  }

  @Test
  void namesWhatIsWrongWithAFile() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.npy(NPY.resolve("v1-i4.npy")))
        .withMessageEndingWith("v1-i4.npy holds <i4, expected <f4, <f8, <f2 or |V2 (bfloat16)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.npy(NPY.resolve("vector-f4.npy")))
        .withMessageEndingWith("has shape [3], expected two axes: items and dimensions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.npy(NPY.resolve("empty-f4.npy")))
        .withMessageEndingWith("has shape [0, 4], expected at least one row and one column");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.npy(NPY.resolve("fortran-f8.npy")))
        .withMessageContaining("is in Fortran order")
        .withMessageEndingWith("numpy.save(path, numpy.ascontiguousarray(array))");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.npy(NPY.resolve("big-endian.npy")))
        .withMessageContaining("is big-endian");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.npy(folder))
        .withMessage(folder + " is a directory, expected a .npy file");
    assertThatThrownBy(() -> LanguageEmbeddings.npy(folder.resolve("none.npy")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.npy");
  }

  @Test
  void namesASourceThatBreaksItsPromise() {
    assertThatIllegalArgumentException()
        .isThrownBy(LanguageEmbeddings.blocks(3, 2, () -> Stream.of(new double[4]))::toTensor)
        .withMessage("the block source gave 2 rows, expected the 3 it was declared with");
    assertThatIllegalArgumentException()
        .isThrownBy(
            LanguageEmbeddings.blocks(3, 2, () -> Stream.of(new double[4], new double[4]))
                ::toTensor)
        .withMessage("the block source gave more rows than the 3 it was declared with");
    assertThatIllegalArgumentException()
        .isThrownBy(
            LanguageEmbeddings.blocks(3, 2, () -> Stream.of(new double[2], new double[3]))
                ::toTensor)
        .withMessage("the block source gave 3 numbers after row 1, expected whole rows of 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.blocks(0, 2, Stream::empty))
        .withMessage("rows must be positive, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.blocks(2, -1, Stream::empty))
        .withMessage("columns must be positive, found -1");
  }

  @Test
  void closesEachPassAndReadsNoFurtherThanNeeded() {
    AtomicInteger closed = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    LanguageEmbeddings embeddings =
        LanguageEmbeddings.blocks(
            100,
            1,
            () ->
                IntStream.range(0, 100)
                    .mapToObj(i -> new double[] {i})
                    .peek(i -> taken.incrementAndGet())
                    .onClose(closed::incrementAndGet));
    assertThat(embeddings.row(9)).containsExactly(9);
    assertThat(taken).hasValue(10);
    assertThat(closed).hasValue(1);
    assertThatThrownBy(
            () ->
                embeddings.forEachBlock(
                    1,
                    (first, block, count) -> {
                      throw new IllegalStateException("enough");
                    }))
        .hasMessage("enough");
    assertThat(closed).hasValue(2);
  }

  @Test
  void describesItself() {
    assertThat(LanguageEmbeddings.of(new float[3][2]))
        .hasToString("LanguageEmbeddings[FLOAT32[3, 2], heap]");
    Path path = NPY.resolve("v1-f8.npy");
    assertThat(LanguageEmbeddings.npy(path))
        .hasToString("LanguageEmbeddings[FLOAT64[3, 4], " + path + "]");
  }

  /** A sparse file: rows of zeros take no space on the disk. */
  @ParameterizedTest
  @ValueSource(strings = {"FLOAT32", "FLOAT64"})
  void readsFilesBeyondTwoGigabytes(NpyType type) throws IOException {
    int rows = 1_500_000;
    int columns = 1536;
    Path path = folder.resolve("large.npy");
    NpyHeader header = new NpyHeader(type, new long[] {rows, columns}, false);
    long start = header.toBytes().length;
    long rowBytes = (long) columns * type.bytes();
    // Around the boundaries of the mapped pieces (2^30 bytes) and of 2^31 bytes and numbers.
    int piece = (int) ((1L << 30) / rowBytes);
    int[] marked = {
      0,
      piece - 1,
      piece,
      2 * piece - 1,
      2 * piece,
      (int) ((1L << 31) / rowBytes),
      (int) ((1L << 31) / columns),
      rows - 1
    };
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(header.toBytes());
      file.setLength(start + rows * rowBytes);
      for (int row : marked) {
        ByteBuffer bytes = ByteBuffer.allocate((int) rowBytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int column = 0; column < columns; column++) {
          if (type == NpyType.FLOAT32) {
            bytes.putFloat(row + column);
          } else {
            bytes.putDouble(row + column);
          }
        }
        file.seek(start + row * rowBytes);
        file.write(bytes.array());
      }
    }
    assertThat(Files.size(path)).isGreaterThan(4L << 30);
    LanguageEmbeddings embeddings = LanguageEmbeddings.npy(path);
    assertThat(embeddings.itemCount()).isEqualTo(rows);
    for (int row : marked) {
      double[] expected = IntStream.range(row, row + columns).asDoubleStream().toArray();
      assertThat(embeddings.row(row)).containsExactly(expected);
    }
    assertThat(embeddings.row(piece + 1)).containsOnly(0);
    // A block across two pieces.
    embeddings
        .slice(piece - 2, piece + 2)
        .forEachBlock(
            4,
            (first, block, count) -> {
              assertThat(count).isEqualTo(4);
              assertThat(block[columns - 1]).isZero();
              assertThat(block[columns]).isEqualTo(piece - 1);
              assertThat(block[3 * columns - 1]).isEqualTo(piece + columns - 1);
              assertThat(block[3 * columns]).isZero();
            });
    assertThatIllegalArgumentException()
        .isThrownBy(embeddings::toTensor)
        .withMessageContaining("2147483647");
  }

  @Test
  void manyThreadsReadAtOnce() {
    Tensor rows = random(ElementType.FLOAT32, 5, 500, 64);
    Path path = folder.resolve("rows.npy");
    NpyWriter.write(path, rows);
    LanguageEmbeddings embeddings = LanguageEmbeddings.npy(path);
    IntStream.range(0, 200)
        .parallel()
        .forEach(
            i -> {
              assertThat(embeddings.row(i)[3]).isEqualTo(rows.get(i * 64 + 3));
              assertThat(embeddings.toTensor().floats()).containsExactly(rows.floats());
            });
  }
}
