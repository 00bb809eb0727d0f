package io.github.alphafuse.backbones.internal.ranking;

import static com.google.common.base.Preconditions.checkState;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Lets calls through until it is closed. Closing waits for running calls.
 *
 * <p>Thread-safe.
 */
public final class CallGate {
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /** An open gate. */
  public CallGate() {}

  /**
   * Makes a call that {@link #close} waits for.
   *
   * @param <T> the type of the result
   * @param call the call
   * @return its result
   * @throws IllegalStateException if it is closed
   */
  public <T> T whileOpen(Supplier<T> call) {
    lock.readLock().lock();
    try {
      checkState(!closed, "this scorer is closed");
      return call.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Closes the gate.
   *
   * @param release frees the resources of calls; run only the first time
   */
  public void close(Runnable release) {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        release.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
