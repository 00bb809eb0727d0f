package io.github.alphafuse.core.internal.npy;

import static com.google.common.base.Preconditions.checkNotNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FullDisk;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyArrayTest {
  /** What the fixtures hold, written by NumPy: (arange(12).reshape(3, 4) - 5) / 4. */
  private static final double[] MATRIX = {
    -1.25, -1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5
  };

  @TempDir Path folder;

  static Path fixture(String name) {
    return Path.of("src/test/resources/language", name);
  }

  private static double[] numbers(Tensor tensor) {
    return tensor.to(ElementType.FLOAT64).doubles();
  }

  @ParameterizedTest
  @CsvSource({
    "v1-f4.npy, FLOAT32",
    "v1-f8.npy, FLOAT64",
    "v2-f8.npy, FLOAT64",
    "v3-f4.npy, FLOAT32",
    "fortran-f8.npy, FLOAT64"
  })
  void readsWhatNumpyWrote(String name, NpyType type) {
    NpyArray array = NpyArray.read(fixture(name));
    assertThat(array.type()).isEqualTo(type);
    assertThat(array.shape()).containsExactly(3, 4);
    assertThat(numbers(array.tensor())).containsExactly(MATRIX);
    assertThat(array).hasToString(type.descriptor() + "[3, 4]");
  }

  @Test
  void readsFortranOrderOfMoreThanTwoAxes() {
    NpyArray array = NpyArray.read(fixture("fortran-3d-f4.npy"));
    assertThat(array.shape()).containsExactly(2, 3, 4);
    for (int i = 0; i < 24; i++) {
      assertThat(array.tensor().get(i)).isEqualTo(i);
    }
  }

  @Test
  void readsIntegers() {
    NpyArray narrow = NpyArray.read(fixture("v1-i4.npy"));
    assertThat(narrow.type()).isEqualTo(NpyType.INT32);
    assertThat(narrow.shape()).containsExactly(2, 3);
    assertThat(narrow.ints()).containsExactly(-2, -1, 0, 1, 2, 3);
    assertThat(narrow.longs()).containsExactly(-2, -1, 0, 1, 2, 3);
    NpyArray wide = NpyArray.read(fixture("v1-i8.npy"));
    assertThat(wide.longs()).containsExactly(-2L << 33, -1L << 33, 0, 1L << 33, 2L << 33, 3L << 33);
    assertThatIllegalArgumentException()
        .isThrownBy(wide::ints)
        .withMessage("number 0 does not fit 32 bits: -17179869184");
    assertThat(NpyArray.of(new long[] {7, -8}, 2).ints()).containsExactly(7, -8);
    assertThatIllegalArgumentException()
        .isThrownBy(wide::tensor)
        .withMessage("expected a floating-point array (<f4 or <f8), found <i8[6]");
    assertThatIllegalArgumentException()
        .isThrownBy(NpyArray.read(fixture("v1-f4.npy"))::ints)
        .withMessage("expected an integer array (<i4 or <i8), found <f4[3, 4]");
  }

  @Test
  void readsScalarsVectorsAndEmptyArrays() {
    assertThat(NpyArray.read(fixture("scalar-f8.npy")).shape()).isEmpty();
    assertThat(NpyArray.read(fixture("scalar-f8.npy")).tensor().get(0)).isEqualTo(2.5);
    assertThat(NpyArray.read(fixture("vector-f4.npy")).tensor().floats()).containsExactly(1, 2, 3);
    assertThat(NpyArray.read(fixture("empty-f4.npy")).shape()).containsExactly(0, 4);
  }

  @Test
  void readsTheEntriesOfAnNpzFile() throws IOException {
    Map<String, NpyArray> arrays = new HashMap<>();
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(fixture("arrays.npz")))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        arrays.put(entry.getName(), NpyArray.read(zip, entry.getName()));
      }
    }
    assertThat(numbers(checkNotNull(arrays.get("weights.npy")).tensor())).containsExactly(MATRIX);
    assertThat(checkNotNull(arrays.get("ids.npy")).ints()).containsExactly(0, 1, 2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v1-f4.npy",
        "v1-f8.npy",
        "v1-i4.npy",
        "v1-i8.npy",
        "scalar-f8.npy",
        "vector-f4.npy",
        "empty-f4.npy"
      })
  void writesTheBytesThatNumpyWrites(String name) throws IOException {
    Path copy = folder.resolve(name);
    NpyArray array = NpyArray.read(fixture(name));
    array.write(copy);
    assertThat(copy).hasSameBinaryContentAs(fixture(name));
    assertThat(array.byteCount()).isEqualTo(Files.size(copy));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void roundTripsAnyShapeAndType(long seed) {
    Random random = new Random(seed);
    int[] shape = random.ints(random.nextInt(5), 1, 14).toArray();
    ElementType type = random.nextBoolean() ? ElementType.FLOAT32 : ElementType.FLOAT64;
    Tensor tensor = Tensor.zeros(type, shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.set(i, random.nextGaussian());
    }
    Path path = folder.resolve("tensor.npy");
    NpyWriter.write(path, tensor);
    Tensor read = NpyArray.read(path).tensor();
    assertThat(read.elementType()).isEqualTo(type);
    assertThat(read.shape()).containsExactly(shape);
    assertThat(numbers(read)).containsExactly(numbers(tensor));
    int[] ints = random.ints(50_000).toArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NpyArray.of(ints, 500, 100).write(out);
    NpyArray integers = NpyArray.read(new ByteArrayInputStream(out.toByteArray()), "ints");
    assertThat(integers.ints()).containsExactly(ints);
  }

  @Test
  void keepsNumbersThatAreNotFinite() {
    Tensor tensor = Tensor.of(new float[] {Float.NaN, Float.NEGATIVE_INFINITY, -0f}, 3);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NpyWriter.write(out, tensor);
    assertThat(NpyArray.read(new ByteArrayInputStream(out.toByteArray()), "t").tensor().floats())
        .containsExactly(Float.NaN, Float.NEGATIVE_INFINITY, -0f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "big-endian.npy|is big-endian: expected one of <f4, <f8, <i4, <i8, <f2, |V2, found >f4; resave it"
            + " with numpy.save(path, array.astype('<f4'))",
        "bool.npy|has an unsupported element type: expected one of <f4, <f8, <i4, <i8, found |b1",
        "structured.npy|has an unsupported element type: expected one of"
      })
  void namesWhatIsNotSupported(String name, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(fixture(name)))
        .withMessageContaining(name + " ")
        .withMessageContaining(reason.substring(0, Math.min(60, reason.length())));
  }

  @Test
  void findsEveryTruncation() throws IOException {
    byte[] whole = Files.readAllBytes(fixture("v1-f4.npy"));
    for (int length = 0; length < whole.length; length++) {
      Path path = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, length));
      byte[] cut = Files.readAllBytes(path);
      assertThatIllegalArgumentException()
          .as("length %s", length)
          .isThrownBy(() -> NpyArray.read(path))
          .withMessageStartingWith(path.toString());
      assertThatIllegalArgumentException()
          .as("length %s", length)
          .isThrownBy(() -> NpyArray.read(new ByteArrayInputStream(cut), "cut"))
          .withMessageStartingWith("cut ");
      assertThatIllegalArgumentException()
          .as("length %s", length)
          .isThrownBy(() -> LanguageEmbeddings.npy(path))
          .withMessageStartingWith(path.toString());
    }
    Path path = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, whole.length - 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(path))
        .withMessage(path + " is truncated: expected 48 bytes of numbers for <f4[3, 4], found 45");
  }

  @Test
  void findsWhatFollowsTheNumbers() throws IOException {
    byte[] whole = Files.readAllBytes(fixture("v1-f4.npy"));
    byte[] longer = Arrays.copyOf(whole, whole.length + 1);
    Path path = Files.write(folder.resolve("long.npy"), longer);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(path))
        .withMessage(path + " is too long: expected 48 bytes of numbers for <f4[3, 4], found 49");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(new ByteArrayInputStream(longer), "s"))
        .withMessage("s is too long: expected its end after 48 bytes of numbers for <f4[3, 4]");
  }

  @Test
  void namesWhatIsNotANpyFile() throws IOException {
    Path text = Files.writeString(folder.resolve("text.npy"), "item,vector\n1,2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(text))
        .withMessage(
            text
                + " is not a .npy array: expected it to start with 934e554d5059, found"
                + " 6974656d2c76");
    Path empty = Files.createFile(folder.resolve("empty.npy"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(empty))
        .withMessage(empty + " is empty, expected a .npy array");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(folder))
        .withMessage(folder + " is a directory, expected a .npy file");
    assertThatThrownBy(() -> NpyArray.read(folder.resolve("none.npy")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.npy")
        .hasCauseInstanceOf(NoSuchFileException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3, x), };has a malformed .npy header",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (3,), };has a malformed .npy header",
        "not a dictionary;has a malformed .npy header",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), };which no"
            + " file can hold",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), };which no file"
            + " can hold",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3000000000,), };has the shape"
            + " [3000000000], expected at most 2147483639 numbers on the heap"
      })
  void namesWhatIsWrongWithAHeader(String header, String reason) {
    byte[] file = file(1, header);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(new ByteArrayInputStream(file), "file"))
        .withMessageStartingWith("file ")
        .withMessageContaining(reason);
  }

  @Test
  void readsHeadersOfOtherWriters() {
    byte[] file = file(1, "{\"shape\":(2L,1L),\"fortran_order\":False,\"descr\":\"<f4\"}");
    byte[] whole = Arrays.copyOf(file, file.length + 8);
    assertThat(NpyArray.read(new ByteArrayInputStream(whole), "file").shape())
        .containsExactly(2, 1);
  }

  @Test
  void namesAnUnknownVersionAndAnAbsurdHeaderLength() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(new ByteArrayInputStream(file(9, "{}")), "file"))
        .withMessage("file has .npy version 9, expected 1, 2 or 3");
    byte[] absurd = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.read(new ByteArrayInputStream(absurd), "file"))
        .withMessage("file declares a .npy header of 4294967295 bytes, expected at most 1048576");
  }

  private static byte[] file(int version, String header) {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    byte[] file = new byte[10 + text.length];
    System.arraycopy(
        new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0, (byte) text.length, 0},
        0,
        file,
        0,
        10);
    System.arraycopy(text, 0, file, 10, text.length);
    return file;
  }

  @Test
  void rejectsAShapeThatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyArray.of(new int[5], 2, 3))
        .withMessage("shape [2, 3] holds 6 numbers, but the array has 5");
  }

  @Test
  void reportsAStreamThatFails() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("unplugged");
          }
        };
    assertThatThrownBy(() -> NpyArray.read(broken, "cable"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot read cable: unplugged")
        .hasRootCauseMessage("unplugged");
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("full");
          }
        };
    assertThatThrownBy(() -> NpyWriter.write(full, Tensor.zeros(ElementType.FLOAT32, 2)))
        .isInstanceOf(UncheckedIOException.class)
        .hasRootCauseMessage("full");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void appendsRowsAsOneFile(long seed) throws IOException {
    Random random = new Random(seed);
    int rows = 3_000 + random.nextInt(1_000);
    int columns = 100 + random.nextInt(300);
    Tensor whole = Tensor.zeros(ElementType.FLOAT32, rows, columns);
    for (int i = 0; i < whole.size(); i++) {
      whole.set(i, random.nextFloat());
    }
    Path path = folder.resolve("rows.npy");
    try (NpyWriter writer = NpyWriter.create(path, rows, columns)) {
      int count;
      for (int row = 0; row < rows; row += count) {
        count = Math.min(1 + random.nextInt(900), rows - row);
        writer.append(Arrays.copyOfRange(whole.floats(), row * columns, (row + count) * columns));
      }
      assertThat(writer)
          .hasToString(
              "NpyWriter["
                  + path
                  + ", "
                  + rows
                  + " of "
                  + rows
                  + " rows of "
                  + columns
                  + " numbers]");
    }
    Path expected = folder.resolve("expected.npy");
    NpyWriter.write(expected, whole);
    assertThat(path).hasSameBinaryContentAs(expected);
  }

  @Test
  void refusesTooManyTooFewAndBrokenRows() {
    Path path = folder.resolve("rows.npy");
    NpyWriter writer = NpyWriter.create(path, 2, 3);
    writer.append(new float[3]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.append(new float[4]))
        .withMessage("expected whole rows of 3 numbers, found 4 numbers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.append(new float[6]))
        .withMessage(path + " was created for 2 rows, found 3");
    assertThatIllegalStateException()
        .isThrownBy(writer::close)
        .withMessage(path + " was created for 2 rows, but got only 1");
    writer.close();
    assertThat(folder).isEmptyDirectory();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyWriter.create(path, 2, 0))
        .withMessage("columns must be positive, found 0");
    assertThatThrownBy(() -> NpyWriter.create(folder.resolve("no/such/folder.npy"), 1, 1))
        .isInstanceOf(UncheckedIOException.class);
  }

  private Path npy(String descriptor, int... bits) throws IOException {
    String header =
        "{'descr': '"
            + descriptor
            + "', 'fortran_order': False, 'shape': (1, "
            + bits.length
            + ")}\n";
    ByteBuffer file =
        ByteBuffer.allocate(10 + header.length() + 2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.putShort((short) header.length()).put(header.getBytes(StandardCharsets.ISO_8859_1));
    for (int each : bits) {
      file.putShort((short) each);
    }
    return Files.write(folder.resolve("half.npy"), file.array());
  }

  @Test
  void widensNumbersOf16Bits() throws IOException {
    int[] half = {0x0000, 0x8000, 0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x3555};
    float[] halves = {0f, -0f, 1f, -2f, 0x1p-24f, 1023 * 0x1p-24f, 65504f, 0.333251953125f};
    int[] brain = {0x0000, 0x8000, 0x3f80, 0xc000, 0x7f7f, 0x3eab};
    float[] brains = {0f, -0f, 1f, -2f, 3.3895314e38f, 0.333984375f};
    for (String[] each : new String[][] {{"<f2", "h"}, {"|V2", "b"}, {"bfloat16", "b"}}) {
      float[] expected = each[1].equals("h") ? halves : brains;
      Path path = npy(each[0], each[1].equals("h") ? half : brain);
      NpyArray read = NpyArray.read(path);
      assertThat(read.type()).isEqualTo(NpyType.FLOAT32);
      assertThat(read.tensor().floats()).containsExactly(expected);
      LanguageEmbeddings mapped = LanguageEmbeddings.npy(path);
      assertThat(mapped.elementType()).isEqualTo(ElementType.FLOAT32);
      assertThat(mapped.toTensor().floats()).containsExactly(expected);
    }
    for (int[] infinite : new int[][] {{0x7c00}, {0x7e00}, {0xfc00}}) {
      Path path = npy("<f2", infinite);
      assertThat(Float.isFinite(NpyArray.read(path).tensor().floats()[0])).isFalse();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LanguageEmbeddings.npy(path).toTensor())
          .withMessageContaining("row 0, column 0 is not finite");
    }
  }

  @Test
  void aLongHeaderIsReadWithoutRecursion() throws IOException {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1,".repeat(5000) + "), }\n";
    ByteBuffer file = ByteBuffer.allocate(14 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.putShort((short) header.length()).put(header.getBytes(StandardCharsets.ISO_8859_1));
    Path path = Files.write(folder.resolve("long.npy"), file.array());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageEmbeddings.npy(path))
        .withMessage(path + " has a shape of 5000 axes, expected at most 32");
  }

  @Test
  void aFullDiskLeavesTheOldFile() throws IOException {
    Path path = folder.resolve("rows.npy");
    NpyWriter.write(path, Tensor.zeros(ElementType.FLOAT32, 3, 4));
    byte[] before = Files.readAllBytes(path);
    for (int bytes : new int[] {0, 100, 5_000}) {
      try (FullDisk full = new FullDisk(bytes)) {
        assertThat(full).isNotNull();
        assertThatThrownBy(() -> NpyWriter.write(path, Tensor.zeros(ElementType.FLOAT64, 100, 40)))
            .isInstanceOf(UncheckedIOException.class)
            .hasMessage("cannot write " + path + ": " + FullDisk.REASON);
        NpyWriter rows = NpyWriter.create(path, 100, 400);
        assertThatThrownBy(
                () -> {
                  try (rows) {
                    rows.append(new float[100 * 400]);
                  }
                })
            .isInstanceOf(UncheckedIOException.class)
            .hasMessage("cannot write " + path + ": " + FullDisk.REASON);
      }
      assertThat(path).hasBinaryContent(before);
      assertThat(folder.toFile().list()).containsExactly("rows.npy");
    }
  }
}
