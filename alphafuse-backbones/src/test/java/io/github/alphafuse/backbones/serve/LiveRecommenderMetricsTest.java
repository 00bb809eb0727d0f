package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The meters of a recommender, and a recommender without Micrometer. */
class LiveRecommenderMetricsTest {

  /** What a class path without Micrometer must be able to do. */
  public static final class Serving implements Supplier<String> {
    @Override
    public String get() {
      try (LiveRecommender live =
          LiveRecommender.of(HashModel.of(1, 9, new AtomicInteger()), "first")) {
        live.filter(ItemFilter.deny(List.of("item-2")));
        live.swap(HashModel.of(2, 9, new AtomicInteger()), "second");
        live.recommend(List.of("item-1"), 3);
        return live.statistics().version() + " " + live.statistics().answers();
      }
    }
  }

  @Test
  void metersShowTheStatistics() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (LiveRecommender live =
        LiveRecommender.of(HashModel.of(1, 20, new AtomicInteger()), "first")) {
      new LiveRecommenderMetrics(live, Tags.of("shop", "books")).bindTo(registry);
      live.recommend(List.of("item-1", "chair"), 3);
      live.recommend(List.of("item-2"), 3);
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> live.recommend(List.of("chair"), 3));
      live.addItems(List.of("cup"), LanguageEmbeddings.of(RandomNumbers.rows(1, 1, 4)));
      assertThat(count(registry, "requests")).isEqualTo(3);
      assertThat(count(registry, "failures")).isEqualTo(1);
      assertThat(count(registry, "fallbacks")).isZero();
      assertThat(count(registry, "unknown.items")).isEqualTo(1);
      assertThat(count(registry, "swaps")).isEqualTo(1);
      assertThat(count(registry, "reload.failures")).isZero();
      assertThat(registry.get("alphafuse.recommend.latency").functionTimer().count()).isEqualTo(2);
      assertThat(
              registry
                  .get("alphafuse.recommend.latency")
                  .functionTimer()
                  .totalTime(TimeUnit.NANOSECONDS))
          .isEqualTo(live.statistics().totalLatency().toNanos());
      assertThat(
              registry
                  .get("alphafuse.recommend.latency.percentile")
                  .tag("phi", "0.99")
                  .timeGauge()
                  .value(TimeUnit.NANOSECONDS))
          .isEqualTo(live.statistics().latency(99).toNanos());
      assertThat(
              registry
                  .get("alphafuse.recommend.version.age")
                  .timeGauge()
                  .value(TimeUnit.NANOSECONDS))
          .isPositive();
      assertThat(registry.get("alphafuse.recommend.added.items").gauge().value()).isEqualTo(1);
      assertThat(registry.getMeters())
          .extracting(Meter::getId)
          .allMatch(id -> "books".equals(id.getTag("shop")));
    }
  }

  private static double count(SimpleMeterRegistry registry, String name) {
    return registry.get("alphafuse.recommend." + name).functionCounter().count();
  }

  @Test
  void aRecommenderNeedsNoMicrometer() throws Exception {
    ClassLoader without = new WithoutMicrometer(getClass().getClassLoader());
    assertThatExceptionOfType(ClassNotFoundException.class)
        .isThrownBy(() -> without.loadClass(Meter.class.getName()));
    Class<?> serving = without.loadClass(Serving.class.getName());
    assertThat(serving.getClassLoader()).isSameAs(without);
    Method get = serving.getMethod("get");
    assertThat(get.invoke(serving.getConstructor().newInstance())).isEqualTo("second 1");
  }

  /** Loads our own classes anew, so that what they need is asked for here. */
  private static final class WithoutMicrometer extends ClassLoader {
    WithoutMicrometer(ClassLoader parent) {
      super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("io.micrometer")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("io.github.alphafuse")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        if (known != null) {
          return known;
        }
        try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
          if (in == null) {
            throw new ClassNotFoundException(name);
          }
          byte[] bytes = in.readAllBytes();
          return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
          throw new ClassNotFoundException(name, e);
        }
      }
    }
  }
}
