package io.github.alphafuse.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real client of the network against a server that speaks OpenAI's protocol of embeddings. */
class OpenAiProtocolTest {
  private static final List<String> TEXTS =
      IntStream.range(0, 30).mapToObj(i -> "Spiel Nr. " + i + " – für 2–4").toList();

  @TempDir private Path folder;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private final List<Duration> waits = new ArrayList<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/embeddings", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** Answers with the next of the statuses, or with vectors if there is none left. */
  private void answer(HttpExchange exchange) throws IOException {
    JsonObject request =
        JsonParser.parseString(
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8))
            .getAsJsonObject();
    Integer status = statuses.poll();
    JsonObject answer = new JsonObject();
    if (status == null) {
      status = 200;
      answer.add("data", vectors(request));
      answer.addProperty("model", request.get("model").getAsString());
    } else {
      JsonObject error = new JsonObject();
      error.addProperty("message", "status " + status);
      answer.add("error", error);
    }
    byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    try (exchange) {
      exchange.getResponseBody().write(body);
    }
  }

  private JsonArray vectors(JsonObject request) {
    JsonArray data = new JsonArray();
    for (JsonElement text : request.getAsJsonArray("input")) {
      asked.add(text.getAsString());
      JsonArray numbers = new JsonArray();
      for (float number : HashModel.vector(text.getAsString())) {
        numbers.add(number);
      }
      JsonObject entry = new JsonObject();
      entry.addProperty("index", data.size());
      entry.add("embedding", numbers);
      data.add(entry);
    }
    return data;
  }

  private TextEncoder.Builder encoder() {
    EmbeddingModel model =
        OpenAiEmbeddingModel.builder()
            .baseUrl("http://localhost:" + server.getAddress().getPort() + "/v1")
            .apiKey("key")
            .modelName("test-embedding")
            .encodingFormat("float")
            .maxRetries(0)
            .timeout(Duration.ofSeconds(20))
            .build();
    return TextEncoder.builder(model).batchSize(4).pause(waits::add);
  }

  @Test
  void encodesOverTheNetwork() {
    TextEncoderTest.assertRows(encoder().parallelRequests(3).build().encode(TEXTS), TEXTS);
    assertThat(asked).containsExactlyInAnyOrderElementsOf(TEXTS);
  }

  @Test
  void repeatsWhatMaySucceedLater() {
    statuses.addAll(List.of(429, 500, 503));

    TextEncoderTest.assertRows(encoder().build().encode(TEXTS), TEXTS);

    assertThat(waits)
        .containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
  }

  @Test
  void doesNotRepeatWhatIsWrong() {
    for (int status : new int[] {400, 401, 404}) {
      statuses.add(status);
      assertThatIllegalStateException()
          .isThrownBy(() -> encoder().build().encode(TEXTS))
          .withMessageContaining("Spiel Nr. 0")
          .withMessageContaining("status " + status);
    }
    assertThat(waits).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void goesOnAfterAServerThatWentAway() {
    Path cache = folder.resolve("texts.cache");
    encoder().cache(cache).build().encode(TEXTS.subList(0, 12));
    asked.clear();
    statuses.addAll(List.of(429, 429));

    assertThatIllegalStateException()
        .isThrownBy(() -> encoder().cache(cache).retries(1).build().encode(TEXTS))
        .withMessageContaining("at attempt 2");
    TextEncoderTest.assertRows(encoder().cache(cache).build().encode(TEXTS), TEXTS);

    assertThat(asked).containsExactlyElementsOf(TEXTS.subList(12, 30));
  }
}
