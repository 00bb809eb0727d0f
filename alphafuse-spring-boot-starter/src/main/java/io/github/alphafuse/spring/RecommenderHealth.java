package io.github.alphafuse.spring;

import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.ServingStatistics;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * The health of a live recommender. It is up while a model is served, also where the last reload
 * failed, which is told beside it.
 */
final class RecommenderHealth extends AbstractHealthIndicator {
  private final LiveRecommender recommender;

  RecommenderHealth(LiveRecommender recommender) {
    super("the recommender does not answer");
    this.recommender = recommender;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    int items = recommender.call(served -> served.vocabulary().size());
    builder.up().withDetail("version", recommender.version()).withDetail("items", items);
    ServingStatistics statistics = recommender.statistics();
    statistics
        .lastFailedReload()
        .ifPresent(
            failure ->
                builder.withDetail("lastFailedReload", failure.time() + " " + failure.message()));
  }
}
