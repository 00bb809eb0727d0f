package io.github.alphafuse.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.LiveRecommenderMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class AutoConfigurationTest {
  @TempDir private Path folder;
  private Path model = Path.of("");

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  AlphaFuseAutoConfiguration.class,
                  AlphaFuseHealthAutoConfiguration.class,
                  AlphaFuseMetricsAutoConfiguration.class));

  @BeforeEach
  void save() {
    model = folder.resolve("model.alphafuse");
    SmallModel.of(12, 1).save(model);
  }

  private ApplicationContextRunner withModel() {
    return runner.withPropertyValues("alphafuse.model=" + model, "alphafuse.reload=1h");
  }

  @Test
  void withoutAModelThereIsNothing() {
    runner.run(
        context ->
            assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(LiveRecommender.class)
                .doesNotHaveBean(HealthIndicator.class)
                .doesNotHaveBean(LiveRecommenderMetrics.class));
  }

  @Test
  void theRecommenderIsMadeAndClosedWithTheApplication() {
    LiveRecommender[] made = new LiveRecommender[1];
    withModel()
        .run(
            context -> {
              made[0] = context.getBean(LiveRecommender.class);
              assertThat(made[0].recommend(java.util.List.of("item-3"), 4)).hasSize(4);
            });
    org.assertj.core.api.Assertions.assertThatIllegalStateException()
        .isThrownBy(() -> made[0].recommend(java.util.List.of("item-3"), 4));
  }

  @Test
  void aRecommenderOfTheApplicationIsKept() {
    try (LiveRecommender own = LiveRecommender.of(SmallModel.of(5, 3), "own")) {
      withModel()
          .withBean(
              LiveRecommender.class, () -> own, definition -> definition.setDestroyMethodName(""))
          .run(context -> assertThat(context.getBean(LiveRecommender.class)).isSameAs(own));
    }
  }

  @Test
  void severalRecommendersOfTheApplicationAreKept() {
    try (LiveRecommender home = LiveRecommender.of(SmallModel.of(5, 3), "home");
        LiveRecommender cart = LiveRecommender.of(SmallModel.of(5, 4), "cart")) {
      withModel()
          .withBean(
              "home",
              LiveRecommender.class,
              () -> home,
              definition -> definition.setDestroyMethodName(""))
          .withBean(
              "cart",
              LiveRecommender.class,
              () -> cart,
              definition -> definition.setDestroyMethodName(""))
          .run(
              context -> assertThat(context).hasNotFailed().doesNotHaveBean(HealthIndicator.class));
    }
  }

  @Test
  void healthIsUpAndTellsAFailedReload() throws IOException {
    withModel()
        .run(
            context -> {
              HealthIndicator indicator =
                  context.getBean("alphafuseHealthIndicator", HealthIndicator.class);
              assertThat(Objects.requireNonNull(indicator.health()).getStatus())
                  .isEqualTo(Status.UP);
              assertThat(Objects.requireNonNull(indicator.health()).getDetails())
                  .containsEntry("items", 12);
              Files.writeString(model, "half a file");
              context.getBean(LiveRecommender.class).reload();
              Health health = Objects.requireNonNull(indicator.health());
              assertThat(health.getStatus()).isEqualTo(Status.UP);
              assertThat(health.getDetails()).containsKey("lastFailedReload");
            });
  }

  @Test
  void healthCanBeSwitchedOff() {
    withModel()
        .withPropertyValues("management.health.alphafuse.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
  }

  @Test
  void metricsAreBound() {
    withModel()
        .run(
            context -> {
              MeterRegistry registry = new SimpleMeterRegistry();
              context.getBean(LiveRecommenderMetrics.class).bindTo(registry);
              assertThat(registry.getMeters()).isNotEmpty();
            });
  }

  @Test
  void itWorksWithoutHealthAndMetrics() {
    withModel()
        .withClassLoader(
            new FilteredClassLoader("org.springframework.boot.health", "io.micrometer"))
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(LiveRecommender.class));
  }

  @Test
  void aFileThatIsNoModelIsToldAtStart() {
    runner
        .withPropertyValues("alphafuse.model=" + folder.resolve("none.alphafuse"))
        .run(
            context -> {
              assertThat(context).hasFailed();
              assertThat(context.getStartupFailure()).hasStackTraceContaining("none.alphafuse");
            });
  }

  @Test
  void everyPropertyIsDescribed() throws IOException {
    try (var in = getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      String metadata =
          new String(
              Objects.requireNonNull(in).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      for (var component : AlphaFuseProperties.class.getRecordComponents()) {
        String name =
            component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
        assertThat(metadata).contains("\"alphafuse." + name + "\"");
      }
    }
  }
}
