package io.github.alphafuse.examples.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.examples.web.Shop.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server with many requests, other models, and at its end. */
@Timeout(120)
class ServerUnderLoadTest {
  private final ExecutorService others = Executors.newCachedThreadPool();
  private final CountDownLatch reading = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void end() {
    goOn.countDown();
    others.shutdownNow();
  }

  /** A shop that has a new model whose titles are not read before they may {@link #goOn}. */
  private Shop shopThatReadsTitles(int threads) {
    AtomicBoolean first = new AtomicBoolean(true);
    Shop shop =
        Shop.open(
            builder ->
                builder
                    .threads(threads)
                    .titles(
                        items -> {
                          if (!first.getAndSet(false)) {
                            reading.countDown();
                            await(goOn);
                          }
                          return Shop.TITLES;
                        }));
    shop.recommender.swap(Shop.model("b"), "b");
    return shop;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Future<Answer> later(Callable<Answer> request) {
    return others.submit(request);
  }

  @Test
  void refusesMoreRequestsThanItMayAnswerAtOnce() throws Exception {
    try (Shop shop = shopThatReadsTitles(1)) {
      Future<Answer> running = later(() -> shop.get("/recommend?history=7"));
      await(reading);
      Answer refused = shop.get("/recommend?history=7");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).contains("1");
      assertThat(refused.error()).isEqualTo("the server answers 1 other requests; try again");
      assertThat(shop.get("/health").status()).isEqualTo(200);
      assertThat(shop.get("/statistics").json().get("running").getAsInt()).isEqualTo(1);
      goOn.countDown();
      assertThat(running.get().status()).isEqualTo(200);
      assertThat(shop.get("/recommend?history=7").status()).isEqualTo(200);
    }
  }

  @Test
  void goesOnWithTheTitlesThatItHasWhileOthersAreRead() throws Exception {
    try (Shop shop = shopThatReadsTitles(4)) {
      Future<Answer> running = later(() -> shop.get("/recommend?history=7"));
      await(reading);
      Answer meanwhile = shop.get("/recommend?history=7");
      assertThat(meanwhile.status()).isEqualTo(200);
      assertThat(meanwhile.json().get("version").getAsString()).isEqualTo("b");
      goOn.countDown();
      assertThat(running.get().body()).isEqualTo(meanwhile.body());
    }
  }

  @Test
  void endsAfterTheRequestsThatRun() throws Exception {
    Shop shop = shopThatReadsTitles(4);
    Future<Answer> running = later(() -> shop.get("/recommend?history=7"));
    await(reading);
    Future<?> closed = others.submit(shop.server::close);
    Answer late = shop.get("/health");
    while (late.status() == 200) {
      late = shop.get("/health");
    }
    assertThat(late.status()).isEqualTo(503);
    assertThat(late.error()).isEqualTo("the server is shutting down");
    assertThat(closed.isDone()).isFalse();
    assertThat(running.isDone()).isFalse();
    goOn.countDown();
    assertThat(running.get().status()).isEqualTo(200);
    closed.get();
    assertThatThrownBy(() -> shop.get("/health")).isInstanceOf(IOException.class);
    shop.close();
  }

  @Test
  void doesNotWaitForeverForARequest() throws Exception {
    AtomicBoolean first = new AtomicBoolean(true);
    Shop shop =
        Shop.open(
            builder ->
                builder
                    .patience(Duration.ofMillis(50))
                    .titles(
                        items -> {
                          if (!first.getAndSet(false)) {
                            reading.countDown();
                            await(goOn);
                          }
                          return Shop.TITLES;
                        }));
    shop.recommender.swap(Shop.model("b"), "b");
    Future<Answer> running = later(() -> shop.get("/recommend?history=7"));
    await(reading);
    shop.server.close();
    assertThatThrownBy(running::get).hasCauseInstanceOf(IOException.class);
    goOn.countDown();
  }

  @Test
  void startsWithoutTitlesThatCannotBeRead() throws Exception {
    try (Shop shop =
        Shop.open(
            builder ->
                builder.titles(
                    items -> {
                      throw new IllegalArgumentException("one id too many");
                    }))) {
      assertThat(shop.get("/recommend?history=1").status()).isEqualTo(200);
      assertThat(shop.get("/health").status()).isEqualTo(200);
      assertThat(shop.problems)
          .singleElement()
          .asString()
          .isEqualTo(
              "the titles are not read, and products are shown by their ids: one id too many");
    }
  }

  @Test
  void refusesEndlessLists() throws Exception {
    try (Shop shop = Shop.open()) {
      String history = String.join(",", Collections.nCopies(10_001, "\"1\""));
      Answer answer = shop.post("/recommend", "{\"history\": [" + history + "]}");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().get("error").getAsString())
          .contains("history must have at most 10000 texts, found 10001");
    }
  }

  @Test
  void keepsTheTitlesBeforeIfThoseOfANewModelCannotBeRead() throws Exception {
    AtomicBoolean first = new AtomicBoolean(true);
    try (Shop shop =
        Shop.open(
            builder ->
                builder.titles(
                    items -> {
                      if (!first.getAndSet(false)) {
                        throw new UncheckedIOException(new IOException("no such file"));
                      }
                      return Shop.TITLES;
                    }))) {
      shop.recommender.swap(Shop.model("b"), "b");
      Answer answer = shop.get("/items?query=sofa+bed");
      assertThat(answer.json().get("version").getAsString()).isEqualTo("b");
      assertThat(answer.ids()).containsExactly("2");
      assertThat(shop.problems)
          .singleElement()
          .asString()
          .startsWith("the titles of the new model are not read")
          .contains("no such file");
    }
  }

  @Test
  void answersAsOneOfTheModelsThatTakeTurns() throws Exception {
    Map<String, List<String>> expected =
        ImmutableMap.of("a", best("a"), "b", best("b"), "c", best("a"), "d", best("b"));
    assertThat(expected.get("a")).isNotEqualTo(expected.get("b"));
    try (Shop shop = Shop.open()) {
      AtomicBoolean done = new AtomicBoolean();
      List<Future<Set<String>>> clients = new ArrayList<>();
      for (int client = 0; client < 4; client++) {
        clients.add(
            others.submit(
                () -> {
                  Set<String> versions = new HashSet<>();
                  while (!done.get() || versions.isEmpty()) {
                    Answer answer = shop.get("/recommend?history=7&history=12");
                    assertThat(answer.status()).isEqualTo(200);
                    String version = answer.json().get("version").getAsString();
                    assertThat(answer.ids()).isEqualTo(expected.get(version));
                    versions.add(version);
                  }
                  return versions;
                }));
      }
      for (String version : List.of("b", "c", "d")) {
        shop.get("/map");
        shop.recommender.swap(Shop.model(version.equals("c") ? "a" : "b"), version);
        assertThat(shop.get("/recommend?history=7").json().get("version").getAsString())
            .isEqualTo(version);
      }
      done.set(true);
      for (Future<Set<String>> client : clients) {
        assertThat(client.get()).isNotEmpty();
      }
      assertThat(shop.get("/health").json().get("version").getAsString()).isEqualTo("d");
      assertThat(shop.get("/statistics").json().get("swaps").getAsInt()).isEqualTo(3);
    }
  }

  private static List<String> best(String model) {
    try (Recommender recommender = Recommender.builder(Shop.model(model)).build()) {
      return recommender.recommend(List.of("7", "12"), 10).ids();
    }
  }

  @Test
  void reportsAFailureOfItsOwnWithoutDetails() throws Exception {
    Shop shop = Shop.open();
    shop.recommender.close();
    Answer answer = shop.get("/recommend?history=7");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.error()).isEqualTo("the server failed; its log says why");
    assertThat(shop.problems).singleElement().asString().contains("/recommend failed");
    shop.server.close();
  }

  @Test
  void refusesAPortThatIsTaken() {
    try (Shop shop = Shop.open();
        LiveRecommender recommender = LiveRecommender.of(Shop.model("a"), "a")) {
      assertThatThrownBy(
              () ->
                  RecommendationServer.builder(recommender).address(shop.server.address()).start())
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith(
              "cannot listen on 127.0.0.1, port " + shop.server.address().getPort());
    }
  }

  @Test
  void checksItsOptions() {
    try (LiveRecommender recommender = LiveRecommender.of(Shop.model("a"), "a")) {
      RecommendationServer.Builder builder = RecommendationServer.builder(recommender);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.threads(0))
          .withMessage("threads must be from 1 to 1000, found 0");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.patience(Duration.ofSeconds(-1)))
          .withMessage("patience must be 0 or more, found PT-1S");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> builder.address(InetSocketAddress.createUnresolved("no.such.invalid", 1)))
          .withMessage(
              "address must be one of this machine, found the unknown name 'no.such.invalid'");
    }
  }
}
