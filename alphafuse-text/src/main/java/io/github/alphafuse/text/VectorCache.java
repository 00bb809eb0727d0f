package io.github.alphafuse.text;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.internal.FileFailure;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of the vectors that one model gave to texts, each under the digest of model and text.
 *
 * <p>A {@link CacheHeader} is followed by entries of one length: the SHA-256 digest (32 bytes), d_l
 * float32 numbers and the CRC-32C of both (int32), little-endian. Entries are appended as they
 * come. Where the last one is incomplete because a process was killed, it is cut off when the file
 * is opened. An entry whose checksum does not match counts as absent.
 *
 * <p>The file is created with the first entries. Not thread-safe; another cache of the same file is
 * refused while this one is open.
 */
final class VectorCache implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(VectorCache.class);
  private static final int KEY_BYTES = 32;
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path path;
  private final String model;
  private final CacheLock lock;
  // Not a channel: an interrupt of the thread would close that.
  private @Nullable RandomAccessFile file;
  private @Nullable CacheHeader header;
  private long damaged;
  private long unused;

  private VectorCache(Path path, String model, CacheLock lock) {
    this.path = path;
    this.model = model;
    this.lock = lock;
  }

  /**
   * Opens a cache.
   *
   * @param path the file, which need not exist
   * @param model the name of the model
   * @throws IllegalArgumentException if the file is no cache, is damaged at its start or holds
   *     vectors of another model
   * @throws IllegalStateException if another encoder has it open
   */
  static VectorCache open(Path path, String model) {
    AtomicFile.requireRegular(path);
    Path real = real(path);
    CacheLock lock = CacheLock.of(real);
    VectorCache cache = new VectorCache(real, model, lock);
    boolean opened = false;
    try {
      cache.openFile();
      opened = true;
      return cache;
    } catch (IOException e) {
      throw FileFailure.reading(path, e);
    } finally {
      if (!opened) {
        cache.close();
      }
    }
  }

  /** One name for one file, so that all its users meet at one lock. */
  private static Path real(Path path) {
    try {
      if (Files.exists(path)) {
        return path.toRealPath();
      }
      Path absolute = path.toAbsolutePath();
      Path folder = absolute.getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw new NoSuchFileException(String.valueOf(folder));
      }
      return folder.toRealPath().resolve(absolute.getFileName());
    } catch (IOException e) {
      throw FileFailure.writing(path, e);
    }
  }

  private void openFile() throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    if (!Files.isReadable(path) || !Files.isWritable(path)) {
      throw new AccessDeniedException(path.toString());
    }
    RandomAccessFile opened = new RandomAccessFile(path.toFile(), "rw");
    file = opened;
    byte[] start = new byte[(int) Math.min(CacheHeader.MOST_BYTES, opened.length())];
    opened.readFully(start);
    CacheHeader found = CacheHeader.read(start, path).orElse(null);
    if (found == null) {
      // It holds no vector, and the first ones replace it.
      return;
    }
    checkArgument(
        found.model().equals(model),
        "%s holds vectors of the model '%s', expected '%s': give each model its own file",
        path,
        found.model(),
        model);
    header = found;
    long torn = (opened.length() - found.length()) % entryBytes(found.width());
    if (torn > 0) {
      LOG.info("{} ends in an incomplete entry of {} bytes, which is cut off", path, torn);
      opened.setLength(opened.length() - torn);
    }
  }

  private static int entryBytes(int width) {
    return KEY_BYTES + width * Float.BYTES + Integer.BYTES;
  }

  /** The key of a text: the digest of the model's name and the text. */
  static HashCode key(String model, String text) {
    Hasher hasher = Hashing.sha256().newHasher();
    // By code units, so that texts that are no valid Unicode differ too.
    return hasher.putInt(model.length()).putUnencodedChars(model).putUnencodedChars(text).hash();
  }

  Path path() {
    return path;
  }

  /** The width of the vectors, if there is one yet. */
  OptionalInt width() {
    return header == null ? OptionalInt.empty() : OptionalInt.of(header.width());
  }

  /** Reads the vectors of some keys, those that are there. */
  Map<HashCode, float[]> read(Set<HashCode> wanted) {
    Map<HashCode, float[]> vectors = new HashMap<>();
    damaged = 0;
    unused = 0;
    try {
      scan(
          (key, entry) -> {
            if (wanted.contains(key)) {
              vectors.put(key, vector(entry));
            } else {
              unused++;
            }
          });
    } catch (IOException e) {
      throw FileFailure.reading(path, e);
    }
    if (damaged > 0) {
      LOG.warn("{} has {} damaged entries, whose texts are encoded again", path, damaged);
    }
    return vectors;
  }

  private static float[] vector(ByteBuffer entry) {
    float[] vector = new float[(entry.remaining() - KEY_BYTES - Integer.BYTES) / Float.BYTES];
    entry
        .slice(KEY_BYTES, vector.length * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(vector);
    return vector;
  }

  @FunctionalInterface
  private interface EntryConsumer {
    /** Takes an intact entry, which the buffer's remaining bytes hold until this returns. */
    void accept(HashCode key, ByteBuffer entry) throws IOException;
  }

  /** Reads all entries and counts those that are damaged. */
  private void scan(EntryConsumer consumer) throws IOException {
    if (header == null || file == null) {
      return;
    }
    int entryBytes = entryBytes(header.width());
    byte[] buffer = new byte[Math.max(1, BUFFER_BYTES / entryBytes) * entryBytes];
    long position = header.length();
    while (position < file.length()) {
      int length = (int) Math.min(buffer.length, file.length() - position);
      file.seek(position);
      file.readFully(buffer, 0, length);
      for (int at = 0; at + entryBytes <= length; at += entryBytes) {
        ByteBuffer entry =
            ByteBuffer.wrap(buffer, at, entryBytes).slice().order(ByteOrder.LITTLE_ENDIAN);
        int checksum = CacheHeader.checksum(buffer, at, entryBytes - Integer.BYTES);
        if (checksum == entry.getInt(entryBytes - Integer.BYTES)) {
          byte[] key = new byte[KEY_BYTES];
          entry.get(0, key);
          consumer.accept(HashCode.fromBytes(key), entry);
        } else {
          damaged++;
        }
      }
      position += length;
    }
  }

  /**
   * Appends entries.
   *
   * @param keys their keys
   * @param vectors a vector of finite numbers for each key, all of the cache's width
   * @throws java.io.UncheckedIOException if they cannot be written; none of them is kept then
   */
  void append(List<HashCode> keys, List<float[]> vectors) {
    try {
      RandomAccessFile to = file;
      if (header == null || to == null) {
        to = create(vectors.get(0).length);
      }
      int entryBytes = entryBytes(vectors.get(0).length);
      ByteBuffer bytes = CacheHeader.allocate(Math.multiplyExact(entryBytes, keys.size()));
      for (int i = 0; i < keys.size(); i++) {
        int start = bytes.position();
        bytes.put(keys.get(i).asBytes());
        for (float number : vectors.get(i)) {
          bytes.putFloat(number);
        }
        bytes.putInt(CacheHeader.checksum(bytes.array(), start, entryBytes - Integer.BYTES));
      }
      long end = to.length();
      try {
        to.seek(end);
        to.write(bytes.array());
      } catch (IOException e) {
        to.setLength(end);
        throw e;
      }
    } catch (IOException e) {
      throw FileFailure.writing(path, e);
    }
  }

  private RandomAccessFile create(int width) throws IOException {
    closeFile();
    CacheHeader created = new CacheHeader(model, width);
    AtomicFile.write(path, out -> out.write(created.toBytes()));
    RandomAccessFile opened = new RandomAccessFile(path.toFile(), "rw");
    header = created;
    file = opened;
    return opened;
  }

  /** Whether the last {@link #read} met entries that are damaged. */
  boolean hasDamaged() {
    return damaged > 0;
  }

  /** Whether the last {@link #read} met entries that it was not asked for. */
  boolean hasUnused() {
    return unused > 0;
  }

  /**
   * Replaces the file by one without damaged entries.
   *
   * @param kept the keys that remain, or null for all of them
   */
  void compact(@Nullable Set<HashCode> kept) {
    CacheHeader same = header;
    if (same == null) {
      return;
    }
    try (AtomicFile replacement = AtomicFile.create(path)) {
      OutputStream out = new BufferedOutputStream(replacement.stream(), BUFFER_BYTES);
      out.write(same.toBytes());
      Set<HashCode> written = new HashSet<>();
      scan(
          (key, entry) -> {
            if ((kept == null || kept.contains(key)) && written.add(key)) {
              out.write(entry.array(), entry.arrayOffset(), entry.remaining());
            }
          });
      out.flush();
      // Not every system replaces a file that is open.
      closeFile();
      replacement.commit();
    } catch (IOException e) {
      throw FileFailure.writing(path, e);
    }
  }

  private void closeFile() throws IOException {
    if (file != null) {
      file.close();
      file = null;
    }
  }

  /** Forces the entries to the disk and releases the lock. */
  @Override
  public void close() {
    try (lock) {
      if (file != null) {
        file.getFD().sync();
      }
      closeFile();
    } catch (IOException e) {
      throw FileFailure.writing(path, e);
    }
  }
}
