package io.github.alphafuse.core.internal;

import java.util.Locale;
import org.bytedeco.openblas.global.openblas;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The number of threads of the BLAS, the only setting of the process that this library changes.
 *
 * <p>The library's own threads each call the BLAS, so the BLAS must not start threads of its own:
 * two sets of threads on the same cores slow each other down. The number is set to 1 once, at the
 * first product of the fused engine, and raised for a decomposition, under a lock. If the property
 * {@value #PROPERTY} is set to {@code keep}, it is never changed. Thread-safe.
 */
final class BlasThreads {
  /** The system property that leaves the BLAS as it is if set to {@code keep}. */
  static final String PROPERTY = "alphafuse.blas.threads";

  private static final Logger LOG = LoggerFactory.getLogger(BlasThreads.class);
  private static final Object LOCK = new Object();
  private static final ThreadLocal<Boolean> ONE = ThreadLocal.withInitial(() -> false);

  private BlasThreads() {}

  private static boolean kept() {
    return "keep".equals(System.getProperty(PROPERTY, "").toLowerCase(Locale.ROOT));
  }

  /**
   * Sets one thread, once per calling thread, since OpenMP, which the BLAS uses, keeps the number
   * per thread.
   */
  static void useOne() {
    if (ONE.get()) {
      return;
    }
    synchronized (LOCK) {
      if (!kept()) {
        LOG.debug("the BLAS, which had {} threads, gets 1", openblas.blas_get_num_threads());
        openblas.blas_set_num_threads(1);
      }
      ONE.set(true);
    }
  }

  /**
   * Sets one thread for the calling thread. This does not last, since a backend that starts later
   * sets a number of its own.
   */
  static void setOne() {
    synchronized (LOCK) {
      if (!kept()) {
        openblas.blas_set_num_threads(1);
      }
    }
  }

  /** Runs a large product or decomposition with all of the library's threads. */
  static void withAll(Runnable decomposition) {
    with(Workers.count(), decomposition);
  }

  /** Runs a part of a decomposition that is slower with more threads. */
  static void withOne(Runnable part) {
    with(1, part);
  }

  private static void with(int threads, Runnable decomposition) {
    if (kept()) {
      decomposition.run();
      return;
    }
    synchronized (LOCK) {
      int before = openblas.blas_get_num_threads();
      openblas.blas_set_num_threads(threads);
      try {
        decomposition.run();
      } finally {
        openblas.blas_set_num_threads(before);
      }
    }
  }
}
