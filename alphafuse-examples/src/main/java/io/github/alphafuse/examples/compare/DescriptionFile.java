package io.github.alphafuse.examples.compare;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.alphafuse.backbones.serve.SavedDescription;
import java.nio.file.Path;

/** The JSON file of the description of a saved file. */
public final class DescriptionFile {
  private DescriptionFile() {}

  /**
   * Writes a description as JSON.
   *
   * @param file the file to write
   * @param description the description
   */
  public static void write(Path file, SavedDescription description) {
    JsonObject root = new JsonObject();
    root.addProperty("format", description.format().kind());
    root.addProperty("formatVersion", description.format().version());
    root.addProperty("libraryVersion", description.libraryVersion());
    root.add("settings", JsonFile.tree(description.settings()));
    root.add("arrays", JsonFile.tree(description.arrays()));
    description
        .provenance()
        .ifPresent(trained -> root.add("provenance", JsonParser.parseString(trained.toJson())));
    JsonFile.write(file, root);
  }
}
