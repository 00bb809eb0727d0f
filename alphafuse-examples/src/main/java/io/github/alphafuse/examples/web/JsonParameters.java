package io.github.alphafuse.examples.web;

import com.google.common.base.CaseFormat;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The parameters of a JSON object, such as <code>{"history": ["7", "12"], "count": 5}</code>. Their
 * names are in camel case there: {@code minScore}.
 */
final class JsonParameters implements Parameters {
  /** Nothing that is asked for is deeper than a list in an object. */
  private static final int DEEPEST = 8;

  private final ImmutableMap<String, JsonElement> values;

  private JsonParameters(Map<String, JsonElement> values) {
    this.values = ImmutableMap.copyOf(values);
  }

  /**
   * Reads an object.
   *
   * @param body the bytes of the JSON text
   * @param names the names that it may have, as in a query
   */
  static JsonParameters read(byte[] body, Set<String> names) {
    JsonElement value = parse(text(body));
    if (!(value instanceof JsonObject object)) {
      throw RefusedException.badRequest("the body must be a JSON object, found " + shown(value));
    }
    Set<String> known = names.stream().map(JsonParameters::camel).collect(Collectors.toSet());
    for (String name : object.keySet()) {
      if (!known.contains(name)) {
        throw RefusedException.badRequest(
            "unknown parameter "
                + Parameters.shown(name)
                + ", expected "
                + names.stream().map(JsonParameters::camel).collect(Collectors.joining(", ")));
      }
    }
    return new JsonParameters(object.asMap());
  }

  private static String camel(String name) {
    return CaseFormat.LOWER_UNDERSCORE.to(CaseFormat.LOWER_CAMEL, name);
  }

  private static String text(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw RefusedException.badRequest("the body must be UTF-8, found other bytes");
    }
  }

  private static JsonElement parse(String text) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(DEEPEST);
      JsonElement value = read(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw RefusedException.badRequest("the body must be one JSON object, found more after it");
      }
      return value;
    } catch (EOFException e) {
      throw RefusedException.badRequest(
          text.isBlank()
              ? "the body must be a JSON object, found nothing"
              : "the body must be a JSON object, found its end too early");
    } catch (MalformedJsonException e) {
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw RefusedException.badRequest("the body is not valid JSON: " + message);
    } catch (IOException | IllegalStateException | NumberFormatException | JsonParseException e) {
      throw RefusedException.badRequest("the body is not valid JSON: " + e.getMessage());
    }
  }

  /** Reads a value. Gson's own reader of trees keeps the last of values under one name. */
  private static JsonElement read(JsonReader reader) throws IOException {
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
          String name = reader.nextName();
          if (object.has(name)) {
            throw RefusedException.badRequest(
                Parameters.shown(name) + " must be given once in the body, found it twice");
          }
          object.add(name, read(reader));
        }
        reader.endObject();
        yield object;
      }
      case BEGIN_ARRAY -> {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
          array.add(read(reader));
        }
        reader.endArray();
        yield array;
      }
      case STRING -> new JsonPrimitive(reader.nextString());
      case NUMBER -> new JsonPrimitive(reader.nextDouble());
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      case NULL -> {
        reader.nextNull();
        yield JsonNull.INSTANCE;
      }
      default -> throw new MalformedJsonException("unexpected " + reader.peek());
    };
  }

  private static String shown(JsonElement value) {
    if (value instanceof JsonPrimitive primitive) {
      return primitive.isString()
          ? "the text " + Parameters.shown(primitive.getAsString())
          : primitive.getAsString();
    }
    return value.isJsonNull() ? "null" : value.isJsonArray() ? "a list" : "an object";
  }

  @Override
  public boolean isGiven(String name) {
    return values.containsKey(camel(name));
  }

  private Optional<JsonElement> value(String name) {
    return Optional.ofNullable(values.get(camel(name)));
  }

  private static RefusedException wrong(String name, String expected, JsonElement found) {
    return RefusedException.badRequest(
        camel(name) + " must be " + expected + ", found " + shown(found));
  }

  @Override
  public ImmutableList<String> texts(String name) {
    Optional<JsonElement> value = value(name);
    if (value.isEmpty()) {
      return ImmutableList.of();
    }
    if (!(value.get() instanceof JsonArray array)) {
      throw wrong(name, "a list of texts", value.get());
    }
    if (array.size() > MOST_TEXTS) {
      throw RefusedException.badRequest(
          camel(name) + " must have at most " + MOST_TEXTS + " texts, found " + array.size());
    }
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    for (JsonElement element : array) {
      if (!(element instanceof JsonPrimitive text) || !text.isString()) {
        throw RefusedException.badRequest(
            camel(name) + " must be a list of texts, found " + shown(element) + " in it");
      }
      texts.add(text.getAsString());
    }
    return texts.build();
  }

  @Override
  public Optional<String> text(String name) {
    return value(name)
        .map(
            value -> {
              if (value instanceof JsonPrimitive text && text.isString()) {
                return text.getAsString();
              }
              throw wrong(name, "a text", value);
            });
  }

  @Override
  public Optional<Boolean> flag(String name) {
    return value(name)
        .map(
            value -> {
              if (value instanceof JsonPrimitive flag && flag.isBoolean()) {
                return flag.getAsBoolean();
              }
              throw wrong(name, "true or false", value);
            });
  }

  @Override
  public Optional<Double> number(String name) {
    return value(name)
        .map(
            value -> {
              if (value instanceof JsonPrimitive number && number.isNumber()) {
                return number.getAsDouble();
              }
              throw wrong(name, "a number", value);
            });
  }

  @Override
  public int count(String name, int otherwise) {
    Optional<JsonElement> value = value(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    double count =
        value.get() instanceof JsonPrimitive number && number.isNumber()
            ? number.getAsDouble()
            : Double.NaN;
    if (!(count >= 1 && count <= MOST_ITEMS && count == Math.rint(count))) {
      throw RefusedException.badRequest(
          camel(name) + Parameters.wholeNumber() + shown(value.get()));
    }
    return (int) count;
  }
}
