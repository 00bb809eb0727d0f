package io.github.alphafuse.examples.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.examples.web.Shop.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each bad request is told what is wrong with it. */
class BadRequestsTest {
  private static Shop shop;

  @BeforeAll
  static void open() {
    shop = Shop.open();
  }

  @AfterAll
  static void close() {
    shop.close();
  }

  @AfterEach
  void isNoProblemOfTheServer() {
    assertThat(shop.problems).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/recommend?count=x|count must be a whole number from 1 to 1000, found 'x'",
        "/recommend?count=0|count must be a whole number from 1 to 1000, found '0'",
        "/recommend?count=-1|count must be a whole number from 1 to 1000, found '-1'",
        "/recommend?count=1001|count must be a whole number from 1 to 1000, found '1001'",
        "/recommend?count=99999999999999999999|count must be a whole number from 1 to 1000, found '99999999999999999999'",
        "/recommend?count=1.5|count must be a whole number from 1 to 1000, found '1.5'",
        "/recommend?count=|count must be a whole number from 1 to 1000, found ''",
        "/recommend?count|count must be a whole number from 1 to 1000, found ''",
        "/recommend?count=1&count=2|count must be given once, found 2 values",
        "/recommend?explain=yes|explain must be true or false, found 'yes'",
        "/recommend?include_seen=1|include_seen must be true or false, found '1'",
        "/recommend?min_score=much|min_score must be a number, found 'much'",
        "/recommend?min_score=NaN|min_score must be a number, found 'NaN'",
        "/recommend?min_score=1e999|min_score must be a number, found '1e999'",
        "/recommend?min_score=1d|min_score must be a number, found '1d'",
        "/recommend?minScore=1|unknown parameter 'minScore', expected history, count, explain, deny, allow, min_score, include_seen",
        "/recommend?x|unknown parameter 'x', expected history, count, explain, deny, allow, min_score, include_seen",
        "/health?x=1|unknown parameter 'x', expected none",
        "/recommend?history=%FF|the query must be UTF-8, found '%FF'",
        "/recommend?history=%C3%28|the query must be UTF-8, found '%C3%28'",
        "/recommend?history=%ED%A0%80|the query must be UTF-8, found '%ED%A0%80'",
        "/recommend?count=%0A%1B[31m|count must be a whole number from 1 to 1000, found '\uFFFD\uFFFD[31m'",
        "/similar|item must be given, found none",
        "/similar?item=1&item=2|item must be given once, found 2 values",
        "/similar?history=1|unknown parameter 'history', expected item, count, explain",
        "/items?id=1&query=x|query must not be given beside id",
        "/items?query=a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q|query must have at most 16 words, found 17",
      })
  void isRefusedWithAReason(String path, String error) throws Exception {
    Answer answer = shop.get(path.replace("[", "%5B"));
    assertThat(answer.error()).isEqualTo(error);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("Content-Type")).contains("application/json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|the body must be a JSON object, found nothing",
        "[]|the body must be a JSON object, found a list",
        "null|the body must be a JSON object, found null",
        "3|the body must be a JSON object, found 3.0",
        "{} {}|the body is not valid JSON: ",
        "{\"history\": [\"7\"]|the body must be a JSON object, found its end too early",
        "{'history': []}|the body is not valid JSON: ",
        "{history: []}|the body is not valid JSON: ",
        "{\"history\": [\"7\",]}|the body is not valid JSON: ",
        "{\"count\": 1, \"count\": 2}|'count' must be given once in the body, found it twice",
        "{\"count\": \"5\"}|count must be a whole number from 1 to 1000, found the text '5'",
        "{\"count\": 1.5}|count must be a whole number from 1 to 1000, found 1.5",
        "{\"count\": 1e300}|count must be a whole number from 1 to 1000, found 1.0E300",
        "{\"count\": 1e999999999}|the body is not valid JSON: ",
        "{\"count\": null}|count must be a whole number from 1 to 1000, found null",
        "{\"count\": NaN}|the body is not valid JSON: ",
        "{\"count\": [5]}|count must be a whole number from 1 to 1000, found a list",
        "{\"history\": \"7\"}|history must be a list of texts, found the text '7'",
        "{\"history\": [7]}|history must be a list of texts, found 7.0 in it",
        "{\"history\": [[\"7\"]]}|history must be a list of texts, found a list in it",
        "{\"history\": {\"a\": 1}}|history must be a list of texts, found an object",
        "{\"history\": [null]}|history must be a list of texts, found null in it",
        "{\"deny\": true}|deny must be a list of texts, found true",
        "{\"minScore\": \"a\"}|minScore must be a number, found the text 'a'",
        "{\"explain\": \"true\"}|explain must be true or false, found the text 'true'",
        "{\"includeSeen\": 1}|includeSeen must be true or false, found 1.0",
        "{\"min_score\": 1}|unknown parameter 'min_score', expected history, count, explain, deny, allow, minScore, includeSeen",
      })
  void isRefusedWithAReasonForItsBody(String body, String error) throws Exception {
    Answer answer = shop.post("/recommend", body);
    assertThat(answer.error()).startsWith(error);
    assertThat(answer.status()).isEqualTo(400);
  }

  @Test
  void isRefusedIfItsBodyIsDeep() throws Exception {
    String deep = "{\"history\": " + "[".repeat(200_000) + "]".repeat(200_000) + "}";
    Answer answer = shop.post("/recommend", deep);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error()).startsWith("the body is not valid JSON: Nesting limit 8 reached");
  }

  @Test
  void isRefusedIfItsBodyIsNotUtf8() throws Exception {
    byte[] body = "{\"history\": [\"?\"]}".getBytes(StandardCharsets.US_ASCII);
    body[14] = (byte) 0xE9;
    Answer answer = shop.send("POST", "/recommend", BodyPublishers.ofByteArray(body));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error()).isEqualTo("the body must be UTF-8, found other bytes");
  }

  @Test
  void isRefusedIfItsBodyIsNoJson() throws Exception {
    Answer answer =
        Shop.send(
            HttpRequest.newBuilder(shop.uri("/recommend"))
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{}"))
                .build());
    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.error()).isEqualTo("the body must be application/json, found 'text/plain'");
  }

  @Test
  void isRefusedIfAPostHasAQuery() throws Exception {
    Answer answer = shop.post("/recommend?history=7", "{}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error()).isEqualTo("a POST has its parameters in the body, found a query");
  }

  @ParameterizedTest
  @CsvSource({
    "PUT,/recommend,'GET, POST, HEAD, OPTIONS'",
    "DELETE,/recommend,'GET, POST, HEAD, OPTIONS'",
    "BREW,/health,'GET, HEAD, OPTIONS'",
    "POST,/similar,'GET, HEAD, OPTIONS'",
    "POST,/,'GET, HEAD, OPTIONS'",
  })
  void isToldTheMethods(String method, String path, String allowed) throws Exception {
    Answer answer = shop.send(method, path, null);
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("Allow")).contains(allowed);
    assertThat(answer.error()).contains(allowed).contains(method);
  }

  @ParameterizedTest
  @CsvSource({
    "/nothing",
    "/recommend/",
    "/recommend/7",
    "/Recommend",
    "/page.html",
    "/..%2Fpage.html",
    "/%00",
    "/%ED%A0%80",
    "/io/github/alphafuse/examples/web/page.js"
  })
  void findsNothingElsewhere(String path) throws Exception {
    Answer answer = shop.get(path);
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.error()).startsWith("there is nothing at ");
  }

  @Test
  void hasABodyOfBoundedSize() throws Exception {
    byte[] body = new byte[RecommendationServer.MOST_BODY + 1];
    Arrays.fill(body, (byte) ' ');
    Answer answer = shop.send("POST", "/recommend", BodyPublishers.ofByteArray(body));
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.error()).isEqualTo("the body must have at most 1048576 bytes, found more");
    body = Arrays.copyOf(body, RecommendationServer.MOST_BODY);
    body[0] = '{';
    body[1] = '}';
    assertThat(shop.send("POST", "/recommend", BodyPublishers.ofByteArray(body)).status())
        .isEqualTo(200);
  }

  @Test
  void hasAQueryOfBoundedLength() throws Exception {
    String query = "history=" + "7".repeat(RecommendationServer.MOST_QUERY - 8);
    assertThat(shop.get("/recommend?" + query).status()).isEqualTo(200);
    Answer answer = shop.get("/recommend?" + query + "7");
    assertThat(answer.status()).isEqualTo(414);
    assertThat(answer.error())
        .isEqualTo("the query must have at most 8192 characters, found 8193; POST takes more");
  }
}
