package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The fields of one JSON object per line, read as a stream that skips unused values. Storage is
 * reused for the next line. Not thread-safe.
 */
final class JsonRow implements InteractionTable.Row {
  private static final int LONGEST_EXCERPT = 40;

  private final String[] fields = new String[Role.values().length];
  private final Map<String, Role> roles = new HashMap<>();
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

  /** The names of the line's fields. */
  ImmutableList<String> names() {
    ImmutableList.Builder<String> names = ImmutableList.builder();
    read(
        (name, reader) -> {
          names.add(name);
          reader.skipValue();
        });
    return names.build();
  }

  /** Sets the fields to read, in which a table found its columns. */
  void locate(InteractionTable table) {
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
        (name, reader) -> {
          Role role = roles.get(name);
          JsonToken token = reader.peek();
          if (role == null || token == JsonToken.NULL) {
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

  private void read(FieldConsumer consumer) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.beginObject();
      while (reader.hasNext()) {
        consumer.accept(reader.nextName(), reader);
      }
      reader.endObject();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw notAnObject();
      }
    } catch (IOException | IllegalStateException e) {
      throw notAnObject();
    }
  }

  private MalformedLineException notAnObject() {
    String line = text.strip();
    boolean isShort = line.length() <= LONGEST_EXCERPT;
    return new MalformedLineException(
        place,
        "expected one JSON object, found %s%s",
        isShort ? line : line.substring(0, LONGEST_EXCERPT),
        isShort ? "" : "...");
  }
}
