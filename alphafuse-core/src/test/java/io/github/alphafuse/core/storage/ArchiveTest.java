package io.github.alphafuse.core.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.Mutations;
import io.github.alphafuse.core.internal.FullDisk;
import io.github.alphafuse.core.internal.npy.NpyArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TimeZone;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
  private static final ArchiveFormat MODEL = new ArchiveFormat("model", 2);
  private static final ArchiveFormat PROJECTOR = new ArchiveFormat("projector", 1);

  @TempDir Path folder;

  private static Tensor random(ElementType type, long seed, int... shape) {
    Random random = new Random(seed);
    Tensor tensor = Tensor.zeros(type, shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.set(i, random.nextGaussian());
    }
    return tensor;
  }

  private static void checkEqual(Tensor found, Tensor expected) {
    assertThat(found.elementType()).isEqualTo(expected.elementType());
    assertThat(found.shape()).containsExactly(expected.shape());
    assertThat(found.to(ElementType.FLOAT64).doubles())
        .containsExactly(expected.to(ElementType.FLOAT64).doubles());
  }

  private Path save(String name, Consumer<ArchiveWriter> content) {
    Path path = folder.resolve(name);
    try (ArchiveWriter archive = ArchiveWriter.create(path, MODEL)) {
      content.accept(archive);
      archive.commit();
    }
    return path;
  }

  /** What every part of the format is used in; also the content of the fixture. */
  private static void writeSample(ArchiveWriter archive) {
    archive
        .setting("dim", 128)
        .setting("seed", 1L << 40)
        .setting("dropout", 0.1)
        .setting("standardize", true)
        .setting("name", "caf\u00e9 <\"\ud83d\ude00\">")
        .setting("rounding", RoundingMode.HALF_EVEN)
        .array("weights", random(ElementType.FLOAT32, 1, 3, 4))
        .array("bias", random(ElementType.FLOAT64, 2, 5))
        .array("scalar", Tensor.of(new double[] {2.5}))
        .integers("counts", new int[] {1, -2, 3})
        .text("ids", List.of("a", "", "b\r\u2028", "\ud83d\ude00"))
        .text("nothing", List.of());
    ArchiveWriter projector = archive.section("projector", PROJECTOR);
    projector.setting("dim", 64).array("weights", random(ElementType.FLOAT32, 3, 2, 2));
    projector.section("inner").setting("deep", 1).text("ids", List.of("x"));
  }

  private static void checkSample(ArchiveReader archive) {
    assertThat(archive.intSetting("dim")).isEqualTo(128);
    assertThat(archive.longSetting("seed")).isEqualTo(1L << 40);
    assertThat(archive.doubleSetting("dropout")).isEqualTo(0.1);
    assertThat(archive.doubleSetting("dim")).isEqualTo(128);
    assertThat(archive.booleanSetting("standardize")).isTrue();
    assertThat(archive.stringSetting("name")).isEqualTo("caf\u00e9 <\"\ud83d\ude00\">");
    assertThat(archive.enumSetting("rounding", RoundingMode.class))
        .isEqualTo(RoundingMode.HALF_EVEN);
    checkEqual(archive.array("weights"), random(ElementType.FLOAT32, 1, 3, 4));
    checkEqual(archive.array("weights", -1, 4), random(ElementType.FLOAT32, 1, 3, 4));
    checkEqual(archive.array("bias"), random(ElementType.FLOAT64, 2, 5));
    checkEqual(archive.array("scalar"), Tensor.of(new double[] {2.5}));
    assertThat(archive.integers("counts")).containsExactly(1, -2, 3);
    assertThat(archive.text("ids")).containsExactly("a", "", "b\r\u2028", "\ud83d\ude00");
    assertThat(archive.text("nothing")).isEmpty();
    assertThat(archive.hasSection("projector")).isTrue();
    assertThat(archive.hasSection("inner")).isFalse();
    assertThat(archive.hasSetting("dim")).isTrue();
    assertThat(archive.hasSetting("projector")).isFalse();
    assertThat(archive.hasArray("bias")).isTrue();
    assertThat(archive.hasText("ids")).isTrue();
    ArchiveReader projector = archive.section("projector", PROJECTOR);
    assertThat(projector.format()).isEqualTo(PROJECTOR);
    assertThat(projector.intSetting("dim")).isEqualTo(64);
    assertThat(projector.hasArray("bias")).isFalse();
    assertThat(projector.hasText("ids")).isFalse();
    checkEqual(projector.array("weights"), random(ElementType.FLOAT32, 3, 2, 2));
    ArchiveReader inner = projector.section("inner");
    assertThat(inner.format()).isEqualTo(PROJECTOR);
    assertThat(inner.intSetting("deep")).isEqualTo(1);
    assertThat(inner.text("ids")).containsExactly("x");
    inner.close();
    assertThat(projector.intSetting("dim")).isEqualTo(64);
  }

  @Test
  void readsWhatItWrote() {
    Path path = save("model.zip", ArchiveTest::writeSample);
    try (ArchiveReader archive = ArchiveReader.open(path, MODEL)) {
      assertThat(archive.format()).isEqualTo(MODEL);
      assertThat(archive.libraryVersion()).isEqualTo("development");
      assertThat(archive).hasToString("ArchiveReader[" + path + ", model 2]");
      assertThat(archive.section("projector"))
          .hasToString("ArchiveReader[" + path + ", projector/ projector 1]");
      checkSample(archive);
    }
  }

  /** Written once by {@link #writeSample}; whatever changes, this file stays readable. */
  @Test
  void readsTheFirstFormat() {
    Path path = Path.of("src/test/resources/storage/archive-v1.zip");
    try (ArchiveReader archive = ArchiveReader.open(path, MODEL)) {
      assertThat(archive.format()).isEqualTo(new ArchiveFormat("model", 1));
      checkSample(archive);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void roundTripsAnyContent(long seed) {
    Random random = new Random(seed);
    List<Tensor> tensors = new ArrayList<>();
    List<List<String>> texts = new ArrayList<>();
    double[] numbers = random.doubles(20, -1, 1).map(x -> x * Math.exp(600 * x)).toArray();
    for (int i = 0; i < 1 + random.nextInt(6); i++) {
      int[] shape = random.ints(random.nextInt(4), 0, 60).toArray();
      tensors.add(
          random(random.nextBoolean() ? ElementType.FLOAT32 : ElementType.FLOAT64, i, shape));
      texts.add(
          IntStream.range(0, random.nextInt(3000))
              .mapToObj(line -> "\u00fc".repeat(random.nextInt(30)) + "\ud83d\ude00")
              .toList());
    }
    Path path =
        save(
            "random.zip",
            archive -> {
              for (int i = 0; i < tensors.size(); i++) {
                archive.array("t" + i, tensors.get(i)).text("t" + i, texts.get(i));
              }
              for (int i = 0; i < numbers.length; i++) {
                archive.setting("n" + i, numbers[i]);
              }
              archive.setting("zero", -0.0);
            });
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      IntStream.range(0, tensors.size())
          .parallel()
          .forEach(
              i -> {
                checkEqual(archive.array("t" + i), tensors.get(i));
                assertThat(archive.text("t" + i)).isEqualTo(texts.get(i));
              });
      for (int i = 0; i < numbers.length; i++) {
        assertThat(archive.doubleSetting("n" + i)).isEqualTo(numbers[i]);
      }
      assertThat(1 / archive.doubleSetting("zero")).isEqualTo(Double.NEGATIVE_INFINITY);
    }
  }

  @Test
  void isAZipFileOfStoredEntriesAndAlwaysTheSame() throws IOException {
    Path path = save("one.zip", ArchiveTest::writeSample);
    assertThat(save("two.zip", ArchiveTest::writeSample)).hasSameBinaryContentAs(path);
    try (ZipFile zip = new ZipFile(path.toFile())) {
      assertThat(zip.stream().map(ZipEntry::getName))
          .containsExactlyInAnyOrder(
              "manifest.json",
              "arrays/weights.npy",
              "arrays/bias.npy",
              "arrays/scalar.npy",
              "arrays/counts.npy",
              "arrays/projector/weights.npy",
              "texts/ids.txt",
              "texts/nothing.txt",
              "texts/projector/inner/ids.txt");
      assertThat(zip.stream().mapToInt(ZipEntry::getMethod)).containsOnly(ZipEntry.STORED);
      String manifest =
          new String(
              zip.getInputStream(zip.getEntry("manifest.json")).readAllBytes(),
              StandardCharsets.UTF_8);
      assertThat(manifest)
          .contains("\"format\": \"model\"", "\"formatVersion\": 2", "\"archiveVersion\": 1")
          .contains("\"libraryVersion\": \"development\"", "\"settings\"", "\"checksums\"");
    }
  }

  @ParameterizedTest
  @CsvSource({"UTC, en", "Pacific/Apia, th-TH-u-nu-thai", "America/New_York, tr", "Asia/Tokyo, ar"})
  void theBytesDependOnNoTimeZoneAndNoLocale(String zone, String locale) throws IOException {
    TimeZone zoneBefore = TimeZone.getDefault();
    Locale localeBefore = Locale.getDefault();
    Path path;
    try {
      TimeZone.setDefault(TimeZone.getTimeZone(zone));
      Locale.setDefault(Locale.forLanguageTag(locale));
      path = folder.resolve("model.zip");
      try (ArchiveWriter archive = ArchiveWriter.create(path, new ArchiveFormat(MODEL.kind(), 1))) {
        writeSample(archive);
        archive.commit();
      }
    } finally {
      TimeZone.setDefault(zoneBefore);
      Locale.setDefault(localeBefore);
    }
    // Written in the time zone UTC, before the time stamp was fixed.
    assertThat(path).hasSameBinaryContentAs(Path.of("src/test/resources/storage/archive-v1.zip"));
  }

  @Test
  void aFullDiskLeavesTheOldArchive() throws IOException {
    Path path = save("model.zip", archive -> archive.setting("dim", 1));
    byte[] before = Files.readAllBytes(path);
    for (int bytes : new int[] {0, 100, 1000, 3000}) {
      try (FullDisk full = new FullDisk(bytes)) {
        assertThat(full).isNotNull();
        assertThatThrownBy(
                () ->
                    save(
                        "model.zip",
                        archive -> {
                          archive.array("large", random(ElementType.FLOAT32, 1, 200, 200));
                          writeSample(archive);
                        }))
            .isInstanceOf(UncheckedIOException.class)
            .hasMessage("cannot write " + path + ": " + FullDisk.REASON);
      }
      assertThat(path).hasBinaryContent(before);
      checkOnlyFile("model.zip");
    }
  }

  @Test
  void findsEveryFlippedBit() throws IOException {
    byte[] good = Files.readAllBytes(save("model.zip", ArchiveTest::writeSample));
    Path path = folder.resolve("flipped.zip");
    for (int place = 0; place < good.length; place++) {
      byte[] bad = good.clone();
      bad[place] ^= (byte) (1 << (place % 8));
      Files.write(path, bad);
      assertThatIllegalArgumentException()
          .as("byte %s", place)
          .isThrownBy(() -> ArchiveReader.open(path, MODEL))
          .withMessageStartingWith(path.toString());
    }
  }

  @Test
  void namesTheDamagedEntry() throws IOException {
    Path path = save("model.zip", ArchiveTest::writeSample);
    byte[] bytes = Files.readAllBytes(path);
    // The numbers of the first array: behind its zip header and its .npy header.
    bytes[30 + "arrays/weights.npy".length() + 128 + 5] ^= 1;
    Files.write(path, bytes);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(path, MODEL))
        .withMessageMatching(
            ".*model.zip is damaged: entry arrays/weights.npy: expected checksum"
                + " crc32c:[0-9a-f]{8}, found crc32c:[0-9a-f]{8}");
    bytes = Files.readAllBytes(save("model.zip", ArchiveTest::writeSample));
    bytes[10] ^= 1;
    Files.write(path, bytes);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(path, MODEL))
        .withMessage(path + " is damaged: its bytes do not match the checksum at its end");
  }

  @Test
  void findsEveryTruncationAndWhatIsAppended() throws IOException {
    byte[] good = Files.readAllBytes(save("model.zip", ArchiveTest::writeSample));
    Path path = folder.resolve("cut.zip");
    for (int length = 0; length < good.length; length++) {
      Files.write(path, Arrays.copyOf(good, length));
      assertThatIllegalArgumentException()
          .as("length %s", length)
          .isThrownBy(() -> ArchiveReader.open(path, MODEL))
          .withMessageStartingWith(path.toString());
    }
    Files.write(path, Arrays.copyOf(good, good.length / 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(path, MODEL))
        .withMessageContaining("is truncated or was not written by this library: expected crc32c:");
    Files.write(path, Arrays.copyOf(good, good.length + 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(path, MODEL))
        .withMessageStartingWith(path + " is truncated or was not written by this library");
  }

  @Test
  void namesWhatIsNotAnArchive() throws IOException {
    byte[] noise = new byte[5000];
    new Random(4).nextBytes(noise);
    Path random = Files.write(folder.resolve("random.zip"), noise);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(random, MODEL))
        .withMessageStartingWith(
            random + " is not an archive: expected it to start with 504b0304, found ");
    Path empty = Files.createFile(folder.resolve("empty.zip"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(empty, MODEL))
        .withMessage(empty + " is empty, expected an archive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(folder, MODEL))
        .withMessage(folder + " is a directory, expected an archive file");
    Path npz = Path.of("src/test/resources/language/arrays.npz");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(npz, MODEL))
        .withMessageStartingWith(npz + " is truncated or was not written by this library");
    assertThatThrownBy(() -> ArchiveReader.open(folder.resolve("none.zip"), MODEL))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.zip")
        .hasCauseInstanceOf(NoSuchFileException.class);
  }

  @Test
  void namesAWrongKindAndANewerVersion() {
    Path path = save("model.zip", ArchiveTest::writeSample);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(path, PROJECTOR))
        .withMessage(path + " holds a model, expected a projector");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(path, new ArchiveFormat("model", 1)))
        .withMessage(
            path
                + " has format version 2 of model, written by library version development; the"
                + " newest that version development of the library reads is 1");
    ArchiveReader.open(path, new ArchiveFormat("model", 3)).close();
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> archive.section("projector", MODEL))
          .withMessage(path + ": section projector/ holds a projector, expected a model");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> archive.section("items"))
          .withMessage(path + ": section items is missing, found [projector, projector/inner]");
    }
  }

  @Test
  void readsIntoWeightsOfTheSameShapeAndType() {
    Path path = save("model.zip", ArchiveTest::writeSample);
    try (ArchiveReader archive = ArchiveReader.open(path, MODEL)) {
      Tensor weights = Tensor.zeros(ElementType.FLOAT32, 3, 4);
      Tensor bias = Tensor.zeros(ElementType.FLOAT64, 5);
      archive.readInto(Map.of("weights", weights, "bias", bias));
      checkEqual(weights, random(ElementType.FLOAT32, 1, 3, 4));
      checkEqual(bias, random(ElementType.FLOAT64, 2, 5));
      Tensor single = Tensor.zeros(ElementType.FLOAT32, 5);
      checkError(
          () -> archive.readInto(Map.of("bias", single)),
          path + ": weight 'bias' must be of type FLOAT32, found " + bias);
      checkError(
          () -> archive.array("weights", bias),
          path + ": array weights: expected shape [5], found [3, 4]");
    }
  }

  @Test
  void namesWhatIsMissingOrOfAnotherTypeOrShape() {
    Path path = save("model.zip", ArchiveTest::writeSample);
    try (ArchiveReader archive = ArchiveReader.open(path, MODEL)) {
      ArchiveReader projector = archive.section("projector");
      checkError(() -> archive.array("none"), path + ": entry arrays/none.npy is missing");
      checkError(() -> archive.text("none"), path + ": entry texts/none.txt is missing");
      checkError(
          () -> archive.array("counts"),
          path + ": array counts: expected <f4 or <f8, found <i4[3]");
      checkError(() -> archive.integers("bias"), path + ": array bias: expected <i4, found <f8[5]");
      checkError(
          () -> archive.array("weights", 3, 5),
          path + ": array weights: expected shape [3, 5], found [3, 4]");
      checkError(
          () -> projector.array("weights", 2),
          path + ": array projector/weights: expected shape [2], found [2, 2]");
      checkError(() -> archive.intSetting("none"), path + ": setting none is missing");
      checkError(
          () -> projector.intSetting("dropout"), path + ": setting projector/dropout is missing");
      checkError(() -> archive.stringSetting("projector"), path + ": setting projector is missing");
      checkError(
          () -> archive.intSetting("dropout"),
          path + ": setting dropout: expected an integer of 32 bits, found 0.1");
      checkError(
          () -> archive.intSetting("seed"),
          path + ": setting seed: expected an integer of 32 bits, found 1099511627776");
      checkError(
          () -> archive.longSetting("name"),
          path
              + ": setting name: expected an integer of 64 bits, found"
              + " \"caf\u00e9 <\\\"\ud83d\ude00\\\">\"");
      checkError(
          () -> archive.doubleSetting("standardize"),
          path + ": setting standardize: expected a number, found true");
      checkError(
          () -> archive.booleanSetting("dim"),
          path + ": setting dim: expected true or false, found 128");
      checkError(
          () -> archive.stringSetting("dim"), path + ": setting dim: expected a string, found 128");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> archive.enumSetting("name", RoundingMode.class))
          .withMessageStartingWith(path + ": setting name: expected one of [UP, DOWN,");
    }
  }

  private static void checkError(Runnable action, String message) {
    assertThatIllegalArgumentException().isThrownBy(action::run).withMessage(message);
  }

  /** Writes a zip file with a right seal, whatever is in it. */
  private Path forge(ArchiveManifest manifest, String... entries) throws IOException {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      contents.put(entries[i], entries[i + 1].getBytes(StandardCharsets.ISO_8859_1));
    }
    if (!manifest.root().keySet().isEmpty()) {
      contents.put(ArchiveManifest.ENTRY, manifest.toBytes());
    }
    return Files.write(folder.resolve("forged.zip"), Mutations.sealed(contents));
  }

  private static String checksum(String content) {
    CRC32C checksum = new CRC32C();
    checksum.update(content.getBytes(StandardCharsets.ISO_8859_1));
    return Seal.format(checksum);
  }

  @Test
  void rejectsEntriesThatDoNotFitTheManifest() throws IOException {
    ArchiveManifest manifest = ArchiveManifest.create(MODEL);
    Path path = forge(manifest, "texts/ids.txt", "a\n");
    checkError(
        () -> ArchiveReader.open(path),
        path + ": entries [texts/ids.txt] are not listed in its manifest");
    JsonObject description = new JsonObject();
    description.addProperty("lines", 2);
    manifest.add("texts/ids.txt", description, checksum("a\n"));
    forge(manifest);
    checkError(() -> ArchiveReader.open(path), path + ": entries [texts/ids.txt] are missing");
    forge(manifest, "texts/ids.txt", "a\n");
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      checkError(
          () -> archive.text("ids"), path + ": entry texts/ids.txt: expected 2 lines, found 1");
    }
    forge(manifest, "texts/ids.txt", "b\n");
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      checkError(
          () -> archive.text("ids"),
          path
              + ": entry texts/ids.txt: expected checksum "
              + checksum("a\n")
              + ", found "
              + checksum("b\n"));
    }
    forge(manifest, "texts/ids.txt", "a\nb");
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      checkError(
          () -> archive.text("ids"), path + ": entry texts/ids.txt: the last line has no end");
    }
    forge(manifest, "texts/ids.txt", "\u00ff\n");
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      checkError(() -> archive.text("ids"), path + ": entry texts/ids.txt is not UTF-8");
    }
  }

  @Test
  void rejectsArraysThatDoNotFitTheManifest() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    NpyArray.of(Tensor.zeros(ElementType.FLOAT32, 2, 3)).write(bytes);
    String content = bytes.toString(StandardCharsets.ISO_8859_1);
    ArchiveManifest manifest = ArchiveManifest.create(MODEL);
    JsonObject description = new JsonObject();
    description.addProperty("dtype", "<f8");
    manifest.add("arrays/w.npy", description, checksum(content));
    Path path = forge(manifest, "arrays/w.npy", content);
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      checkError(
          () -> archive.array("w"),
          path
              + ": entry arrays/w.npy: expected {\"dtype\":\"<f8\"}, found"
              + " {\"dtype\":\"<f4\",\"shape\":[2,3]}");
    }
    forge(manifest, "arrays/w.npy", content.substring(1));
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> archive.array("w"))
          .withMessageStartingWith(path + ": entry arrays/w.npy is not a .npy array");
    }
  }

  @Test
  void refusesCompressedEntries() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Seal.Stream sealed = new Seal.Stream(bytes);
    try (ZipOutputStream zip = new ZipOutputStream(sealed)) {
      zip.setComment(Seal.blank());
      zip.putNextEntry(new ZipEntry(ArchiveManifest.ENTRY));
      zip.write(ArchiveManifest.create(MODEL).toBytes());
    }
    byte[] file = bytes.toByteArray();
    System.arraycopy(sealed.seal(), 0, file, file.length - Seal.LENGTH, Seal.LENGTH);
    Path path = Files.write(folder.resolve("forged.zip"), file);
    checkError(
        () -> ArchiveReader.open(path),
        path + ": entry manifest.json is compressed, expected it to be stored");
  }

  @Test
  void rejectsAMalformedManifest() throws IOException {
    Path path = forge(new ArchiveManifest(new JsonObject()), "manifest.json", "{\"format\":");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(path))
        .withMessageStartingWith(path + ": manifest.json is malformed");
    forge(new ArchiveManifest(new JsonObject()), "manifest.json", "[1]");
    checkError(() -> ArchiveReader.open(path), path + ": manifest.json: expected a JSON object");
    forge(new ArchiveManifest(new JsonObject()), "readme.txt", "hello");
    checkError(() -> ArchiveReader.open(path), path + ": entry manifest.json is missing");
    for (String part : ArchiveManifest.create(MODEL).root().keySet()) {
      ArchiveManifest incomplete = ArchiveManifest.create(MODEL);
      incomplete.root().remove(part);
      forge(incomplete);
      assertThatIllegalArgumentException()
          .as(part)
          .isThrownBy(() -> ArchiveReader.open(path).libraryVersion())
          .withMessageStartingWith(path.toString());
    }
    ArchiveManifest newer = ArchiveManifest.create(MODEL);
    newer.root().addProperty("archiveVersion", 2);
    forge(newer);
    checkError(
        () -> ArchiveReader.open(path),
        path
            + ": archive version 2 was written by library version development, expected 1, which is"
            + " what version development reads");
  }

  private void checkOnlyFile(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly(name);
    }
  }

  @Test
  void replacesAFileAtOnceOrNotAtAll() throws IOException {
    Path path = save("model.zip", archive -> archive.setting("dim", 1));
    byte[] before = Files.readAllBytes(path);
    // No commit.
    try (ArchiveWriter archive = ArchiveWriter.create(path, MODEL)) {
      archive.array("weights", random(ElementType.FLOAT32, 1, 100, 100));
      assertThat(path).hasBinaryContent(before);
      assertThat(archive).hasToString("ArchiveWriter[" + path + ", model 2]");
    }
    checkOnlyFile("model.zip");
    // An error while writing.
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> save("model.zip", archive -> archive.setting("dim", 2).setting("dim", 3)));
    assertThat(path).hasBinaryContent(before);
    checkOnlyFile("model.zip");
    save("model.zip", archive -> archive.setting("dim", 2));
    checkOnlyFile("model.zip");
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      assertThat(archive.intSetting("dim")).isEqualTo(2);
    }
  }

  @Test
  void leavesNoTemporaryFileWhenTheRenameFails() throws IOException {
    Path path = folder.resolve("model.zip");
    ArchiveWriter archive = ArchiveWriter.create(path, MODEL);
    // The target's name is taken by a folder that is not empty.
    Files.createDirectories(path.resolve("in/the/way"));
    assertThatThrownBy(archive::commit)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("cannot write " + path + ": ");
    checkOnlyFile("model.zip");
    assertThat(path).isDirectory();
    assertThatIllegalStateException().isThrownBy(archive::commit);
    archive.close();
  }

  @Test
  void refusesToWriteAfterTheEnd() throws IOException {
    Path path = folder.resolve("model.zip");
    ArchiveWriter archive = ArchiveWriter.create(path, MODEL);
    ArchiveWriter section = archive.section("part");
    assertThatIllegalStateException()
        .isThrownBy(section::commit)
        .withMessage("section part/ cannot be committed, only the whole archive");
    section.close();
    section.setting("dim", 3);
    archive.commit();
    assertThatIllegalStateException()
        .isThrownBy(() -> section.array("weights", Tensor.zeros(ElementType.FLOAT32, 1)))
        .withMessage("the archive " + path + " is closed, or broken by a failed write");
    assertThatIllegalStateException().isThrownBy(() -> archive.setting("dim", 1));
    archive.close();
    try (ArchiveReader reader = ArchiveReader.open(path)) {
      assertThat(reader.section("part").intSetting("dim")).isEqualTo(3);
    }
  }

  @Test
  void namesWhatCannotBeWritten() {
    Path path = folder.resolve("model.zip");
    try (ArchiveWriter archive = ArchiveWriter.create(path, MODEL)) {
      archive
          .setting("dim", 1)
          .array("w", Tensor.zeros(ElementType.FLOAT32, 1))
          .text("t", List.of());
      archive.section("s");
      checkError(() -> archive.setting("dim", 2.0), "setting or section dim is there already");
      checkError(() -> archive.setting("s", 2), "setting or section s is there already");
      checkError(() -> archive.section("dim"), "setting or section dim is there already");
      checkError(() -> archive.section("s"), "setting or section s is there already");
      checkError(() -> archive.integers("w", new int[1]), "entry arrays/w.npy is there already");
      checkError(() -> archive.text("t", List.of()), "entry texts/t.txt is there already");
      checkError(() -> archive.setting("x", Double.NaN), "setting x must be finite, found NaN");
      checkError(
          () -> archive.text("u", List.of("a", "b\nc")), "text u: line 1 has a line feed within");
      checkError(() -> archive.text("u", List.of("\ud83d")), "text u: line 0 is not valid Unicode");
      for (String name : List.of("", "../up", "a/b", ".hidden", "-x", "a b")) {
        checkError(
            () -> archive.array(name, Tensor.zeros(ElementType.FLOAT32, 1)),
            "name must be made of letters, digits, dots, hyphens and underscores, found '"
                + name
                + "'");
      }
      archive.text("u", List.of("still writable"));
    }
    checkError(
        () -> ArchiveWriter.create(folder, MODEL), folder + " is a directory, expected a file");
    assertThatThrownBy(() -> ArchiveWriter.create(folder.resolve("no/model.zip"), MODEL))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot write " + folder.resolve("no/model.zip") + ": no such file or folder");
    checkError(
        () -> new ArchiveFormat("Model", 1),
        "kind must be made of lower-case letters, digits and hyphens, found 'Model'");
    checkError(() -> new ArchiveFormat("model", 0), "version must be at least 1, found 0");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theSealLeavesOutItsOwnPlace(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] bytes = new byte[1000];
    random.nextBytes(bytes);
    Seal.Stream sealed = new Seal.Stream(OutputStream.nullOutputStream());
    int count;
    for (int done = 0; done < bytes.length; done += count) {
      count = Math.min(random.nextInt(40), bytes.length - done);
      sealed.write(bytes, done, count);
    }
    CRC32C expected = new CRC32C();
    expected.update(bytes, 0, bytes.length - Seal.LENGTH);
    assertThat(new String(sealed.seal(), StandardCharsets.ISO_8859_1))
        .isEqualTo(Seal.format(expected));
  }

  /** Takes 5 GB of disk: run with {@code -Dtest.heap=10g -Dalphafuse.large=true}. */
  @Test
  @EnabledIfSystemProperty(named = "alphafuse.large", matches = "true")
  void holdsMoreThanFourGigabytes() {
    Tensor large = Tensor.zeros(ElementType.FLOAT32, 1_100_000, 1000);
    for (int i = 0; i < large.size(); i += 999) {
      large.set(i, i);
    }
    Path path =
        save(
            "large.zip",
            archive ->
                archive.array("large", large).array("after", random(ElementType.FLOAT32, 1, 9)));
    assertThat(path.toFile().length()).isGreaterThan(4L << 30);
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      assertThat(Arrays.equals(archive.array("large").floats(), large.floats())).isTrue();
      checkEqual(archive.array("after"), random(ElementType.FLOAT32, 1, 9));
    }
  }
}
