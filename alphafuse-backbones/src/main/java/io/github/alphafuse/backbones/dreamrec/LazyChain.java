package io.github.alphafuse.backbones.dreamrec;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All steps of a sampling as one map, which is computed when it is first used. Thread-safe.
 *
 * @param <C> the map
 */
final class LazyChain<C> {
  private final Sampling.Form form;
  private final double breakEven;
  private final Supplier<C> source;
  private final AtomicLong served = new AtomicLong();
  private volatile @Nullable C chain;

  /** A chain that costs no more than its steps from {@code breakEven} users on. */
  LazyChain(Sampling.Form form, double breakEven, Supplier<C> source) {
    this.form = form;
    this.breakEven = breakEven;
    this.source = source;
  }

  /** Whether the chain is to be used for this number of further users, rather than its steps. */
  boolean isWorthwhile(int users) {
    return switch (form) {
      case COLLAPSED -> true;
      case AUTO -> chain != null || served.addAndGet(users) > breakEven;
      case NAIVE, STEPWISE -> false;
    };
  }

  C get() {
    C known = chain;
    if (known != null) {
      return known;
    }
    synchronized (this) {
      if (chain == null) {
        chain = source.get();
      }
      return chain;
    }
  }

  /** Closes the chain if it was computed. */
  void close(Consumer<? super C> closing) {
    C known = chain;
    if (known != null) {
      closing.accept(known);
    }
  }
}
