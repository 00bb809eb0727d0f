package io.github.alphafuse.core.internal;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tasks that threads take one after the other. Each thread first takes those of its own share, then
 * those that are left of the other shares.
 *
 * <p>When several loops over the same range follow each other, a thread so finds most of the
 * numbers that it wrote before in its own caches. Reading numbers that another core has changed is
 * slower. Thread-safe.
 */
public final class TaskShares {
  /** What {@link #take} returns when all tasks are taken. */
  public static final int NONE = -1;

  private final AtomicInteger[] next;
  private final int[] end;

  /**
   * Tasks 0 to tasks - 1 in shares of about the same size.
   *
   * @param tasks the number of tasks
   * @param shares the number of shares, at least 1
   */
  public TaskShares(int tasks, int shares) {
    this.next = new AtomicInteger[shares];
    this.end = new int[shares];
    for (int share = 0; share < shares; share++) {
      next[share] = new AtomicInteger((int) ((long) tasks * share / shares));
      end[share] = (int) ((long) tasks * (share + 1) / shares);
    }
  }

  /**
   * Takes a task.
   *
   * @param share the share of the thread, whose tasks it takes first
   * @return a task that no other thread has taken, or {@link #NONE}
   */
  public int take(int share) {
    for (int i = 0; i < next.length; i++) {
      int of = (share + i) % next.length;
      if (next[of].get() < end[of]) {
        int task = next[of].getAndIncrement();
        if (task < end[of]) {
          return task;
        }
      }
    }
    return NONE;
  }
}
