package io.github.alphafuse.core.storage;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.common.math.LongMath;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FileFailure;
import io.github.alphafuse.core.internal.npy.NpyArray;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A reader of files that {@link ArchiveWriter} wrote.
 *
 * <p>Opening reads the whole file once and compares a checksum over all of it, so that a single
 * changed byte is found before anything is used. Each entry has a checksum of its own, which is
 * compared again when the entry is read. Every error names the file, the entry or setting, what was
 * expected and what was found. Entries that the manifest does not list are an error. Settings that
 * are never read are not.
 *
 * <p>Immutable and thread-safe until it is closed, and so are its sections.
 */
public final class ArchiveReader implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final long LARGEST_MANIFEST = 1 << 24;

  private final Path path;
  private final ZipFile zip;
  private final ArchiveManifest manifest;
  private final ArchiveFormat format;
  private final String prefix;
  private final JsonObject settings;

  private ArchiveReader(Path path, ZipFile zip, ArchiveManifest manifest) {
    this.path = path;
    this.zip = zip;
    this.manifest = manifest;
    this.format = manifest.format();
    this.prefix = "";
    this.settings = manifest.settings();
  }

  private ArchiveReader(ArchiveReader parent, String name) {
    this.path = parent.path;
    this.zip = parent.zip;
    this.manifest = parent.manifest;
    this.format = manifest.sectionFormat(parent.prefix + name);
    this.prefix = parent.prefix + name + "/";
    JsonElement nested = parent.settings.get(name);
    checkArgument(
        nested != null && nested.isJsonObject(),
        "%s: section %s%s has no settings",
        path,
        parent.prefix,
        name);
    this.settings = nested.getAsJsonObject();
  }

  /**
   * Opens an archive that must be of a known format.
   *
   * @param path the file
   * @param supported the kind it must be of, and the newest version of it that the caller reads
   * @return the reader, to be closed by the caller
   * @throws IllegalArgumentException if the file is not an archive, is damaged, of another kind, or
   *     of a newer version
   * @throws UncheckedIOException if the file cannot be read
   */
  public static ArchiveReader open(Path path, ArchiveFormat supported) {
    ArchiveReader archive = open(path);
    try {
      archive.checkFormat(supported);
      return archive;
    } catch (IllegalArgumentException e) {
      archive.close();
      throw e;
    }
  }

  /**
   * Opens an archive of any kind. The caller decides by {@link #format} what to do with it.
   *
   * @param path the file
   * @return the reader, to be closed by the caller
   * @throws IllegalArgumentException if the file is not an archive or is damaged
   * @throws UncheckedIOException if the file cannot be read
   */
  public static ArchiveReader open(Path path) {
    checkArgument(!Files.isDirectory(path), "%s is a directory, expected an archive file", path);
    try {
      if (!Seal.matches(path)) {
        throw new IllegalArgumentException(
            path
                + " is damaged: "
                + damagedEntry(path).orElse("its bytes do not match the checksum at its end"));
      }
      return openSealed(path);
    } catch (ZipException e) {
      throw new IllegalArgumentException(path + " is not a zip file: " + e.getMessage(), e);
    } catch (IOException e) {
      throw FileFailure.reading(path, e);
    }
  }

  private static ArchiveReader openSealed(Path path) throws IOException {
    ZipFile zip = new ZipFile(path.toFile());
    try {
      ZipEntry entry = zip.getEntry(ArchiveManifest.ENTRY);
      checkArgument(entry != null, "%s: entry %s is missing", path, ArchiveManifest.ENTRY);
      requireStored(path, zip);
      checkArgument(
          entry.getSize() <= LARGEST_MANIFEST,
          "%s: entry %s has %s bytes, expected at most %s",
          path,
          ArchiveManifest.ENTRY,
          entry.getSize(),
          LARGEST_MANIFEST);
      byte[] json;
      try (InputStream in = zip.getInputStream(entry)) {
        json = in.readAllBytes();
      }
      ArchiveManifest manifest = ArchiveManifest.parse(json, path.toString());
      Set<String> expected =
          Sets.union(manifest.entries().keySet(), ImmutableSet.of(ArchiveManifest.ENTRY));
      Set<String> found = zip.stream().map(ZipEntry::getName).collect(toImmutableSet());
      Set<String> missing = Sets.difference(expected, found);
      Set<String> unknown = Sets.difference(found, expected);
      checkArgument(missing.isEmpty(), "%s: entries %s are missing", path, missing);
      checkArgument(
          unknown.isEmpty(), "%s: entries %s are not listed in its manifest", path, unknown);
      return new ArchiveReader(path, zip, manifest);
    } catch (IllegalArgumentException | IOException e) {
      zip.close();
      throw e;
    }
  }

  /**
   * Checks that the bytes of the file cover what its entries declare, so that no more memory is
   * taken for an entry than the file is long.
   */
  private static void requireStored(Path path, ZipFile zip) throws IOException {
    long left = Files.size(path);
    for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
      checkArgument(
          entry.getMethod() == ZipEntry.STORED && entry.getSize() == entry.getCompressedSize(),
          "%s: entry %s is compressed, expected it to be stored",
          path,
          entry.getName());
      left -= entry.getSize();
      checkArgument(
          entry.getSize() >= 0 && left >= 0, "%s: its entries are longer than the file", path);
    }
  }

  /** Finds the damaged entry of a damaged file, if that is possible. */
  private static Optional<String> damagedEntry(Path path) {
    try (ArchiveReader archive = openSealed(path)) {
      for (String entry : archive.manifest.entries().keySet()) {
        String expected = archive.manifest.checksum(entry);
        String found = archive.checksum(entry);
        if (!expected.equals(found)) {
          return Optional.of(
              "entry " + entry + ": expected checksum " + expected + ", found " + found);
        }
      }
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private String checksum(String entry) throws IOException {
    CRC32C checksum = new CRC32C();
    try (InputStream in =
        new CheckedInputStream(zip.getInputStream(zip.getEntry(entry)), checksum)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      while (in.read(buffer) >= 0) {}
    }
    return Seal.format(checksum);
  }

  private void checkFormat(ArchiveFormat supported) {
    String where = prefix.isEmpty() ? path.toString() : path + ": section " + prefix;
    checkArgument(
        format.kind().equals(supported.kind()),
        "%s holds a %s, expected a %s",
        where,
        format.kind(),
        supported.kind());
    checkArgument(
        format.version() <= supported.version(),
        "%s has format version %s of %s, written by library version %s; the newest that version %s"
            + " of the library reads is %s",
        where,
        format.version(),
        format.kind(),
        manifest.libraryVersion(),
        ArchiveManifest.currentLibraryVersion(),
        supported.version());
  }

  /**
   * The checksum of the whole file, by which its contents are told apart. It does not protect
   * against forgery.
   *
   * @return 8 hexadecimal digits
   */
  public String checksum() {
    return Seal.digits(zip.getComment());
  }

  /**
   * The format of the archive, or of this section.
   *
   * @return kind and version
   */
  public ArchiveFormat format() {
    return format;
  }

  /**
   * The version of the library that wrote the archive.
   *
   * @return {@code development} if it did not run from a released jar
   */
  public String libraryVersion() {
    return manifest.libraryVersion();
  }

  /**
   * Whether there is a section.
   *
   * @param name its name
   * @return true if there is
   */
  public boolean hasSection(String name) {
    return manifest.sections().has(prefix + name);
  }

  /**
   * A section of the archive, with names and settings of its own.
   *
   * @param name the section's name
   * @param supported the kind it must be of, and the newest version of it that the caller reads
   * @return a view, closed with the whole archive
   * @throws IllegalArgumentException if there is no such section, or it is of another kind or of a
   *     newer version
   */
  public ArchiveReader section(String name, ArchiveFormat supported) {
    ArchiveReader section = section(name);
    section.checkFormat(supported);
    return section;
  }

  /**
   * A section of the archive, of any kind.
   *
   * @param name the section's name
   * @return a view, closed with the whole archive
   * @throws IllegalArgumentException if there is no such section
   */
  public ArchiveReader section(String name) {
    checkArgument(
        hasSection(name),
        "%s: section %s%s is missing, found %s",
        path,
        prefix,
        name,
        manifest.sections().keySet());
    return new ArchiveReader(this, name);
  }

  /**
   * Whether there is a setting.
   *
   * @param name its name
   * @return true if there is
   */
  public boolean hasSetting(String name) {
    return settings.has(name) && !hasSection(name);
  }

  /**
   * All settings of the archive or section, as text.
   *
   * @return values by name, those of sections under {@code SECTION.NAME}
   */
  public ImmutableMap<String, String> settings() {
    ImmutableMap.Builder<String, String> all = ImmutableMap.builder();
    collect("", settings, all);
    return all.buildOrThrow();
  }

  private static void collect(
      String prefix, JsonObject object, ImmutableMap.Builder<String, String> all) {
    object
        .entrySet()
        .forEach(
            entry -> {
              String name = prefix + entry.getKey();
              if (entry.getValue().isJsonObject()) {
                collect(name + ".", entry.getValue().getAsJsonObject(), all);
              } else if (entry.getValue().isJsonPrimitive()) {
                all.put(name, entry.getValue().getAsString());
              }
            });
  }

  /**
   * The types and shapes of all arrays of the archive or section, which are not read.
   *
   * @return for example {@code <f4[20000, 128]} by name, those of sections under {@code
   *     SECTION/NAME}
   */
  public ImmutableMap<String, String> arrays() {
    ImmutableMap.Builder<String, String> all = ImmutableMap.builder();
    String start = "arrays/" + prefix;
    manifest
        .entries()
        .entrySet()
        .forEach(
            entry -> {
              String name = entry.getKey();
              if (name.startsWith(start) && entry.getValue().isJsonObject()) {
                JsonObject description = entry.getValue().getAsJsonObject();
                all.put(
                    name.substring(start.length(), name.length() - ".npy".length()),
                    text(description, "dtype") + text(description, "shape").replace(",", ", "));
              }
            });
    return all.buildOrThrow();
  }

  private static String text(JsonObject object, String name) {
    JsonElement value = object.get(name);
    return value == null ? "" : value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  /**
   * An integer setting of 32 bits.
   *
   * @param name the setting
   * @return its value
   * @throws IllegalArgumentException if it is missing or not such an integer
   */
  public int intSetting(String name) {
    try {
      return number(name, "an integer of 32 bits").intValueExact();
    } catch (ArithmeticException e) {
      throw wrongType(name, "an integer of 32 bits");
    }
  }

  /**
   * An integer setting of 64 bits.
   *
   * @param name the setting
   * @return its value
   * @throws IllegalArgumentException if it is missing or not such an integer
   */
  public long longSetting(String name) {
    try {
      return number(name, "an integer of 64 bits").longValueExact();
    } catch (ArithmeticException e) {
      throw wrongType(name, "an integer of 64 bits");
    }
  }

  /**
   * A floating-point setting.
   *
   * @param name the setting
   * @return its value, which may have been written as an integer
   * @throws IllegalArgumentException if it is missing or not a number
   */
  public double doubleSetting(String name) {
    number(name, "a number");
    // Not through BigDecimal, which has no negative zero.
    double value = settings.get(name).getAsDouble();
    if (!Double.isFinite(value)) {
      throw wrongType(name, "a finite number");
    }
    return value;
  }

  /**
   * A boolean setting.
   *
   * @param name the setting
   * @return its value
   * @throws IllegalArgumentException if it is missing or not a boolean
   */
  public boolean booleanSetting(String name) {
    JsonElement value = setting(name);
    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean()) {
      return value.getAsBoolean();
    }
    throw wrongType(name, "true or false");
  }

  /**
   * A string setting.
   *
   * @param name the setting
   * @return its value
   * @throws IllegalArgumentException if it is missing or not a string
   */
  public String stringSetting(String name) {
    return string(name, "a string");
  }

  /**
   * A setting that names one of an enum's constants.
   *
   * @param name the setting
   * @param type the enum
   * @param <E> the enum
   * @return the constant
   * @throws IllegalArgumentException if the setting is missing or names no constant
   */
  public <E extends Enum<E>> E enumSetting(String name, Class<E> type) {
    String expected = "one of " + Arrays.toString(type.getEnumConstants());
    String value = string(name, expected);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(value)) {
        return constant;
      }
    }
    throw wrongType(name, expected);
  }

  private String string(String name, String expected) {
    JsonElement value = setting(name);
    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
      return value.getAsString();
    }
    throw wrongType(name, expected);
  }

  private BigDecimal number(String name, String expected) {
    JsonElement value = setting(name);
    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
      try {
        return value.getAsBigDecimal();
      } catch (NumberFormatException e) {
        throw wrongType(name, expected);
      }
    }
    throw wrongType(name, expected);
  }

  private JsonElement setting(String name) {
    checkArgument(hasSetting(name), "%s: setting %s%s is missing", path, prefix, name);
    return settings.get(name);
  }

  private IllegalArgumentException wrongType(String name, String expected) {
    return new IllegalArgumentException(
        path
            + ": setting "
            + prefix
            + name
            + ": expected "
            + expected
            + ", found "
            + settings.get(name));
  }

  /**
   * Whether there is an array of floating-point numbers or integers.
   *
   * @param name its name
   * @return true if there is
   */
  public boolean hasArray(String name) {
    return manifest.entries().has(ArchiveManifest.arrayEntry(prefix + name));
  }

  /**
   * Whether there is a text.
   *
   * @param name its name
   * @return true if there is
   */
  public boolean hasText(String name) {
    return manifest.entries().has(ArchiveManifest.textEntry(prefix + name));
  }

  /**
   * Reads an array of floating-point numbers.
   *
   * @param name the array's name
   * @return a new tensor, in the type it was written in
   * @throws IllegalArgumentException if the array is missing, damaged or made of integers, or has a
   *     number that is not finite
   * @throws UncheckedIOException if the file cannot be read
   */
  public Tensor array(String name) {
    NpyArray array = readArray(name);
    checkArgument(
        array.type().isFloatingPoint(),
        "%s: array %s%s: expected <f4 or <f8, found %s",
        path,
        prefix,
        name,
        array);
    Tensor tensor = array.tensor();
    int at = tensor.firstNonFinite();
    checkArgument(
        at < 0,
        "%s: array %s%s must be finite, found %s at place %s",
        path,
        prefix,
        name,
        at < 0 ? 0 : (Object) tensor.get(at),
        at);
    return tensor;
  }

  /**
   * Reads an array of float64 numbers.
   *
   * @param name the array's name
   * @param expectedShape the length of each axis; -1 for any
   * @return its numbers, row by row
   * @throws IllegalArgumentException if the array is missing, damaged, or of another shape or type
   * @throws UncheckedIOException if the file cannot be read
   */
  public double[] doubles(String name, int... expectedShape) {
    Tensor array = array(name, expectedShape);
    checkArgument(
        array.elementType() == ElementType.FLOAT64,
        "%s: array %s%s: expected <f8, found %s",
        path,
        prefix,
        name,
        array);
    return array.doubles();
  }

  /**
   * Checks that the file is long enough for what a setting declares, before memory is taken for it.
   *
   * @param setting the name of the setting, for the message
   * @param factors a product of sizes, each at least 0: so many numbers are in the file
   * @throws IllegalArgumentException if the file is shorter, or a factor is negative
   * @throws UncheckedIOException if the file cannot be read
   */
  public void requireNumbers(String setting, long... factors) {
    long numbers = 1;
    for (long factor : factors) {
      checkArgument(
          factor >= 0,
          "%s: setting %s%s: expected sizes of 0 or more, found %s",
          path,
          prefix,
          setting,
          factor);
      numbers = LongMath.saturatedMultiply(numbers, factor);
    }
    try {
      long room = Files.size(path) / Float.BYTES;
      checkArgument(
          numbers <= room,
          "%s: setting %s%s: expected at most the %s numbers that fit into the file, found %s",
          path,
          prefix,
          setting,
          room,
          numbers);
    } catch (IOException e) {
      throw FileFailure.reading(path, e);
    }
  }

  /**
   * Reads an array that must have a shape.
   *
   * @param name the array's name
   * @param expectedShape the length of each axis; -1 for any
   * @return a new tensor, in the type it was written in
   * @throws IllegalArgumentException if the array is missing, damaged, made of integers, or of
   *     another shape
   * @throws UncheckedIOException if the file cannot be read
   */
  public Tensor array(String name, int... expectedShape) {
    Tensor array = array(name);
    boolean fits = array.rank() == expectedShape.length;
    for (int axis = 0; fits && axis < expectedShape.length; axis++) {
      fits = expectedShape[axis] == -1 || expectedShape[axis] == array.shape(axis);
    }
    checkArgument(
        fits,
        "%s: array %s%s: expected shape %s, found %s",
        path,
        prefix,
        name,
        Arrays.toString(expectedShape),
        Arrays.toString(array.shape()));
    return array;
  }

  /**
   * Reads an array that must have the shape and type of a weight.
   *
   * @param name the array's name
   * @param like the weight
   * @return a new tensor
   * @throws IllegalArgumentException if the array is missing, damaged, made of integers, or of
   *     another shape or type
   * @throws UncheckedIOException if the file cannot be read
   */
  public Tensor array(String name, Tensor like) {
    Tensor array = array(name, like.shape());
    checkArgument(
        array.elementType() == like.elementType(),
        "%s: weight '%s' must be of type %s, found %s",
        path,
        name,
        like.elementType(),
        array);
    return array;
  }

  /**
   * Overwrites weights with the arrays of the same names.
   *
   * @param weights the weights by name
   * @throws IllegalArgumentException if an array is missing, damaged, made of integers, or of
   *     another shape or type than the weight of its name
   * @throws UncheckedIOException if the file cannot be read
   */
  public void readInto(Map<String, Tensor> weights) {
    weights.forEach((name, weight) -> weight.copyFrom(array(name, weight)));
  }

  /**
   * Reads a list of integers.
   *
   * @param name the array's name
   * @return the integers
   * @throws IllegalArgumentException if the array is missing, damaged or not made of integers
   * @throws UncheckedIOException if the file cannot be read
   */
  public int[] integers(String name) {
    NpyArray array = readArray(name);
    checkArgument(
        !array.type().isFloatingPoint(),
        "%s: array %s%s: expected <i4, found %s",
        path,
        prefix,
        name,
        array);
    return array.ints();
  }

  private NpyArray readArray(String name) {
    String entry = ArchiveManifest.arrayEntry(prefix + name);
    NpyArray array = read(entry, (in, size) -> NpyArray.read(in, path + ": entry " + entry, size));
    JsonObject expected = manifest.entries().getAsJsonObject(entry);
    JsonObject found = new JsonObject();
    found.addProperty("dtype", array.type().descriptor());
    found.add("shape", new Gson().toJsonTree(array.shape()));
    // As text, for a number that was parsed is of another class than one that was not.
    checkArgument(
        expected.toString().equals(found.toString()),
        "%s: entry %s: expected %s, found %s",
        path,
        entry,
        expected,
        found);
    return array;
  }

  /**
   * Reads lines of text.
   *
   * @param name the text's name
   * @return its lines, immutable
   * @throws IllegalArgumentException if the text is missing or damaged
   * @throws UncheckedIOException if the file cannot be read
   */
  public List<String> text(String name) {
    String entry = ArchiveManifest.textEntry(prefix + name);
    List<String> lines = read(entry, (in, size) -> readLines(in, path + ": entry " + entry));
    String expected = String.valueOf(manifest.entries().getAsJsonObject(entry).get("lines"));
    checkArgument(
        expected.equals(Integer.toString(lines.size())),
        "%s: entry %s: expected %s lines, found %s",
        path,
        entry,
        expected,
        lines.size());
    return lines;
  }

  /** Not BufferedReader's lines, which also end at a carriage return. */
  private static List<String> readLines(InputStream in, String source) throws IOException {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    StringBuilder line = new StringBuilder();
    Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
    char[] buffer = new char[1 << 13];
    for (int count = reader.read(buffer); count >= 0; count = reader.read(buffer)) {
      int start = 0;
      for (int i = 0; i < count; i++) {
        if (buffer[i] == '\n') {
          lines.add(line.append(buffer, start, i - start).toString());
          line.setLength(0);
          start = i + 1;
        }
      }
      line.append(buffer, start, count - start);
    }
    checkArgument(line.length() == 0, "%s: the last line has no end", source);
    return lines.build();
  }

  @FunctionalInterface
  private interface EntryParser<T> {
    T parse(InputStream in, long size) throws IOException;
  }

  private <T> T read(String name, EntryParser<T> parser) {
    checkArgument(manifest.entries().has(name), "%s: entry %s is missing", path, name);
    CRC32C checksum = new CRC32C();
    ZipEntry entry = Objects.requireNonNull(zip.getEntry(name));
    try (InputStream in =
        new CheckedInputStream(
            new BufferedInputStream(zip.getInputStream(entry), BUFFER_BYTES), checksum)) {
      T value = parser.parse(in, entry.getSize());
      checkArgument(
          Seal.format(checksum).equals(manifest.checksum(name)),
          "%s: entry %s: expected checksum %s, found %s",
          path,
          name,
          manifest.checksum(name),
          Seal.format(checksum));
      return value;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(path + ": entry " + name + " is not UTF-8", e);
    } catch (IOException e) {
      throw FileFailure.reading(path, e);
    }
  }

  /**
   * Closes the file. Objects that were read stay valid. Has no effect on a section, or if called
   * again.
   *
   * @throws UncheckedIOException if the system reports a failure
   */
  @Override
  public void close() {
    if (prefix.isEmpty()) {
      try {
        zip.close();
      } catch (IOException e) {
        throw FileFailure.of("cannot close " + path, e);
      }
    }
  }

  /**
   * A short description: file, section and format.
   *
   * @return for example {@code ArchiveReader[model.zip, sasrec 1]}
   */
  @Override
  public String toString() {
    return "ArchiveReader["
        + path
        + ", "
        + (prefix.isEmpty() ? "" : prefix + " ")
        + format.kind()
        + " "
        + format.version()
        + "]";
  }
}
