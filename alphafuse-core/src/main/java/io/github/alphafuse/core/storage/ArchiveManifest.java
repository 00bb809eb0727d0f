package io.github.alphafuse.core.storage;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.MoreObjects;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table of contents of an archive; its JSON is live while an archive is written. */
record ArchiveManifest(JsonObject root) {
  static final String ENTRY = "manifest.json";
  private static final int ARCHIVE_VERSION = 1;
  private static final int MOST_LEVELS = 64;
  private static final int SHOWN = 100;
  private static final String FORMAT = "format";
  private static final String FORMAT_VERSION = "formatVersion";
  private static final String SETTINGS = "settings";
  private static final String SECTIONS = "sections";
  private static final String ENTRIES = "entries";
  private static final String CHECKSUMS = "checksums";
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  static ArchiveManifest create(ArchiveFormat format) {
    JsonObject root = describe(format);
    root.addProperty("archiveVersion", ARCHIVE_VERSION);
    root.addProperty("libraryVersion", currentLibraryVersion());
    for (String part : List.of(SETTINGS, SECTIONS, ENTRIES, CHECKSUMS)) {
      root.add(part, new JsonObject());
    }
    return new ArchiveManifest(root);
  }

  static String currentLibraryVersion() {
    return MoreObjects.firstNonNull(
        ArchiveManifest.class.getPackage().getImplementationVersion(), "development");
  }

  static JsonObject describe(ArchiveFormat format) {
    JsonObject object = new JsonObject();
    object.addProperty(FORMAT, format.kind());
    object.addProperty(FORMAT_VERSION, format.version());
    return object;
  }

  static ArchiveManifest parse(byte[] json, String source) {
    Source manifest = new Source(source);
    JsonElement root = manifest.parse(new String(json, StandardCharsets.UTF_8));
    checkArgument(root.isJsonObject(), "%s: %s: expected a JSON object", source, ENTRY);
    JsonObject object = root.getAsJsonObject();
    int version = manifest.integer(object, "archiveVersion");
    String library = manifest.string(object, "libraryVersion");
    checkArgument(
        version == ARCHIVE_VERSION,
        "%s: archive version %s was written by library version %s, expected %s, which is what"
            + " version %s reads",
        source,
        version,
        library,
        ARCHIVE_VERSION,
        currentLibraryVersion());
    manifest.requireFormat(object);
    manifest.object(object, SETTINGS);
    JsonObject sections = manifest.object(object, SECTIONS);
    for (String section : sections.keySet()) {
      manifest.requireFormat(manifest.object(sections, section));
    }
    JsonObject entries = manifest.object(object, ENTRIES);
    JsonObject checksums = manifest.object(object, CHECKSUMS);
    for (String entry : entries.keySet()) {
      manifest.object(entries, entry);
    }
    for (String entry : checksums.keySet()) {
      manifest.string(checksums, entry);
    }
    checkArgument(
        entries.keySet().equals(checksums.keySet()),
        "%s: %s: expected one checksum for each entry",
        source,
        ENTRY);
    return new ArchiveManifest(object);
  }

  /** The file that a manifest is read from, with the checks of what it may hold. */
  private record Source(String name) {

    JsonElement parse(String text) {
      try {
        requireDepth(text);
        return JsonParser.parseString(text);
      } catch (JsonParseException | IOException e) {
        throw malformed(String.valueOf(e.getMessage()));
      }
    }

    /**
     * Reads all tokens, because code that walks through parsed values calls itself for each level.
     */
    private void requireDepth(String text) throws IOException {
      JsonReader reader = new JsonReader(new StringReader(text));
      int depth = 0;
      for (JsonToken token = reader.peek();
          token != JsonToken.END_DOCUMENT;
          token = reader.peek()) {
        switch (token) {
          case BEGIN_ARRAY -> reader.beginArray();
          case BEGIN_OBJECT -> reader.beginObject();
          case END_ARRAY -> reader.endArray();
          case END_OBJECT -> reader.endObject();
          default -> reader.skipValue();
        }
        if (token == JsonToken.BEGIN_ARRAY || token == JsonToken.BEGIN_OBJECT) {
          depth++;
        } else if (token == JsonToken.END_ARRAY || token == JsonToken.END_OBJECT) {
          depth--;
        }
        if (depth > MOST_LEVELS) {
          throw malformed("it nests more than " + MOST_LEVELS + " levels deep");
        }
      }
    }

    JsonObject object(JsonObject parent, String part) {
      JsonElement value = parent.get(part);
      if (value == null || !value.isJsonObject()) {
        throw malformed(part + " must be a JSON object, found " + shown(value));
      }
      return value.getAsJsonObject();
    }

    String string(JsonObject parent, String part) {
      JsonElement value = parent.get(part);
      if (value == null || !value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
        throw malformed(part + " must be a string, found " + shown(value));
      }
      return value.getAsString();
    }

    int integer(JsonObject parent, String part) {
      JsonElement value = parent.get(part);
      try {
        if (value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
          return value.getAsBigDecimal().intValueExact();
        }
      } catch (ArithmeticException | NumberFormatException e) {
        // Reported as anything else that is no integer.
      }
      throw malformed(part + " must be an integer, found " + shown(value));
    }

    void requireFormat(JsonObject object) {
      string(object, FORMAT);
      integer(object, FORMAT_VERSION);
      try {
        formatOf(object);
      } catch (IllegalArgumentException e) {
        throw malformed(String.valueOf(e.getMessage()));
      }
    }

    private static String shown(@Nullable JsonElement value) {
      String text = String.valueOf(value);
      return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }

    private IllegalArgumentException malformed(String why) {
      return new IllegalArgumentException(name + ": " + ENTRY + " is malformed: " + why);
    }
  }

  byte[] toBytes() {
    return (GSON.toJson(root) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  ArchiveFormat format() {
    return formatOf(root);
  }

  ArchiveFormat sectionFormat(String section) {
    return formatOf(sections().getAsJsonObject(section));
  }

  private static ArchiveFormat formatOf(JsonObject object) {
    return new ArchiveFormat(
        object.get(FORMAT).getAsString(), object.get(FORMAT_VERSION).getAsInt());
  }

  String libraryVersion() {
    return root.get("libraryVersion").getAsString();
  }

  JsonObject settings() {
    return root.getAsJsonObject(SETTINGS);
  }

  JsonObject sections() {
    return root.getAsJsonObject(SECTIONS);
  }

  JsonObject entries() {
    return root.getAsJsonObject(ENTRIES);
  }

  String checksum(String entry) {
    return root.getAsJsonObject(CHECKSUMS).get(entry).getAsString();
  }

  void add(String entry, JsonObject description, String checksum) {
    entries().add(entry, description);
    root.getAsJsonObject(CHECKSUMS).addProperty(entry, checksum);
  }

  static String arrayEntry(String name) {
    return "arrays/" + name + ".npy";
  }

  static String textEntry(String name) {
    return "texts/" + name + ".txt";
  }
}
