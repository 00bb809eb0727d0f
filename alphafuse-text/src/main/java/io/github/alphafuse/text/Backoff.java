package io.github.alphafuse.text;

import java.time.Duration;

/**
 * How often a request is repeated and how long the waits before it are: each twice as long as the
 * one before, up to a longest one.
 */
record Backoff(int retries, Duration first, Duration longest, Pause pause) {

  /** Waits; tests count instead. */
  @FunctionalInterface
  interface Pause {
    void sleep(Duration duration) throws InterruptedException;
  }

  /** Waits before a retry, the first of which is number 0. */
  void await(int retry) throws InterruptedException {
    Duration delay = first;
    for (int i = 0; i < retry && delay.compareTo(longest) < 0; i++) {
      delay = delay.multipliedBy(2);
    }
    pause.sleep(delay.compareTo(longest) < 0 ? delay : longest);
  }
}
