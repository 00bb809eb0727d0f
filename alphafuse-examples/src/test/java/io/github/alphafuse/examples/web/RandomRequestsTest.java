package io.github.alphafuse.examples.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Requests of random parts, as bytes on a connection. Every answer has a status that fits, and JSON
 * where the server's own code answers. What is no HTTP or no URI at all, the JDK refuses itself.
 */
class RandomRequestsTest {
  private static final int REQUESTS = Integer.getInteger("alphafuse.requests", 1_500);
  private static final String[] METHODS = {
    "GET", "GET", "GET", "GET", "POST", "POST", "HEAD", "OPTIONS", "PUT", "get", "TRACE"
  };
  private static final String[] PATHS = {
    "/recommend", "/recommend", "/recommend", "/similar", "/items", "/map", "/model", "/health",
    "/statistics", "/nothing", "/", "/page.js", "//", "/%2e%2e/", "*", "/recommend;x"
  };
  private static final String[] NAMES = {
    "history", "history", "count", "explain", "deny", "allow", "min_score", "minScore",
    "include_seen", "includeSeen", "item", "query", "id", "x", "", "%68istory"
  };
  private static final String[] GOOD = {
    "?history=7", "?history=7&history=80&count=3", "?item=5", "?query=so", "", "?count=7"
  };
  private static final String[] VALUES = {
    "7", "12", "0", "79", "80", "-1", "5", "1000", "1001", "1e3", "true", "false", "TRUE", "NaN",
    "0.25", "%", "%4", "%zz", "%FF", "%C3%A9", "%00", "é", "sofa", "a+b", "=", "%26", "\"", "<b>",
    "1e-400", "99999999999999999999", "", "null", "{}", "[]", "\u0001"
  };
  private static final String[] JSON = {
    "{", "}", "[", "]", ",", ":", "\"history\"", "\"count\"", "\"minScore\"", "\"explain\"",
        "\"7\"",
    "\"12\"", "5", "-0", "1e5", "1e999", "true", "null", "NaN", "\"\\ud800\"", "\"\\x\"", "\u0000",
    "é", " ", "//", "'a'", "\"", "\\"
  };

  private final SplittableRandom random = new SplittableRandom(22);

  private String any(String[] parts) {
    return parts[random.nextInt(parts.length)];
  }

  private String query() {
    if (random.nextInt(3) == 0) {
      return any(GOOD);
    }
    StringBuilder query = new StringBuilder(random.nextInt(8) == 0 ? "" : "?");
    for (int k = random.nextInt(5); k > 0; k--) {
      query.append(any(NAMES)).append(random.nextInt(12) == 0 ? "" : "=").append(any(VALUES));
      query.append(random.nextInt(12) == 0 ? "&&" : "&");
    }
    return query.toString();
  }

  private String body() {
    StringBuilder body = new StringBuilder();
    if (random.nextBoolean()) {
      body.append("{\"history\": [\"7\"]");
      for (int k = random.nextInt(3); k > 0; k--) {
        body.append(", ").append(any(JSON)).append(": ").append(any(JSON));
      }
      return body.append("}").toString();
    }
    for (int k = random.nextInt(12); k > 0; k--) {
      body.append(any(JSON));
    }
    return body.toString();
  }

  private String request() {
    String method = any(METHODS);
    boolean hasBody = method.equals("POST") || random.nextInt(10) == 0;
    String body = hasBody ? body() : "";
    String target = any(PATHS) + (method.equals("POST") && random.nextInt(5) > 0 ? "" : query());
    return method
        + " "
        + target
        + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + (hasBody ? "Content-Length: " + body.getBytes(ISO_8859_1).length + "\r\n" : "")
        + "\r\n"
        + body;
  }

  /** Strict, since the parser of trees takes much that is no JSON. */
  private static void requireJson(String body) throws IOException {
    try (JsonReader reader = new JsonReader(new StringReader(body))) {
      reader.setStrictness(Strictness.STRICT);
      assertThat(JsonParser.parseReader(reader).isJsonObject()).isTrue();
    }
  }

  private static String send(Shop shop, byte[] request) throws IOException {
    try (Socket socket = new Socket(shop.server.address().getAddress(), port(shop))) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(request);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int port(Shop shop) {
    return shop.server.address().getPort();
  }

  @Test
  void areAnsweredWithAStatusThatFits() throws Exception {
    int answered = 0;
    int good = 0;
    try (Shop shop = Shop.open()) {
      for (int k = 0; k < REQUESTS; k++) {
        String request = request();
        String answer = send(shop, request.getBytes(ISO_8859_1));
        String status = answer.lines().findFirst().orElse("HTTP/1.1 400 closed without an answer");
        assertThat(status).as(request).matches("HTTP/1.1 (2\\d\\d|4\\d\\d|503) .*");
        assertThat(answer).as(request).doesNotContain("java.", "\tat ");
        int end = answer.indexOf("\r\n\r\n");
        if (answer.toLowerCase(Locale.ROOT).contains("content-type: application/json")) {
          answered++;
          good += status.contains(" 200 ") ? 1 : 0;
          if (!request.startsWith("HEAD")) {
            requireJson(answer.substring(end));
          }
        }
      }
      assertThat(shop.problems).isEmpty();
      assertThat(shop.get("/health").status()).isEqualTo(200);
    }
    // The parts are such that a good share of the requests is understood.
    assertThat(answered).isGreaterThan(REQUESTS / 2);
    assertThat(good).isGreaterThan(REQUESTS / 20);
  }

  @Test
  void ofRandomBytesDoNoHarm() throws Exception {
    try (Shop shop = Shop.open()) {
      for (int k = 0; k < 50; k++) {
        byte[] bytes = new byte[1 + random.nextInt(200)];
        random.nextBytes(bytes);
        byte[] end = "\r\n\r\n".getBytes(ISO_8859_1);
        System.arraycopy(end, 0, bytes, Math.max(0, bytes.length - 4), Math.min(4, bytes.length));
        try (Socket socket = new Socket(shop.server.address().getAddress(), port(shop))) {
          socket.getOutputStream().write(bytes);
        }
      }
      assertThat(shop.get("/recommend?history=7").status()).isEqualTo(200);
      assertThat(shop.problems).isEmpty();
    }
  }
}
