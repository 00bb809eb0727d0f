package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * The {@link ServingStatistics} of a {@link LiveRecommender} as meters of Micrometer, named {@code
 * alphafuse.recommend} and what they count.
 *
 * <p>This class alone needs {@code io.micrometer:micrometer-core}, which an application that uses
 * it names as a dependency of its own.
 *
 * <p>Immutable and thread-safe.
 */
public final class LiveRecommenderMetrics implements MeterBinder {
  private static final String NAME = "alphafuse.recommend.";
  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

  private final LiveRecommender recommender;
  private final ImmutableList<Tag> tags;

  /**
   * Meters of a recommender.
   *
   * @param recommender the recommender; a registry does not keep it from being collected
   * @param tags tags of every meter, which tell several recommenders of a registry apart
   */
  public LiveRecommenderMetrics(LiveRecommender recommender, Iterable<Tag> tags) {
    this.recommender = checkNotNull(recommender, "recommender");
    this.tags = ImmutableList.copyOf(tags);
  }

  /**
   * Registers the meters.
   *
   * @param registry where
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    Counters counters = new Counters(registry);
    counters.count(
        "requests", "requests that ended, failed ones included", ServingStatistics::requests);
    counters.count("failures", "requests that failed", ServingStatistics::failures);
    counters.count("fallbacks", "answers from the fallback", ServingStatistics::fallbacks);
    counters.count(
        "unknown.items",
        "items of histories that the model did not know",
        ServingStatistics::unknownItems);
    counters.count("swaps", "times that another version took over", ServingStatistics::swaps);
    counters.count(
        "reload.failures",
        "times that the file held no model that could be served",
        ServingStatistics::failedReloads);
    FunctionTimer.builder(
            NAME + "latency",
            recommender,
            live -> live.statistics().answers(),
            live -> live.statistics().totalLatency().toNanos(),
            TimeUnit.NANOSECONDS)
        .description("time of an answer")
        .tags(tags)
        .register(registry);
    for (double percentile : PERCENTILES) {
      TimeGauge.builder(
              NAME + "latency.percentile",
              recommender,
              TimeUnit.NANOSECONDS,
              live -> live.statistics().latency(percentile).toNanos())
          .description("time of an answer since the start")
          .tags(tags)
          .tag("phi", Double.toString(percentile / 100))
          .register(registry);
    }
    TimeGauge.builder(
            NAME + "version.age",
            recommender,
            TimeUnit.NANOSECONDS,
            live -> live.statistics().versionAge().toNanos())
        .description("how long the version has been served")
        .tags(tags)
        .register(registry);
    Gauge.builder(NAME + "added.items", recommender, live -> live.addedItems().size())
        .description("items that were added at run time")
        .tags(tags)
        .register(registry);
  }

  /** Registers counters of the statistics. */
  private final class Counters {
    private final MeterRegistry registry;

    Counters(MeterRegistry registry) {
      this.registry = registry;
    }

    void count(String name, String description, ToDoubleFunction<ServingStatistics> count) {
      FunctionCounter.builder(
              NAME + name, recommender, live -> count.applyAsDouble(live.statistics()))
          .description(description)
          .tags(tags)
          .register(registry);
    }
  }
}
