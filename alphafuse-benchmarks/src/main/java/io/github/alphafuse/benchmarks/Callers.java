package io.github.alphafuse.benchmarks;

import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Threads that send requests.
 *
 * @param pool the threads
 * @param count their number
 */
record Callers(ExecutorService pool, int count) {

  /** Does something with threads, which end with it. */
  static <T> T on(int threads, Function<Callers, T> loops) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      return loops.apply(new Callers(pool, threads));
    } finally {
      pool.shutdownNow();
    }
  }

  /** Does the same on every thread and waits for all. */
  void together(Callable<Double> work) {
    try {
      for (Future<Double> done : pool.invokeAll(Collections.nCopies(count, work))) {
        done.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while requests were running", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a request failed: " + e.getCause(), e);
    }
  }
}
