package io.github.alphafuse.backbones.serve;

import com.google.common.util.concurrent.Uninterruptibles;
import io.github.alphafuse.backbones.model.RankingModel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A recommender that is closed after its last use.
 *
 * <p>Thread-safe.
 */
final class LiveVersion {
  private final RankingModel model;
  private final String base;
  private final Recommender recommender;
  private final long since = System.nanoTime();

  /** Who uses it: running calls, and its holder until it is retired. At 0 it is closed for good. */
  private final AtomicInteger users = new AtomicInteger(1);

  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * A version that is held.
   *
   * @param model the model before items were added to it
   * @param base its version
   * @param recommender the recommender of all items
   */
  LiveVersion(RankingModel model, String base, Recommender recommender) {
    this.model = model;
    this.base = base;
    this.recommender = recommender;
  }

  RankingModel model() {
    return model;
  }

  String base() {
    return base;
  }

  Recommender recommender() {
    return recommender;
  }

  /** When it was made, on the clock of {@link System#nanoTime}. */
  long since() {
    return since;
  }

  /** Starts a use, which {@link #leave} ends; false if it was closed already. */
  boolean enter() {
    int now = users.get();
    while (now > 0) {
      if (users.compareAndSet(now, now + 1)) {
        return true;
      }
      now = users.get();
    }
    return false;
  }

  /** Ends a use, or the holding; the last one to leave closes the recommender. */
  void leave() {
    if (users.decrementAndGet() == 0) {
      try {
        recommender.close();
      } finally {
        closed.countDown();
      }
    }
  }

  boolean isClosed() {
    return closed.getCount() == 0;
  }

  void awaitClosed() {
    Uninterruptibles.awaitUninterruptibly(closed);
  }
}
