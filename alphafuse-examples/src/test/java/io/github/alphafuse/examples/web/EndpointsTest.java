package io.github.alphafuse.examples.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.RecommendationRequest;
import io.github.alphafuse.examples.web.Shop.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each path answers. */
class EndpointsTest {
  private static Shop shop;

  @BeforeAll
  static void open() {
    shop = Shop.open();
  }

  @AfterAll
  static void close() {
    shop.close();
  }

  private static List<String> expected(RecommendationRequest request) {
    return shop.recommender.recommend(request).stream().map(Recommendation::item).toList();
  }

  @Test
  void recommendsForAHistory() throws Exception {
    Answer answer = shop.get("/recommend?history=7&history=12&count=5");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).contains("application/json");
    assertThat(answer.ids())
        .isEqualTo(expected(RecommendationRequest.of(List.of("7", "12")).count(5)));
    JsonObject json = answer.json();
    assertThat(json.get("version").getAsString()).isEqualTo("a");
    assertThat(json.get("fallback").isJsonNull()).isTrue();
    assertThat(json.get("unknownItems").getAsInt()).isZero();
    JsonObject item = json.getAsJsonArray("items").get(0).getAsJsonObject();
    assertThat(item.get("text").isJsonNull()).isTrue();
    assertThat(item.getAsJsonArray("history")).isEmpty();
  }

  @Test
  void explainsAnItemByItsPartsAndByTheHistory() throws Exception {
    Answer answer = shop.get("/recommend?history=2&history=12&count=3&explain=true");
    for (int k = 0; k < 3; k++) {
      JsonObject item = answer.json().getAsJsonArray("items").get(k).getAsJsonObject();
      assertThat(item.get("text").getAsDouble() + item.get("clicks").getAsDouble())
          .isCloseTo(item.get("score").getAsDouble(), within(1e-5));
      assertThat(item.getAsJsonArray("history")).hasSize(2);
    }
    assertThat(answer.body()).contains("\"item\":\"2\",\"title\":\"sofa bed\"");
  }

  @Test
  void answersAPostAsItsQuery() throws Exception {
    Answer query =
        shop.get(
            "/recommend?history=7&history=12&count=9&deny=3&deny=5&min_score=-0.5"
                + "&include_seen=true&explain=true");
    Answer post =
        shop.post(
            "/recommend",
            """
            {"history": ["7", "12"], "count": 9, "deny": ["3", "5"], "minScore": -0.5,
             "includeSeen": true, "explain": true}""");
    assertThat(post.status()).isEqualTo(200);
    assertThat(post.body()).isEqualTo(query.body());
  }

  @Test
  void obeysListsAndLeastScores() throws Exception {
    List<String> all = shop.get("/recommend?history=7&count=80&include_seen=true").ids();
    assertThat(all).hasSize(Shop.ITEMS).contains("7");
    assertThat(shop.get("/recommend?history=7&count=80").ids()).hasSize(79).doesNotContain("7");
    assertThat(shop.get("/recommend?history=7&allow=3&allow=9").ids())
        .containsExactlyInAnyOrder("3", "9");
    assertThat(shop.post("/recommend", "{\"history\": [\"7\"], \"allow\": []}").ids()).isEmpty();
    assertThat(shop.get("/recommend?history=7&count=80&deny=3").ids()).doesNotContain("3");
    assertThat(shop.get("/recommend?history=7&min_score=1e6").ids()).isEmpty();
  }

  @Test
  void saysWhatAnswersAHistoryThatIsUnknown() throws Exception {
    Answer answer = shop.get("/recommend?history=no-such&history=such");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("unknownItems").getAsInt()).isEqualTo(2);
    assertThat(answer.json().get("fallback").getAsString()).contains("popularity");
    assertThat(shop.get("/recommend").json().get("fallback").isJsonNull()).isFalse();
  }

  @Test
  void findsSimilarItems() throws Exception {
    Answer answer = shop.get("/similar?item=7&count=4");
    assertThat(answer.ids())
        .isEqualTo(expected(RecommendationRequest.similarTo("7").count(4)))
        .doesNotContain("7");
    Answer unknown = shop.get("/similar?item=no%20such");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.error()).isEqualTo("item 'no such' is not among the model's 80 items");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cafe|0",
        "CAFÉ crème|0",
        "creme|0",
        "cream|1,4",
        "sofa|2,0",
        "sofa c|0",
        "mobel|3",
        "wachs <b>|3",
        "79|79",
        "no such thing|",
        "!!|",
      })
  void findsProductsByWords(String words, String ids) throws Exception {
    Answer answer =
        shop.get("/items?count=50&query=" + URLEncoder.encode(words, StandardCharsets.UTF_8));
    assertThat(String.join(",", answer.ids())).isEqualTo(ids == null ? "" : ids);
  }

  @Test
  void findsTheFirstProductsForNoWords() throws Exception {
    assertThat(shop.get("/items?count=3").ids()).containsExactly("0", "1", "2");
    assertThat(shop.get("/items?query=+&count=3").ids()).containsExactly("0", "1", "2");
    assertThat(shop.get("/items").ids()).hasSize(20);
  }

  @Test
  void namesProductsByTheirIds() throws Exception {
    Answer answer = shop.get("/items?id=2&id=nothing&id=0");
    assertThat(answer.ids()).containsExactly("2", "0");
    assertThat(answer.body()).contains("Café Crème, Sofa");
  }

  @Test
  void reportsItsHealthAndWhatItDid() throws Exception {
    shop.get("/recommend?history=7");
    shop.get("/recommend?history=7&count=x");
    JsonObject health = shop.get("/health").json();
    assertThat(health.get("status").getAsString()).isEqualTo("ok");
    assertThat(health.get("version").getAsString()).isEqualTo("a");
    assertThat(health.get("items").getAsInt()).isEqualTo(80);
    assertThat(health.get("uptimeSeconds").getAsDouble()).isPositive();
    assertThat(health.get("failedReload").isJsonNull()).isTrue();
    JsonObject statistics = shop.get("/statistics").json();
    JsonObject counts = statistics.getAsJsonObject("answersByPathAndStatus");
    assertThat(counts.get("/recommend 200").getAsInt()).isPositive();
    assertThat(counts.get("/recommend 400").getAsInt()).isPositive();
    assertThat(statistics.get("recommendations").getAsInt()).isPositive();
  }

  @Test
  void describesTheModel() throws Exception {
    JsonObject model = shop.get("/model").json();
    assertThat(model.get("kind").getAsString()).isEqualTo("sasrec");
    assertThat(model.get("titles").getAsInt()).isEqualTo(5);
    assertThat(model.getAsJsonObject("training").get("epochs").getAsInt()).isEqualTo(2);
    assertThat(model.getAsJsonObject("training").getAsJsonObject("validation").keySet())
        .isNotEmpty();
  }

  private static Answer map(String query) throws Exception {
    Answer answer = shop.get("/map" + query);
    // It is computed in the background; the deadline is that of the test run.
    while (answer.status() == 202) {
      assertThat(answer.json().get("pending").getAsBoolean()).isTrue();
      Thread.sleep(20);
      answer = shop.get("/map" + query);
    }
    return answer;
  }

  @Test
  void mapsItemsAlongTheDirectionsOfMostVariance() throws Exception {
    JsonObject map = map("").json();
    assertThat(map.get("sampled").getAsInt()).isEqualTo(80);
    double[] text = variances(map.getAsJsonArray("text"));
    double[] trained = variances(map.getAsJsonArray("trained"));
    assertThat(trained[0]).isGreaterThanOrEqualTo(trained[1]).isPositive();
    assertThat(text[0] + text[1]).isPositive();
    assertThat(map.get("trainedShare").getAsDouble()).isBetween(2 / 8.0, 1.0);
    assertThat(map.get("textShare").getAsDouble()).isBetween(0.0, 1.0);

    JsonObject some = map("?item=5&item=3").json();
    assertThat(some.getAsJsonArray("trained").get(0))
        .isEqualTo(map.getAsJsonArray("trained").get(5));
    assertThat(some.getAsJsonArray("text").get(1)).isEqualTo(map.getAsJsonArray("text").get(3));
    assertThat(map("?item=no").status()).isEqualTo(404);
  }

  private static double[] variances(JsonArray positions) {
    return IntStream.range(0, 2)
        .mapToDouble(
            axis ->
                IntStream.range(0, positions.size())
                    .mapToDouble(k -> positions.get(k).getAsJsonArray().get(axis).getAsDouble())
                    .map(x -> x * x)
                    .average()
                    .orElseThrow())
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/page.css", "/page.js", "/icon.svg"})
  void servesThePageFromItselfAlone(String path) throws Exception {
    Answer answer = shop.get(path);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Security-Policy"))
        .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'self';"));
    assertThat(answer.header("X-Content-Type-Options")).contains("nosniff");
    assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
    assertThat(answer.body().replace("http://www.w3.org/2000/svg", "")).doesNotContain("://");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/recommend?history=7", "/health", "/nothing", "/recommend?count=0"})
  void answersHeadAsGetWithoutABody(String path) throws Exception {
    Answer get = shop.get(path);
    Answer head = shop.send("HEAD", path, null);
    assertThat(head.status()).isEqualTo(get.status());
    assertThat(head.body()).isEmpty();
    assertThat(head.header("Content-Type")).isEqualTo(get.header("Content-Type"));
    assertThat(head.header("Content-Length")).isPresent();
  }

  @Test
  void namesTheMethodsOfAPath() throws Exception {
    Answer options = shop.send("OPTIONS", "/recommend", null);
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.header("Allow")).contains("GET, POST, HEAD, OPTIONS");
    assertThat(options.header("Access-Control-Allow-Origin")).isEmpty();
  }
}
