package io.github.alphafuse.text;

import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.core.internal.FileFailure;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a cache to one encoder at a time. The lock is on a file beside the cache, {@code
 * NAME.lock}, which stays: the cache itself is replaced now and then. The system drops the lock
 * with the process.
 */
final class CacheLock implements Closeable {
  /**
   * The locks of this process. On some systems, to open and close a file drops the locks that the
   * process holds on it, so these must not even be tried.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private CacheLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Locks a cache.
   *
   * @param cache its real path
   * @throws IllegalStateException if another encoder has it
   */
  static CacheLock of(Path cache) {
    Path file = cache.resolveSibling(cache.getFileName() + ".lock");
    requireFree(HELD.add(file), cache);
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      requireFree(lock(channel), cache);
      locked = true;
      return new CacheLock(file, channel);
    } catch (IOException e) {
      throw FileFailure.writing(file, e);
    } finally {
      if (!locked) {
        HELD.remove(file);
        closeQuietly(channel);
      }
    }
  }

  private static boolean lock(FileChannel channel) {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException | UnsupportedOperationException e) {
      // Not every file system has locks.
      return true;
    }
  }

  private static void requireFree(boolean free, Path cache) {
    checkState(
        free, "%s is in use by another encoder; let it end, or give this one another file", cache);
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing was written; the reason why the lock was not had is thrown.
      return;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw FileFailure.of("cannot close " + file, e);
    } finally {
      HELD.remove(file);
    }
  }
}
