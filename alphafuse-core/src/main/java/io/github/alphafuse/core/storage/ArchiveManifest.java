package io.github.alphafuse.core.storage;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.MoreObjects;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The table of contents of an archive; its JSON is live while an archive is written. */
record ArchiveManifest(JsonObject root) {
  static final String ENTRY = "manifest.json";
  private static final int ARCHIVE_VERSION = 1;
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
    try {
      JsonElement root = JsonParser.parseString(new String(json, StandardCharsets.UTF_8));
      checkArgument(root.isJsonObject(), "%s: %s: expected a JSON object", source, ENTRY);
      ArchiveManifest manifest = new ArchiveManifest(root.getAsJsonObject());
      int version = manifest.root.get("archiveVersion").getAsInt();
      checkArgument(
          version == ARCHIVE_VERSION,
          "%s: archive version %s was written by library version %s, expected %s, which is what"
              + " version %s reads",
          source,
          version,
          manifest.libraryVersion(),
          ARCHIVE_VERSION,
          currentLibraryVersion());
      manifest.format();
      for (String part : List.of(SETTINGS, SECTIONS, ENTRIES, CHECKSUMS)) {
        checkArgument(
            manifest.root.get(part).isJsonObject(),
            "%s: %s: %s is no JSON object",
            source,
            ENTRY,
            part);
      }
      for (String section : manifest.sections().keySet()) {
        manifest.sectionFormat(section);
      }
      checkArgument(
          manifest.entries().keySet().equals(manifest.root.getAsJsonObject(CHECKSUMS).keySet()),
          "%s: %s: expected one checksum for each entry",
          source,
          ENTRY);
      return manifest;
    } catch (JsonParseException
        | NullPointerException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException e) {
      throw new IllegalArgumentException(
          source + ": " + ENTRY + " is malformed: " + e.getMessage(), e);
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
