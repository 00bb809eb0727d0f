package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableMap;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The fields of one JSON object per line, read as a stream that skips unused values. Storage is
 * reused for the next line. Not thread-safe.
 */
final class JsonRow implements InteractionTable.Row {
  private static final int LONGEST_EXCERPT = 40;

  /** What the parser says of escapes that are no character. */
  private static final Pattern SURROGATE = Pattern.compile("(?i)surrogate");

  private final String[] fields = new String[Role.values().length];
  private final Map<String, Role> roles = new HashMap<>();
  private final Map<String, Boolean> late = new HashMap<>();
  private Predicate<String> lateTimes = name -> false;
  private Place place;
  private String text;

  /** A row on a line. */
  JsonRow(Place place, String text) {
    this.place = place;
    this.text = text;
  }

  /** Goes to another line. */
  void line(Place itsPlace, String itsText) {
    this.place = itsPlace;
    this.text = itsText;
  }

  /**
   * The names and values of the line's fields, blank for a value that is no text or number. It
   * tolerates all that {@link #fields()} does, and more.
   */
  ImmutableMap<String, String> values() {
    ImmutableMap.Builder<String, String> values = ImmutableMap.builder();
    read(
        Strictness.LEGACY_STRICT,
        (name, reader) -> {
          JsonToken token = reader.peek();
          if (token == JsonToken.STRING || token == JsonToken.NUMBER) {
            values.put(name, reader.nextString());
          } else {
            values.put(name, "");
            reader.skipValue();
          }
        });
    return values.buildKeepingLast();
  }

  /** As {@link #values()}, but a list of texts and numbers is these, joined by spaces. */
  ImmutableMap<String, String> texts() {
    ImmutableMap.Builder<String, String> values = ImmutableMap.builder();
    read(Strictness.LEGACY_STRICT, (name, reader) -> values.put(name, text(reader)));
    return values.buildKeepingLast();
  }

  private static String text(JsonReader reader) throws IOException {
    JsonToken token = reader.peek();
    if (token == JsonToken.STRING || token == JsonToken.NUMBER) {
      return reader.nextString();
    }
    if (token != JsonToken.BEGIN_ARRAY) {
      reader.skipValue();
      return "";
    }
    StringJoiner joined = new StringJoiner(" ");
    reader.beginArray();
    while (reader.hasNext()) {
      joined.add(reader.peek() == JsonToken.BEGIN_ARRAY ? skip(reader) : text(reader));
    }
    reader.endArray();
    return joined.toString();
  }

  private static String skip(JsonReader reader) throws IOException {
    reader.skipValue();
    return "";
  }

  /** Sets the fields to read, in which a table found its columns. */
  void locate(InteractionTable table) {
    lateTimes = name -> late.computeIfAbsent(name, table::isLateTime);
    for (Role role : Role.values()) {
      if (table.column(role) >= 0) {
        roles.put(table.names().get(table.column(role)), role);
      }
    }
  }

  @Override
  public String[] fields() {
    Arrays.fill(fields, "");
    read(
        Strictness.STRICT,
        (name, reader) -> {
          Role role = roles.get(name);
          JsonToken token = reader.peek();
          if (role == null || token == JsonToken.NULL) {
            if (role == null && lateTimes.test(name)) {
              throw new MalformedLineException(
                  place, "expected no time, as in the objects before, found field %s", name);
            }
            reader.skipValue();
          } else if (token == JsonToken.STRING || token == JsonToken.NUMBER) {
            fields[role.ordinal()] = reader.nextString();
          } else {
            throw new MalformedLineException(
                place,
                "expected %s in field %s that is a text or a number, found %s",
                role.description(),
                name,
                token == JsonToken.BOOLEAN
                    ? "true or false"
                    : token == JsonToken.BEGIN_ARRAY ? "a list" : "an object");
          }
        });
    return fields;
  }

  /** Handles a field whose value is next in the reader. */
  @FunctionalInterface
  private interface FieldConsumer {
    void accept(String name, JsonReader reader) throws IOException;
  }

  private void read(Strictness strictness, FieldConsumer consumer) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(strictness);
      reader.beginObject();
      while (reader.hasNext()) {
        consumer.accept(reader.nextName(), reader);
      }
      reader.endObject();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw malformed("one JSON object");
      }
    } catch (IOException | IllegalStateException e) {
      throw malformed(
          SURROGATE.matcher(String.valueOf(e.getMessage())).find()
              ? "text without halves of surrogate pairs"
              : "one JSON object");
    }
  }

  private MalformedLineException malformed(String expected) {
    String line = text.strip();
    boolean isShort = line.length() <= LONGEST_EXCERPT;
    return new MalformedLineException(
        place,
        "expected %s, found %s%s",
        expected,
        StorableText.escape(isShort ? line : line.substring(0, LONGEST_EXCERPT)),
        isShort ? "" : "...");
  }
}
