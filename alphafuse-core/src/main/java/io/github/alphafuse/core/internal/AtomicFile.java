package io.github.alphafuse.core.internal;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file that is written completely or not at all. Every file of the project is written through it.
 *
 * <p>The content goes to a temporary file beside the target, {@code NAME.<uuid>.tmp}. {@link
 * #commit} forces it to the disk and renames it, so that readers see the old file or the new one,
 * and any number of writers of one target do not disturb each other: the last commit wins. {@link
 * #close} without a commit deletes the temporary file.
 *
 * <p>A target that exists keeps its permissions. A symbolic link stays one, and the file that it
 * leads to is replaced. A target that is no regular file is refused. Temporary files of the same
 * target that killed processes left are removed at the start. A temporary file is locked while it
 * is written, and the system drops the lock with the process; a file whose lock cannot be had is
 * left alone.
 *
 * <p>Not thread-safe, but several may write one target at the same time.
 */
public final class AtomicFile implements Closeable {
  private static final int MOST_LINKS = 40;
  private static final Set<OpenOption> NEW_FILE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  private static final String UUID_PATTERN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

  /**
   * The temporary files that this process writes. On some systems, to open and close a file drops
   * the locks that the process holds on it, so these must not even be tried.
   */
  private static final Set<Path> LIVE = ConcurrentHashMap.newKeySet();

  /** Stands between the caller and the disk; tests let it fail. */
  static volatile UnaryOperator<OutputStream> disk = UnaryOperator.identity();

  private final Path named;
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final OutputStream stream;
  private boolean open = true;

  private AtomicFile(Path named, Path target) throws IOException {
    this.named = named;
    this.target = target;
    Optional<Set<PosixFilePermission>> permissions = permissions(target);
    FileChannel locked = null;
    Path beside = target;
    while (locked == null) {
      beside = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
      locked = openLocked(beside, permissions);
    }
    this.temporary = beside;
    this.channel = locked;
    this.stream = disk.apply(new Whole(Channels.newOutputStream(channel)));
  }

  /**
   * Starts a file.
   *
   * @param target the file that {@link #commit} creates or replaces, in an existing folder
   * @return the file, to be closed by the caller
   * @throws IllegalArgumentException if the target is a folder, device or pipe
   * @throws UncheckedIOException if the temporary file cannot be created
   */
  public static AtomicFile create(Path target) {
    requireRegular(target);
    try {
      Path followed = follow(target);
      if (Files.exists(followed) && !Files.isWritable(followed)) {
        throw new AccessDeniedException(followed.toString());
      }
      removeLeftovers(followed);
      return new AtomicFile(target, followed);
    } catch (IOException e) {
      throw FileFailure.writing(target, e);
    }
  }

  /** The content of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes the content.
     *
     * @param out the stream, not buffered, not to be closed
     * @throws IOException if the stream cannot be written
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a whole file.
   *
   * @param target the file to create or replace, in an existing folder
   * @param content writes the content
   * @throws IllegalArgumentException if the target is a folder, device or pipe
   * @throws UncheckedIOException if the file cannot be written; an existing one is unchanged
   */
  public static void write(Path target, Content content) {
    try (AtomicFile file = create(target)) {
      content.writeTo(file.stream);
      file.commit();
    } catch (IOException e) {
      throw FileFailure.writing(target, e);
    }
  }

  /**
   * Checks that a file can be written under a name as far as its kind goes.
   *
   * @param target the file
   * @throws IllegalArgumentException if it is a folder, device or pipe
   */
  public static void requireRegular(Path target) {
    checkArgument(!Files.isDirectory(target), "%s is a directory, expected a file", target);
    checkArgument(
        !Files.exists(target) || Files.isRegularFile(target),
        "%s is a device or pipe, expected a regular file or none",
        target);
  }

  /** The file that a symbolic link leads to, whether there is one or not. */
  private static Path follow(Path link) throws IOException {
    Path file = link;
    for (int links = 0; Files.isSymbolicLink(file); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(link.toString());
      }
      // Not normalised: the system resolves ".." after a link to a folder from where that leads.
      file = file.resolveSibling(Files.readSymbolicLink(file));
    }
    return file;
  }

  private static Optional<Set<PosixFilePermission>> permissions(Path target) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(target, PosixFileAttributeView.class);
    return view == null || !Files.exists(target)
        ? Optional.empty()
        : Optional.of(view.readAttributes().permissions());
  }

  /** Opens a new file that no one else takes for a leftover, or null if someone just did. */
  private static @Nullable FileChannel openLocked(
      Path file, Optional<Set<PosixFilePermission>> permissions) throws IOException {
    Path key = key(file);
    LIVE.add(key);
    FileChannel channel = null;
    boolean kept = false;
    try {
      // From the start, so that nobody opens a private file while it is new.
      FileAttribute<?>[] attributes =
          permissions.stream()
              .map(PosixFilePermissions::asFileAttribute)
              .toArray(FileAttribute<?>[]::new);
      channel = FileChannel.open(file, NEW_FILE, attributes);
      if (permissions.isPresent()) {
        // The process's mask may have taken some away.
        Files.setPosixFilePermissions(file, permissions.get());
      }
      kept = lock(channel) != Lock.OF_ANOTHER && Files.exists(file);
      return kept ? channel : null;
    } catch (NoSuchFileException e) {
      if (channel == null) {
        throw e;
      }
      return null;
    } finally {
      if (!kept) {
        if (channel != null) {
          channel.close();
          Files.deleteIfExists(file);
        }
        LIVE.remove(key);
      }
    }
  }

  private enum Lock {
    HELD,
    OF_ANOTHER,
    NOT_SUPPORTED
  }

  private static Lock lock(FileChannel channel) {
    try {
      FileLock lock = channel.tryLock();
      return lock == null ? Lock.OF_ANOTHER : Lock.HELD;
    } catch (OverlappingFileLockException e) {
      return Lock.OF_ANOTHER;
    } catch (IOException | UnsupportedOperationException e) {
      return Lock.NOT_SUPPORTED;
    }
  }

  /** Removes the temporary files of a target that no one writes any more. */
  private static void removeLeftovers(Path target) {
    Pattern leftover =
        Pattern.compile(
            Pattern.quote(String.valueOf(target.getFileName())) + "\\." + UUID_PATTERN + "\\.tmp");
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            folder(target),
            file -> leftover.matcher(String.valueOf(file.getFileName())).matches())) {
      for (Path file : files) {
        if (!LIVE.contains(key(file)) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          removeUnlessLocked(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // A leftover costs space only. What stops the new file is reported when that is written.
      return;
    }
  }

  private static void removeUnlessLocked(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      if (lock(channel) == Lock.HELD) {
        Files.deleteIfExists(file);
      }
    } catch (AccessDeniedException | NoSuchFileException e) {
      // It is another user's, or was renamed or removed meanwhile.
      return;
    }
  }

  private static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  private static Path key(Path file) {
    try {
      return folder(file).toRealPath().resolve(file.getFileName());
    } catch (IOException e) {
      return file.toAbsolutePath();
    }
  }

  /**
   * The stream that takes the content.
   *
   * @return the stream, not buffered, not to be closed
   */
  public OutputStream stream() {
    return stream;
  }

  /**
   * Replaces the last bytes that were written.
   *
   * @param bytes as many bytes as are replaced
   * @throws IOException if they cannot be written
   */
  public void replaceEnd(byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    long start = channel.size() - bytes.length;
    while (rest.hasRemaining()) {
      channel.write(rest, start + rest.position());
    }
  }

  /**
   * Forces the file to the disk and renames it to the target.
   *
   * @throws IllegalStateException if it is committed or closed
   * @throws UncheckedIOException if that fails; the target is unchanged
   */
  public void commit() {
    checkState(open, "%s is committed or closed", named);
    try {
      stream.flush();
      channel.force(true);
      // While it is locked: after that, another writer may take it for a leftover.
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      forceFolder();
    } catch (IOException e) {
      throw FileFailure.writing(named, e);
    } finally {
      close();
    }
  }

  /** Makes the new name durable; not every system lets a folder be opened. */
  private void forceFolder() {
    try (FileChannel channelOfFolder = FileChannel.open(folder(target), StandardOpenOption.READ)) {
      channelOfFolder.force(true);
    } catch (IOException e) {
      // The file is complete under its name; only its durability is up to the system.
      return;
    }
  }

  /** Deletes the temporary file, unless it was committed. Has no effect if called again. */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    try (channel) {
      // Gone if the commit renamed it.
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw FileFailure.of("cannot delete " + temporary, e);
    } finally {
      LIVE.remove(key(temporary));
    }
  }

  /**
   * A short description.
   *
   * @return for example {@code AtomicFile[model.alphafuse]}
   */
  @Override
  public String toString() {
    return "AtomicFile[" + named + "]";
  }

  /** Passes arrays on whole, which its superclass does not, and leaves the channel open. */
  private static final class Whole extends FilterOutputStream {
    Whole(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
