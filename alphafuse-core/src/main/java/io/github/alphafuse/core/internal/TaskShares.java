package io.github.alphafuse.core.internal;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tasks that threads take one after the other: each first those of its own share, then what others
 * have left of theirs.
 *
 * <p>Where works over the same range follow each other, a thread so finds most of what it wrote
 * before in its own caches: numbers that another core has changed come from there several times as
 * slowly. Thread-safe.
 */
public final class TaskShares {
  /** What {@link #take} returns when all tasks are taken. */
  public static final int NONE = -1;

  private final AtomicInteger[] next;
  private final int[] end;

  /**
   * Tasks 0 to tasks - 1 in shares of about the same size.
   *
   * @param tasks how many tasks
   * @param shares how many shares, at least 1
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
   * @param share the share of the thread, of which it takes as long as there are any
   * @return a task that nobody else has taken, or {@link #NONE}
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
