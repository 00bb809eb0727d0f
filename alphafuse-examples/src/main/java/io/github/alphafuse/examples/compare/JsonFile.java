package io.github.alphafuse.examples.compare;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.internal.FileFailure;
import io.github.alphafuse.examples.option.CommandFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads and writes files with one JSON object. A file is written completely or not at all. */
final class JsonFile {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().setPrettyPrinting().disableHtmlEscaping().create();

  private JsonFile() {}

  static String text(Object value) {
    return GSON.toJson(value);
  }

  static JsonElement tree(Object value) {
    return GSON.toJsonTree(value);
  }

  static void write(Path file, Object value) {
    writeText(file, GSON.toJson(value) + "\n");
  }

  static void writeText(Path file, String text) {
    writeBytes(file, text.getBytes(StandardCharsets.UTF_8));
  }

  static void writeBytes(Path file, byte[] content) {
    AtomicFile.write(file, out -> out.write(content));
  }

  static <T> T read(Path file, Class<T> type) {
    @Nullable T value;
    try {
      value = GSON.fromJson(Files.readString(file), type);
    } catch (JsonParseException e) {
      throw new CommandFailedException(
          file + " was not written by compare; delete it to repeat the run: " + e.getMessage());
    } catch (IOException e) {
      throw FileFailure.reading(file, e);
    }
    if (value == null) {
      throw new CommandFailedException(file + " is empty");
    }
    return value;
  }
}
