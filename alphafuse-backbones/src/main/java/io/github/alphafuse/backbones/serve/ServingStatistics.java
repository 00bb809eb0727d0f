package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.HdrHistogram.AbstractHistogram;

/**
 * What a {@link LiveRecommender} did since it was built.
 *
 * <p>Immutable and thread-safe.
 */
public final class ServingStatistics {
  private final long failures;
  private final long fallbacks;
  private final long unknownItems;
  private final long swaps;
  private final long failedReloads;
  private final Optional<FailedReload> lastFailedReload;
  private final String version;
  private final Duration versionAge;
  private final Duration totalLatency;
  private final AbstractHistogram latency;

  ServingStatistics(ServingCounters counters, LiveVersion version) {
    this.latency = counters.latency.copy();
    this.totalLatency = Duration.ofNanos(counters.nanos.sum());
    this.failures = counters.failures.sum();
    this.fallbacks = counters.fallbacks.sum();
    this.unknownItems = counters.unknownItems.sum();
    this.swaps = counters.swaps.sum();
    this.failedReloads = counters.failedReloads.sum();
    this.lastFailedReload = counters.lastFailure();
    this.version = version.recommender().version();
    this.versionAge = Duration.ofNanos(System.nanoTime() - version.since());
  }

  /**
   * A new version that was refused.
   *
   * @param message why
   * @param time when
   */
  public record FailedReload(String message, Instant time) {}

  /**
   * The number of requests that ended, those that failed included.
   *
   * @return answers and failures
   */
  public long requests() {
    return answers() + failures;
  }

  /**
   * The number of requests that were answered.
   *
   * @return 0 or more
   */
  public long answers() {
    return latency.getTotalCount();
  }

  /**
   * The number of requests that were refused or failed.
   *
   * @return 0 or more
   */
  public long failures() {
    return failures;
  }

  /**
   * The number of answers that came from the model's fallback.
   *
   * @return 0 or more
   */
  public long fallbacks() {
    return fallbacks;
  }

  /**
   * The number of items in histories that the model did not know, of all answers.
   *
   * @return 0 or more
   */
  public long unknownItems() {
    return unknownItems;
  }

  /**
   * The number of times that another version took over, by a new model or by added items.
   *
   * @return 0 or more
   */
  public long swaps() {
    return swaps;
  }

  /**
   * The number of times that the file held no model that could be served.
   *
   * @return 0 or more
   */
  public long failedReloads() {
    return failedReloads;
  }

  /**
   * The last time that the file held no model that could be served.
   *
   * @return why and when; empty if there was none
   */
  public Optional<FailedReload> lastFailedReload() {
    return lastFailedReload;
  }

  /**
   * The version that is served.
   *
   * @return the {@link LiveRecommender#version()}
   */
  public String version() {
    return version;
  }

  /**
   * How long this version has been served.
   *
   * @return the time since it took over
   */
  public Duration versionAge() {
    return versionAge;
  }

  /**
   * The time that a part of the answers needed at most. An answer of many at once needs the time of
   * the whole call.
   *
   * @param percentile the part, in percent: 50 for the median, 100 for the longest of all
   * @return the time, to three digits; zero if there was no answer
   * @throws IllegalArgumentException if the percentile is outside [0, 100]
   */
  public Duration latency(double percentile) {
    checkArgument(
        percentile >= 0 && percentile <= 100,
        "percentile must be in [0, 100], found %s",
        String.valueOf(percentile));
    return Duration.ofNanos(latency.getValueAtPercentile(percentile));
  }

  /**
   * The mean time of an answer.
   *
   * @return the total time over the answers; zero if there was none
   */
  public Duration meanLatency() {
    return answers() == 0 ? Duration.ZERO : totalLatency.dividedBy(answers());
  }

  /**
   * The sum of the times of all answers.
   *
   * @return zero if there was none
   */
  public Duration totalLatency() {
    return totalLatency;
  }

  /**
   * A short description: version, counts and times.
   *
   * @return one line
   */
  @Override
  public String toString() {
    return "ServingStatistics["
        + version
        + ", "
        + answers()
        + " answers, "
        + failures
        + " failures, "
        + swaps
        + " swaps, median "
        + latency(50).toNanos() / 1e6
        + " ms, 99% "
        + latency(99).toNanos() / 1e6
        + " ms]";
  }
}
