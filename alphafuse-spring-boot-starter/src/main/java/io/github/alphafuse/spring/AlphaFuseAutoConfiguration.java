package io.github.alphafuse.spring;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.serve.LiveRecommender;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Makes a {@link LiveRecommender} of the model that {@code alphafuse.model} names.
 *
 * <p>It backs off where the application defines a bean of its own.
 */
@AutoConfiguration
@ConditionalOnClass(LiveRecommender.class)
@EnableConfigurationProperties(AlphaFuseProperties.class)
public class AlphaFuseAutoConfiguration {
  /** The configuration. */
  public AlphaFuseAutoConfiguration() {}

  /**
   * The recommender over the file of the model, which is looked at for new models.
   *
   * @param properties the properties
   * @return the recommender, closed with the application
   * @throws IllegalArgumentException if the file holds no model
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  @ConditionalOnProperty("alphafuse.model")
  public LiveRecommender liveRecommender(AlphaFuseProperties properties) {
    LiveRecommender.Builder options =
        LiveRecommender.builder(requireNonNull(properties.model()))
            .interval(properties.reload())
            .excludeSeen(properties.excludeSeen())
            .keepText(properties.keepText());
    if (properties.addedItems() != null) {
      options.addedItems(properties.addedItems());
    }
    return options.build();
  }
}
