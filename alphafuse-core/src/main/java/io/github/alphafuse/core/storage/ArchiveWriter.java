package io.github.alphafuse.core.storage;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.internal.FileFailure;
import io.github.alphafuse.core.internal.npy.NpyArray;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A writer of one saved object: settings, arrays and texts in one file.
 *
 * <p>The file is an uncompressed zip file, larger than 4 GB where needed, with a {@code
 * manifest.json}, {@code arrays/NAME.npy} and {@code texts/NAME.txt}, so NumPy's {@code load} opens
 * it too. Nothing appears under the target's name before {@link #commit}. Until then everything is
 * written to a temporary file beside it. {@link #close} deletes that file if there was no commit,
 * so that a failure leaves an existing file unchanged. The same content gives the same bytes, in
 * every time zone and locale. A file that is replaced keeps its permissions. If the target is a
 * symbolic link, the file that it leads to is replaced. The temporary file is called {@code
 * NAME.<uuid>.tmp}; if the process is killed, the next writer of the same target removes it.
 *
 * <pre>{@code
 * try (ArchiveWriter archive = ArchiveWriter.create(path, new ArchiveFormat("my-model", 1))) {
 *   archive.setting("dim", 128).array("weights", weights).text("item-ids", ids);
 *   projector.write(archive.section("projector", projectorFormat));
 *   archive.commit();
 * }
 * }</pre>
 *
 * <p>Names consist of letters, digits, underscores, dots and hyphens, and start with neither a dot
 * nor a hyphen. Not thread-safe; neither are the sections of one writer among each other.
 */
public final class ArchiveWriter implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final LocalDateTime FIXED_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
  // An extended time stamp, 0x5455: 5 bytes, of which the first says that the time of the last
  // change follows, in seconds since 1970.
  private static final byte[] FIXED_STAMP =
      ByteBuffer.allocate(9)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putShort((short) 0x5455)
          .putShort((short) 5)
          .put((byte) 1)
          .putInt((int) FIXED_TIME.toEpochSecond(ZoneOffset.UTC))
          .array();

  private final Output output;
  private final ArchiveFormat format;
  private final String prefix;
  private final JsonObject settings;

  private ArchiveWriter(Output output, ArchiveFormat format, String prefix, JsonObject settings) {
    this.output = output;
    this.format = format;
    this.prefix = prefix;
    this.settings = settings;
  }

  /**
   * Starts an archive.
   *
   * @param target the file that {@link #commit} creates or replaces, in an existing folder
   * @param format what the archive holds
   * @return the writer, to be closed by the caller
   * @throws IllegalArgumentException if the target is a directory, device or pipe
   * @throws UncheckedIOException if the temporary file cannot be created
   */
  public static ArchiveWriter create(Path target, ArchiveFormat format) {
    ArchiveManifest manifest = ArchiveManifest.create(format);
    return new ArchiveWriter(new Output(target, manifest), format, "", manifest.settings());
  }

  /**
   * A section of the archive with names, settings and a format of its own, for a nested object. It
   * is written to the same file, and only the whole archive is committed and closed.
   *
   * @param name the section's name; its arrays are called {@code NAME/...}
   * @param format what the section holds
   * @return a view
   * @throws IllegalArgumentException if the name is malformed or taken
   */
  public ArchiveWriter section(String name, ArchiveFormat format) {
    checkNewSetting(name);
    output.checkWritable();
    JsonObject nested = new JsonObject();
    settings.add(name, nested);
    output.manifest.sections().add(prefix + name, ArchiveManifest.describe(format));
    return new ArchiveWriter(output, format, prefix + name + "/", nested);
  }

  /**
   * A section of the same format as the archive or section that it is part of.
   *
   * @param name the section's name
   * @return a view
   * @throws IllegalArgumentException if the name is malformed or taken
   */
  public ArchiveWriter section(String name) {
    return section(name, format);
  }

  /**
   * Adds an integer setting.
   *
   * @param name the setting
   * @param value its value
   * @return this writer
   * @throws IllegalArgumentException if the name is malformed or taken
   */
  @CanIgnoreReturnValue
  public ArchiveWriter setting(String name, long value) {
    return setting(name, new JsonPrimitive(value));
  }

  /**
   * Adds a floating-point setting, which is read back exactly.
   *
   * @param name the setting
   * @param value its value
   * @return this writer
   * @throws IllegalArgumentException if the name is malformed or taken, or the value not finite
   */
  @CanIgnoreReturnValue
  public ArchiveWriter setting(String name, double value) {
    checkArgument(Double.isFinite(value), "setting %s must be finite, found %s", name, value);
    return setting(name, new JsonPrimitive(value));
  }

  /**
   * Adds a boolean setting.
   *
   * @param name the setting
   * @param value its value
   * @return this writer
   * @throws IllegalArgumentException if the name is malformed or taken
   */
  @CanIgnoreReturnValue
  public ArchiveWriter setting(String name, boolean value) {
    return setting(name, new JsonPrimitive(value));
  }

  /**
   * Adds a string setting.
   *
   * @param name the setting
   * @param value its value
   * @return this writer
   * @throws IllegalArgumentException if the name is malformed or taken
   */
  @CanIgnoreReturnValue
  public ArchiveWriter setting(String name, String value) {
    return setting(name, new JsonPrimitive(value));
  }

  /**
   * Adds one of an enum's constants, by name.
   *
   * @param name the setting
   * @param value its value
   * @return this writer
   * @throws IllegalArgumentException if the name is malformed or taken
   */
  @CanIgnoreReturnValue
  public ArchiveWriter setting(String name, Enum<?> value) {
    return setting(name, new JsonPrimitive(value.name()));
  }

  private ArchiveWriter setting(String name, JsonPrimitive value) {
    checkNewSetting(name);
    output.checkWritable();
    settings.add(name, value);
    return this;
  }

  private void checkNewSetting(String name) {
    checkName(name);
    checkArgument(!settings.has(name), "setting or section %s%s is there already", prefix, name);
  }

  private static void checkName(String name) {
    checkArgument(
        name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*"),
        "name must be made of letters, digits, dots, hyphens and underscores, found '%s'",
        name);
  }

  /**
   * Writes an array immediately. Later changes to it have no effect.
   *
   * @param name the array's name
   * @param array numbers of any shape, written in their own type
   * @return this writer
   * @throws IllegalArgumentException if the name is malformed or taken, or a number is not finite
   * @throws UncheckedIOException if the file cannot be written
   */
  @CanIgnoreReturnValue
  public ArchiveWriter array(String name, Tensor array) {
    int at = array.firstNonFinite();
    checkArgument(
        at < 0,
        "array %s%s must be finite, found %s at place %s",
        prefix,
        name,
        at < 0 ? 0 : (Object) array.get(at),
        at);
    return array(name, NpyArray.of(array));
  }

  /**
   * Writes a list of integers.
   *
   * @param name the array's name, in one name space with {@link #array}
   * @param values the integers
   * @return this writer
   * @throws IllegalArgumentException if the name is malformed or taken
   * @throws UncheckedIOException if the file cannot be written
   */
  @CanIgnoreReturnValue
  public ArchiveWriter integers(String name, int[] values) {
    return array(name, NpyArray.of(values, values.length));
  }

  private ArchiveWriter array(String name, NpyArray array) {
    checkName(name);
    JsonObject description = new JsonObject();
    description.addProperty("dtype", array.type().descriptor());
    description.add("shape", new Gson().toJsonTree(array.shape()));
    output.write(ArchiveManifest.arrayEntry(prefix + name), description, array::writeTo);
    return this;
  }

  /**
   * Writes lines of text.
   *
   * @param name the text's name
   * @param lines any strings without line feeds
   * @return this writer
   * @throws IllegalArgumentException if the name is malformed or taken, or a line has a line feed
   *     or half a surrogate pair
   * @throws UncheckedIOException if the file cannot be written
   */
  @CanIgnoreReturnValue
  public ArchiveWriter text(String name, List<String> lines) {
    checkName(name);
    for (int i = 0; i < lines.size(); i++) {
      checkArgument(
          lines.get(i).indexOf('\n') < 0, "text %s: line %s has a line feed within", name, i);
      encode(lines.get(i), name, i);
    }
    JsonObject description = new JsonObject();
    description.addProperty("lines", lines.size());
    output.write(
        ArchiveManifest.textEntry(prefix + name),
        description,
        out -> {
          OutputStream buffered = new BufferedOutputStream(out, BUFFER_BYTES);
          for (int i = 0; i < lines.size(); i++) {
            ByteBuffer bytes = encode(lines.get(i), name, i);
            buffered.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
            buffered.write('\n');
          }
          buffered.flush();
        });
    return this;
  }

  private static ByteBuffer encode(String line, String name, int index) {
    try {
      return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(line));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "text " + name + ": line " + index + " is not valid Unicode", e);
    }
  }

  /**
   * Completes the file, forces it to the disk and then moves it to the target, replacing an
   * existing file.
   *
   * @throws IllegalStateException if this is a section, or the archive is committed, closed, or
   *     broken by a failed write
   * @throws UncheckedIOException if the file cannot be written or renamed; the target is unchanged
   */
  public void commit() {
    checkState(prefix.isEmpty(), "section %s cannot be committed, only the whole archive", prefix);
    output.checkWritable();
    try {
      output.commit();
    } catch (IOException e) {
      throw FileFailure.writing(output.target, e);
    } finally {
      output.close();
    }
  }

  /**
   * Discards the archive and deletes its temporary file, unless it was committed. Has no effect on
   * a section, or if called again.
   */
  @Override
  public void close() {
    if (prefix.isEmpty()) {
      output.close();
    }
  }

  /**
   * A short description: target, section and format.
   *
   * @return for example {@code ArchiveWriter[model.zip, sasrec 1]}
   */
  @Override
  public String toString() {
    return "ArchiveWriter["
        + output.target
        + ", "
        + (prefix.isEmpty() ? "" : prefix + " ")
        + format.kind()
        + " "
        + format.version()
        + "]";
  }

  /** The file that an archive and its sections share. */
  private static final class Output {
    private final Path target;
    private final ArchiveManifest manifest;
    private final AtomicFile file;
    private final Seal.Stream sealed;
    private final ZipOutputStream zip;
    private boolean writable = true;

    private Output(Path target, ArchiveManifest manifest) {
      this.target = target;
      this.manifest = manifest;
      this.file = AtomicFile.create(target);
      this.sealed = new Seal.Stream(file.stream());
      this.zip = new ZipOutputStream(new BufferedOutputStream(sealed, BUFFER_BYTES));
      zip.setComment(Seal.blank());
    }

    private void checkWritable() {
      checkState(writable, "the archive %s is closed, or broken by a failed write", target);
    }

    private void write(String name, JsonObject description, AtomicFile.Content content) {
      checkWritable();
      checkArgument(!manifest.entries().has(name), "entry %s is there already", name);
      writable = false;
      try {
        manifest.add(name, description, store(name, content));
      } catch (IOException e) {
        throw FileFailure.writing(target, e);
      }
      writable = true;
    }

    /**
     * Writes an entry. As it is not compressed, its size and checksum stand before its content,
     * which is therefore asked for twice.
     */
    private String store(String name, AtomicFile.Content content) throws IOException {
      Measure measure = new Measure();
      content.writeTo(measure);
      ZipEntry entry = new ZipEntry(name);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(measure.size);
      entry.setCompressedSize(measure.size);
      entry.setCrc(measure.zipChecksum.getValue());
      entry.setTimeLocal(FIXED_TIME);
      // For this earliest time of a zip file, setTimeLocal also adds a time stamp that depends on
      // the system's time zone. It is replaced by that of the zone UTC.
      entry.setExtra(FIXED_STAMP);
      zip.putNextEntry(entry);
      content.writeTo(zip);
      zip.closeEntry();
      return Seal.format(measure.checksum);
    }

    private void commit() throws IOException {
      byte[] json = manifest.toBytes();
      store(ArchiveManifest.ENTRY, out -> out.write(json));
      zip.finish();
      zip.flush();
      file.replaceEnd(sealed.seal());
      file.commit();
    }

    private void close() {
      writable = false;
      file.close();
    }
  }

  /** Measures an entry and discards its bytes. */
  private static final class Measure extends OutputStream {
    private final CRC32 zipChecksum = new CRC32();
    private final CRC32C checksum = new CRC32C();
    private long size;

    @Override
    public void write(int value) {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      zipChecksum.update(bytes, offset, length);
      checksum.update(bytes, offset, length);
      size += length;
    }
  }
}
