package io.github.alphafuse.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {

  private static void assertEachOnce(AtomicIntegerArray counts) {
    for (int i = 0; i < counts.length(); i++) {
      assertThat(counts.get(i)).as("index %s", i).isEqualTo(1);
    }
  }

  /** Two tasks that wait for each other, which one thread alone could not end. */
  private static void assertSideBySide() {
    CountDownLatch both = new CountDownLatch(2);
    AtomicInteger met = new AtomicInteger();
    Workers.run(
        2,
        task -> {
          both.countDown();
          try {
            met.addAndGet(both.await(20, TimeUnit.SECONDS) ? 1 : 0);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertThat(met).hasValue(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 64, 10_000})
  void runsEachTaskOnce(int tasks) {
    for (int round = 0; round < 20; round++) {
      AtomicIntegerArray counts = new AtomicIntegerArray(tasks);
      Workers.run(tasks, counts::incrementAndGet);
      assertEachOnce(counts);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "2, 1",
    "7, 1",
    "7, 3",
    "7, 4",
    "7, 8",
    "1000, 1",
    "1000, 499",
    "1000, 0",
    "65537, 8"
  })
  void splitsARangeIntoPartsThatCoverItOnce(int length, int least) {
    assertCoversOnce(length, least, Workers.count(), Workers::split);
    assertCoversOnce(
        length, least, Workers.count() == 1 ? 1 : 4 * Workers.count(), Workers::balance);
  }

  private interface Splitter {
    void split(int length, int least, Workers.Part part);
  }

  private static void assertCoversOnce(int length, int least, int most, Splitter splitter) {
    AtomicIntegerArray counts = new AtomicIntegerArray(length);
    AtomicInteger parts = new AtomicInteger();
    splitter.split(
        length,
        least,
        (from, to) -> {
          parts.incrementAndGet();
          assertThat(to - from).isGreaterThanOrEqualTo(Math.min(length, least));
          for (int i = from; i < to; i++) {
            counts.incrementAndGet(i);
          }
        });
    assertEachOnce(counts);
    assertThat(parts).hasValue(Math.max(1, Math.min(most, length / Math.max(1, least))));
  }

  @Test
  void splitsAnEmptyRangeIntoAtMostOneEmptyPart() {
    Workers.split(0, 5, (from, to) -> assertThat(to).isEqualTo(from).isZero());
  }

  @Test
  void splitsTheLongestRangeWithoutOverflow() {
    List<int[]> parts = new ArrayList<>();
    Workers.split(
        Integer.MAX_VALUE,
        1,
        (from, to) -> {
          synchronized (parts) {
            parts.add(new int[] {from, to});
          }
        });
    parts.sort((a, b) -> Integer.compare(a[0], b[0]));
    int end = 0;
    for (int[] part : parts) {
      assertThat(part[0]).isEqualTo(end);
      assertThat(part[1]).isGreaterThan(end);
      end = part[1];
    }
    assertThat(end).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void runsTasksSideBySide() {
    assumeTrue(Workers.count() > 1);
    for (int round = 0; round < 50; round++) {
      assertSideBySide();
    }
  }

  @Test
  void takesNoMoreThreadsThanConfigured() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Workers.run(
        5_000,
        task -> {
          threads.add(Thread.currentThread());
          Thread.onSpinWait();
        });
    assertThat(threads).hasSizeBetween(1, Workers.count());
    for (Thread thread : threads) {
      assertThat(thread.isDaemon() || thread == Thread.currentThread()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100})
  void throwsWhatATaskThrew(int tasks) {
    RuntimeException exception = new IllegalStateException("of a task");
    Error error = new AssertionError("of a task");
    for (Throwable thrown : List.of(exception, error)) {
      assertThatThrownBy(
              () ->
                  Workers.run(
                      tasks,
                      task -> {
                        if (task == tasks - 1) {
                          if (thrown instanceof Error e) {
                            throw e;
                          }
                          throw exception;
                        }
                      }))
          .isSameAs(thrown);
    }
    assertSideBySideWherePossible();
  }

  @Test
  void returnsOnlyWhenNoTaskRunsAnyMoreEvenIfOneFailed() {
    for (int round = 0; round < 20; round++) {
      AtomicInteger running = new AtomicInteger();
      assertThatThrownBy(
              () ->
                  Workers.run(
                      8,
                      task -> {
                        running.incrementAndGet();
                        try {
                          if (task == 0) {
                            throw new IllegalStateException("of a task");
                          }
                          LockSupport.parkNanos(2_000_000);
                        } finally {
                          running.decrementAndGet();
                        }
                      }))
          .hasMessage("of a task");
      assertThat(running).hasValue(0);
    }
  }

  @Test
  void runsTheTasksOfATaskOnItsOwnThread() {
    AtomicIntegerArray counts = new AtomicIntegerArray(6 * 50);
    AtomicBoolean elsewhere = new AtomicBoolean();
    Workers.run(
        6,
        outer -> {
          Thread own = Thread.currentThread();
          Workers.split(
              50,
              1,
              (from, to) -> {
                for (int i = from; i < to; i++) {
                  counts.incrementAndGet(outer * 50 + i);
                }
                if (Thread.currentThread() != own) {
                  elsewhere.set(true);
                }
              });
        });
    assertEachOnce(counts);
    assertThat(elsewhere).isFalse();
    assertSideBySideWherePossible();
  }

  @Test
  void throwsWhatATaskOfATaskThrew() {
    assertThatThrownBy(
            () ->
                Workers.run(
                    4,
                    outer ->
                        Workers.run(
                            4,
                            inner -> {
                              if (outer == 2 && inner == 3) {
                                throw new IllegalStateException("deep");
                              }
                            })))
        .hasMessage("deep");
  }

  @Test
  void servesSeveralCallersAtOnce() throws Exception {
    int callers = 6;
    ExecutorService pool = Executors.newFixedThreadPool(callers);
    try {
      List<Future<Boolean>> ended = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        int seed = caller;
        ended.add(
            pool.submit(
                () -> {
                  for (int round = 0; round < 300; round++) {
                    int tasks = 1 + (seed * 7 + round) % 40;
                    // Not atomic: what a task wrote must be seen when the call returns.
                    int[] counts = new int[tasks];
                    Workers.run(tasks, task -> counts[task]++);
                    for (int count : counts) {
                      if (count != 1) {
                        return false;
                      }
                    }
                  }
                  return true;
                }));
      }
      for (Future<Boolean> end : ended) {
        assertThat(end.get(120, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void leavesACallerAloneWhereThereAreAsManyCallersAsThreads() throws Exception {
    assumeTrue(Workers.count() > 1);
    int others = Workers.count() - 1;
    CountDownLatch begun = new CountDownLatch(others);
    CountDownLatch end = new CountDownLatch(1);
    ExecutorService pool = Executors.newFixedThreadPool(others);
    try {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < others; i++) {
        Runnable call =
            () -> {
              Thread caller = Thread.currentThread();
              // Helpers end then: they are free, but their cores are not.
              Workers.run(
                  2,
                  task -> {
                    if (Thread.currentThread() == caller) {
                      begun.countDown();
                      awaitQuietly(end);
                    } else {
                      awaitQuietly(begun);
                    }
                  });
            };
        callers.add(pool.submit(call));
      }
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      Set<Thread> threads = ConcurrentHashMap.newKeySet();
      Workers.run(
          200,
          task -> {
            threads.add(Thread.currentThread());
            LockSupport.parkNanos(10_000);
          });
      assertThat(threads).containsExactly(Thread.currentThread());
      end.countDown();
      for (Future<?> caller : callers) {
        caller.get(20, TimeUnit.SECONDS);
      }
    } finally {
      end.countDown();
      pool.shutdownNow();
    }
    assertSideBySide();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anInterruptedCallerWaitsForItsTasksAndStaysInterrupted() {
    Thread caller = Thread.currentThread();
    AtomicInteger started = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    caller.interrupt();
    Workers.run(
        2,
        task -> {
          started.incrementAndGet();
          // An interrupted thread cannot wait for a latch. The limit only ends a test that fails.
          long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
          while (Workers.count() > 1 && started.get() < 2 && System.nanoTime() < limit) {
            Thread.onSpinWait();
          }
          if (Thread.currentThread() != caller) {
            LockSupport.parkNanos(50_000_000);
          }
          ended.incrementAndGet();
        });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(ended).hasValue(2);
  }

  /** Longer than threads look for work, and shorter. */
  @ParameterizedTest
  @ValueSource(longs = {0, 20_000, 300_000, 10_000_000})
  void findsThreadsAgainAfterAPause(long nanos) {
    for (int round = 0; round < 20; round++) {
      assertSideBySideWherePossible();
      LockSupport.parkNanos(nanos);
    }
  }

  private static void assertSideBySideWherePossible() {
    if (Workers.count() > 1) {
      assertSideBySide();
    }
  }

  @Test
  void takesItsNumberOfThreadsFromTheProperty() {
    assertThat(Workers.configured(null)).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(Workers.configured("1")).isEqualTo(1);
    assertThat(Workers.configured(" 12 ")).isEqualTo(12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-2", "two", "", "1.5", "99999999999"})
  void rejectsOtherNumbersOfThreads(String property) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Workers.configured(property))
        .withMessage(
            "alphafuse.threads must be a number of threads of at least 1, found '"
                + property
                + "'");
  }
}
