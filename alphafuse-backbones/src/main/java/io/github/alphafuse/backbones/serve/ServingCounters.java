package io.github.alphafuse.backbones.serve;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.AtomicHistogram;

/**
 * Counts what a {@link LiveRecommender} does.
 *
 * <p>Thread-safe.
 */
final class ServingCounters {
  private static final long LONGEST = TimeUnit.HOURS.toNanos(1);
  private static final long FINEST = TimeUnit.MICROSECONDS.toNanos(1);

  final LongAdder failures = new LongAdder();
  final LongAdder fallbacks = new LongAdder();
  final LongAdder unknownItems = new LongAdder();
  final LongAdder swaps = new LongAdder();
  final LongAdder failedReloads = new LongAdder();
  final LongAdder nanos = new LongAdder();
  final AtomicHistogram latency = new AtomicHistogram(FINEST, LONGEST, 3);

  private volatile Optional<ServingStatistics.FailedReload> lastFailure = Optional.empty();

  Optional<ServingStatistics.FailedReload> lastFailure() {
    return lastFailure;
  }

  /** Counts the answers of one call, each of which took as long as the call. */
  void answered(Iterable<Recommendations> answers, long took) {
    for (Recommendations answer : answers) {
      unknownItems.add(answer.unknownItems());
      if (answer.isFallback()) {
        fallbacks.increment();
      }
      nanos.add(took);
      latency.recordValue(Math.min(took, LONGEST));
    }
  }

  void failedToReload(Throwable failure) {
    failedReloads.increment();
    lastFailure =
        Optional.of(new ServingStatistics.FailedReload(failure.toString(), Instant.now()));
  }
}
