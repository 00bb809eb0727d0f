package io.github.alphafuse.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * The threads that the library's own loops run on: the caller's and a small pool of daemon threads.
 *
 * <p>The property {@value #PROPERTY} sets the number of threads, including the caller's. The
 * default is the number of processors. Thread-safe.
 */
public final class Workers {
  /** The system property with the number of threads. */
  public static final String PROPERTY = "alphafuse.threads";

  /** Threads spin for a while because waking a parked thread takes longer than most waits here. */
  private static final long LEAST_SPIN_NANOS = 50_000;

  private static final long MOST_SPIN_NANOS = 2_000_000;

  /** Looking at the clock takes as long as a few spins. */
  private static final int SPINS_PER_LOOK = 32;

  /**
   * The number of parts of a range per thread, so that other threads take more if one is held up.
   */
  private static final int PARTS = 4;

  /** The number of calls in progress that share their tasks with other threads. */
  private static final AtomicInteger CALLERS = new AtomicInteger();

  private static final ThreadLocal<Boolean> BUSY = ThreadLocal.withInitial(() -> false);

  private Workers() {}

  /** Holds the pool, which starts at first use. */
  private static final class Pool {
    private static final int COUNT = configured(System.getProperty(PROPERTY));

    /** Each element runs the remaining tasks of a call and returns whether there were any. */
    private static final Queue<BooleanSupplier> WORK = new ConcurrentLinkedQueue<>();

    private static final List<Worker> WORKERS = new ArrayList<>();

    static {
      for (int i = 1; i < COUNT; i++) {
        Worker worker = new Worker(i);
        worker.setDaemon(true);
        worker.start();
        WORKERS.add(worker);
      }
    }

    static void execute(BooleanSupplier work) {
      WORK.add(work);
      for (Worker worker : WORKERS) {
        // Taken by only one caller. The next one wakes another thread.
        if (worker.parked.compareAndSet(true, false)) {
          LockSupport.unpark(worker);
          return;
        }
      }
    }
  }

  /** A thread that looks for work for a short time before it sleeps. */
  private static final class Worker extends Thread {
    private final AtomicBoolean parked = new AtomicBoolean();
    private final int share;

    Worker(int share) {
      super("alphafuse-worker");
      this.share = share;
    }

    @Override
    public void run() {
      long workNanos = 0;
      while (true) {
        BooleanSupplier work = Pool.WORK.poll();
        if (work != null) {
          long start = System.nanoTime();
          workNanos = work.getAsBoolean() ? System.nanoTime() - start : workNanos;
          continue;
        }
        spinUntil(() -> !Pool.WORK.isEmpty(), workNanos);
        parked.set(true);
        if (Pool.WORK.isEmpty()) {
          LockSupport.park(this);
        }
        parked.set(false);
      }
    }
  }

  static int configured(@org.jspecify.annotations.Nullable String property) {
    if (property == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    int count;
    try {
      count = Integer.parseInt(property.strip());
    } catch (NumberFormatException e) {
      count = 0;
    }
    if (count < 1) {
      throw new IllegalArgumentException(
          PROPERTY + " must be a number of threads of at least 1, found '" + property + "'");
    }
    return count;
  }

  /**
   * The number of threads, including the caller's.
   *
   * @return at least 1
   */
  public static int count() {
    return Pool.COUNT;
  }

  /**
   * Whether the calling thread runs a task. Calls from within a task are not shared with other
   * threads.
   */
  static boolean inTask() {
    return BUSY.get();
  }

  /**
   * Runs tasks in parallel and returns when all are done. The caller takes part, starting with task
   * 0. Each thread begins with its own share of the tasks, the same one each time. A call from
   * within a task runs its tasks one after another. So does a call that is made while there are at
   * least as many callers as threads.
   *
   * @param tasks the number of tasks
   * @param task takes 0 to tasks - 1, in any order
   */
  public static void run(int tasks, IntConsumer task) {
    if (tasks <= 1 || BUSY.get() || count() == 1) {
      runHere(tasks, task);
      return;
    }
    // If there are as many callers as threads, a helper would only wait for a core, and the caller
    // would wait for the helper.
    int callers = CALLERS.incrementAndGet();
    try {
      if (callers >= count()) {
        runHere(tasks, task);
      } else {
        share(tasks, task);
      }
    } finally {
      CALLERS.decrementAndGet();
    }
  }

  private static void runHere(int tasks, IntConsumer task) {
    for (int i = 0; i < tasks; i++) {
      task.accept(i);
    }
  }

  private static void share(int tasks, IntConsumer task) {
    TaskShares shares = new TaskShares(tasks, Math.min(count(), tasks));
    CountDownLatch done = new CountDownLatch(tasks);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    BooleanSupplier work =
        () -> {
          boolean worked = false;
          int share = Thread.currentThread() instanceof Worker worker ? worker.share : 0;
          BUSY.set(true);
          try {
            for (int i = shares.take(share); i != TaskShares.NONE; i = shares.take(share)) {
              worked = true;
              try {
                if (failure.get() == null) {
                  task.accept(i);
                }
              } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
              } finally {
                done.countDown();
              }
            }
          } finally {
            BUSY.set(false);
          }
          return worked;
        };
    for (int i = 1; i < Math.min(count(), tasks); i++) {
      Pool.execute(work);
    }
    long start = System.nanoTime();
    await(done, work.getAsBoolean() ? System.nanoTime() - start : 0);
    Throwable thrown = failure.get();
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }

  /**
   * Runs a task over a range in parts of about the same size, one per thread.
   *
   * @param length the range is [0, length)
   * @param least the smallest length of a part
   * @param part takes the first index and the one past the last
   */
  public static void split(int length, int least, Part part) {
    runParts(length, Math.min(count(), length / Math.max(1, least)), part);
  }

  /**
   * Runs a task over a range in a few parts per thread, so that other threads take more parts if
   * one is held up. This suits work that costs little more in small parts, unlike large products,
   * which prepare a factor again for each part.
   *
   * @param length the range is [0, length)
   * @param least the smallest length of a part
   * @param part takes the first index and the one past the last
   */
  public static void balance(int length, int least, Part part) {
    int most = count() == 1 ? 1 : PARTS * count();
    runParts(length, Math.min(most, length / Math.max(1, least)), part);
  }

  private static void runParts(int length, int parts, Part part) {
    int some = Math.max(1, parts);
    run(
        some,
        i -> part.run((int) ((long) length * i / some), (int) ((long) length * (i + 1) / some)));
  }

  /** A task over a part of a range. */
  @FunctionalInterface
  public interface Part {
    /**
     * Does the part.
     *
     * @param from the first index
     * @param to the index past the last
     */
    void run(int from, int to);
  }

  /**
   * Spins until something is ready, for about the time that the last work took, within limits. If
   * more work follows soon, it finds its threads awake. If none follows, spinning costs no more
   * than that work did.
   */
  private static void spinUntil(BooleanSupplier ready, long workNanos) {
    long start = System.nanoTime();
    long most = Math.max(LEAST_SPIN_NANOS, Math.min(MOST_SPIN_NANOS, workNanos));
    do {
      for (int i = 0; i < SPINS_PER_LOOK; i++) {
        if (ready.getAsBoolean()) {
          return;
        }
        Thread.onSpinWait();
      }
    } while (System.nanoTime() - start < most);
  }

  private static void await(CountDownLatch done, long workNanos) {
    spinUntil(() -> done.getCount() == 0, workNanos);
    boolean interrupted = false;
    while (done.getCount() > 0) {
      try {
        done.await();
      } catch (InterruptedException e) {
        // The tasks write to the caller's arrays, so the caller must not continue before they end.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
