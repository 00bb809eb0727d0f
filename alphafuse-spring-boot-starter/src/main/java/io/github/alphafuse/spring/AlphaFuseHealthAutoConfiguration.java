package io.github.alphafuse.spring;

import io.github.alphafuse.backbones.serve.LiveRecommender;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Tells the health of the {@link LiveRecommender}, where the application has Spring Boot's health.
 */
@AutoConfiguration(after = AlphaFuseAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
public class AlphaFuseHealthAutoConfiguration {
  /** The configuration. */
  public AlphaFuseHealthAutoConfiguration() {}

  /**
   * The health of the recommender: up while a model is served, with its version, and with the last
   * failed reload beside it.
   *
   * @param recommender the recommender
   * @return its health
   */
  @Bean
  @ConditionalOnSingleCandidate(LiveRecommender.class)
  @ConditionalOnMissingBean(name = "alphafuseHealthIndicator")
  @ConditionalOnEnabledHealthIndicator("alphafuse")
  public HealthIndicator alphafuseHealthIndicator(LiveRecommender recommender) {
    return new RecommenderHealth(recommender);
  }
}
