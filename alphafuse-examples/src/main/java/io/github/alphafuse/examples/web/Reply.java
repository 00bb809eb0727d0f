package io.github.alphafuse.examples.web;

import com.google.common.collect.ImmutableMap;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The answer to a request.
 *
 * @param status the status code
 * @param headers the headers but for those that every answer has
 * @param body the bytes, shared: not to be changed
 */
record Reply(int status, ImmutableMap<String, String> headers, byte[] body) {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

  /** What every refused request is answered with. */
  private record Failure(String error) {}

  static Reply ok(Object value) {
    return json(200, value);
  }

  static Reply json(int status, Object value) {
    return new Reply(
        status,
        ImmutableMap.of("Content-Type", "application/json", "Cache-Control", "no-store"),
        GSON.toJson(value).getBytes(StandardCharsets.UTF_8));
  }

  static Reply failure(int status, String message) {
    return json(status, new Failure(message));
  }

  /** An answer that asks to try again, which a later request may be answered with better luck. */
  Reply retryAfterSecond() {
    return with("Retry-After", "1");
  }

  Reply with(String name, String value) {
    return new Reply(
        status,
        ImmutableMap.<String, String>builder()
            .putAll(headers)
            .putAll(Map.of(name, value))
            .buildKeepingLast(),
        body);
  }
}
