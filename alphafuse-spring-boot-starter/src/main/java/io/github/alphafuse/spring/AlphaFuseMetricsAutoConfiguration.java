package io.github.alphafuse.spring;

import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.LiveRecommenderMetrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** Binds the metrics of the {@link LiveRecommender}, where the application has Micrometer. */
@AutoConfiguration(after = AlphaFuseAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
public class AlphaFuseMetricsAutoConfiguration {
  /** The configuration. */
  public AlphaFuseMetricsAutoConfiguration() {}

  /**
   * The metrics of the recommender, which Spring Boot binds to its registries.
   *
   * @param recommender the recommender
   * @return its metrics
   */
  @Bean
  @ConditionalOnSingleCandidate(LiveRecommender.class)
  @ConditionalOnMissingBean
  public LiveRecommenderMetrics liveRecommenderMetrics(LiveRecommender recommender) {
    return new LiveRecommenderMetrics(recommender, List.of());
  }
}
