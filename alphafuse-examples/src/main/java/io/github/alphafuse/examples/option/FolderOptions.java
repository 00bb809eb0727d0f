package io.github.alphafuse.examples.option;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.DataFolder;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name a data folder. */
@Heading("Data")
public final class FolderOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Data folder, or its name under --data-root. Without it the data are a generated"
              + " catalogue, and recommend prints no titles.")
  private @Nullable String data;

  @Option(
      names = {"--data-root", "--data_root"},
      paramLabel = "DIR",
      description = "Folder that contains data folders.")
  private @Nullable Path dataRoot;

  /** Creates the options with their defaults. */
  public FolderOptions() {}

  /** Whether a folder is given. */
  boolean isGiven() {
    return data != null;
  }

  /** Whether a folder of folders is given, which has no effect alone. */
  boolean hasRoot() {
    return dataRoot != null;
  }

  /** Returns the given folder. */
  Path folder() {
    String name = data;
    if (name == null) {
      throw new CommandFailedException("no data folder is given: add --data DIR");
    }
    Path root = dataRoot;
    Path folder = root == null ? Path.of(name) : root.resolve(name);
    if (!Files.isDirectory(folder)) {
      throw new CommandFailedException(
          "--data must name a data folder, found "
              + (Files.exists(folder) ? "a file" : "nothing")
              + " at "
              + folder
              + (root == null ? " (a NAME is resolved under --data-root)" : ""));
    }
    return folder;
  }

  /**
   * Loads the titles of a model's items.
   *
   * @param items the items of the model
   * @return the titles by id; empty if no folder is given
   */
  public Optional<ImmutableMap<String, String>> loadTitles(ItemVocabulary items) {
    if (data == null) {
      if (dataRoot != null) {
        throw new CommandFailedException("--data-root needs --data NAME");
      }
      return Optional.empty();
    }
    DataFolder folder = DataFolder.builder(folder()).itemCount(items.size()).open();
    items.requireSame("model", "the data", folder.vocabulary());
    return folder.titles();
  }

  /**
   * Checks that the folder exists, if one is given.
   *
   * @throws CommandFailedException if it does not
   */
  public void requireFolder() {
    if (data != null) {
      folder();
    } else if (dataRoot != null) {
      throw new CommandFailedException("--data-root needs --data NAME");
    }
  }

  /**
   * Loads titles by id, for a model that may be older or newer than the folder. A folder without
   * ids of its own must be that of the model.
   *
   * @param items the items of the model
   * @return the titles by id, also of items that the model does not know; empty if no folder is
   *     given
   */
  public Optional<ImmutableMap<String, String>> loadTitlesById(ItemVocabulary items) {
    if (data == null || !Files.exists(folder().resolve("item_ids.txt"))) {
      return loadTitles(items);
    }
    return DataFolder.builder(folder()).open().titles();
  }

  void describe(Map<String, Object> settings) {
    settings.put("data", data == null ? "generated" : data);
    settings.put("data_root", dataRoot == null ? "" : dataRoot.toString());
  }
}
