package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.DataFolder;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.data.LeaveOneOutSplit;
import io.github.alphafuse.backbones.data.UserRatioSplit;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import io.github.alphafuse.examples.data.TrainingData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which data a command works on: a folder, or a catalogue that is generated. */
final class DataOptions {
  private static final String EMBEDDINGS = "item_embeddings.npy";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder of data, or its name under --data-root. Without it, a catalogue is generated.")
  @Nullable String data;

  @Option(
      names = {"--data-root", "--data_root"},
      paramLabel = "DIR",
      description = "Folder that holds folders of data.")
  @Nullable Path dataRoot;

  @Option(
      names = {"--language_model_type", "--language-model-type", "--emb_type", "--emb-type"},
      paramLabel = "NAME",
      description = "Take the language embeddings from NAME_emb.npy, not from item_embeddings.npy.")
  @Nullable String languageModel;

  @Option(
      names = "--embeddings",
      paramLabel = "FILE",
      description = "Take the language embeddings from this .npy file.")
  @Nullable Path embeddings;

  @Option(
      names = "--split",
      paramLabel = "HOW",
      description =
          "Split the whole sequences: ratio (users 8:1:1) or leave-one-out. Without it, the split"
              + " that the folder gives is taken, or else ratio.")
  @Nullable SplitType split;

  @Option(
      names = {"--split_seed", "--split-seed"},
      paramLabel = "N",
      description = "Seed of the split by ratio (default: ${DEFAULT-VALUE}).")
  long splitSeed = 22;

  /** Whether the data are generated, not read from a folder. */
  boolean isGenerated() {
    return data == null && embeddings == null;
  }

  TrainingData load() {
    if (isGenerated()) {
      return generate();
    }
    LanguageEmbeddings rows = loadEmbeddings();
    DataFolder folder = DataFolder.open(folder(), rows.itemCount());
    return new TrainingData(name(), rows, split(folder), folder.titles());
  }

  private TrainingData generate() {
    GeneratedCatalogue catalogue = GeneratedCatalogue.builder().build();
    DatasetSplit parts =
        split == null ? catalogue.split() : split(split).split(catalogue.sequences());
    return new TrainingData(name(), catalogue.embeddings(), parts, Optional.of(catalogue.titles()));
  }

  /** The sequences of all users, each split by its order; embeddings are not needed. */
  InteractionSplit loadInteractions(int itemCount) {
    if (split != null) {
      throw new CommandFailedException(
          "--split is for sequence models: graph models split the items of each user by their"
              + " order");
    }
    return InteractionSplit.byOrder(
        isGenerated()
            ? GeneratedCatalogue.builder().build().sequences()
            : DataFolder.open(folder(), itemCount).sequences());
  }

  /** What the data are called. */
  String name() {
    return isGenerated() ? "generated catalogue" : String.valueOf(folder());
  }

  /** The examples of the data, over a catalogue of given size; embeddings are not needed. */
  DatasetSplit loadSplit(int itemCount) {
    return isGenerated() ? generate().split() : split(DataFolder.open(folder(), itemCount));
  }

  /** The titles of the items; none where no folder is named. */
  Optional<ImmutableList<String>> loadTitles(int itemCount) {
    return isGenerated() ? Optional.empty() : DataFolder.open(folder(), itemCount).titles();
  }

  LanguageEmbeddings loadEmbeddings() {
    if (isGenerated()) {
      return generate().embeddings();
    }
    Path given = embeddings;
    if (given != null) {
      return npy(given, "--embeddings names no file");
    }
    String name = languageModel == null ? EMBEDDINGS : languageModel + "_emb.npy";
    return npy(
        folder().resolve(name),
        languageModel == null
            ? "no language embeddings (for files NAME_emb.npy give --language_model_type NAME)"
            : "no language embeddings of --language_model_type " + languageModel);
  }

  private static LanguageEmbeddings npy(Path file, String problem) {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailedException(problem + ": expected " + file);
    }
    return LanguageEmbeddings.npy(file);
  }

  private Path folder() {
    String name = data;
    if (name == null) {
      throw new CommandFailedException("no folder of data: give --data DIR");
    }
    Path root = dataRoot;
    Path folder = root == null ? Path.of(name) : root.resolve(name);
    if (!Files.isDirectory(folder)) {
      throw new CommandFailedException(
          "--data must name a folder of data, found "
              + (Files.exists(folder) ? "a file" : "nothing")
              + " at "
              + folder
              + (root == null ? " (a NAME is looked for under --data-root)" : ""));
    }
    return folder;
  }

  private DatasetSplit split(DataFolder folder) {
    SplitType how = split;
    if (how == null) {
      return folder.hasSplitFiles() ? folder.split() : folder.split(split(SplitType.RATIO));
    }
    return folder.split(split(how));
  }

  private io.github.alphafuse.backbones.data.SplitStrategy split(SplitType how) {
    return switch (how) {
      case RATIO -> UserRatioSplit.builder().seed(splitSeed).build();
      case LEAVE_ONE_OUT -> LeaveOneOutSplit.create();
    };
  }

  void describe(Map<String, Object> settings) {
    settings.put("data", isGenerated() ? "generated" : String.valueOf(data));
    settings.put("data_root", dataRoot == null ? "" : dataRoot.toString());
    settings.put("language_model_type", languageModel == null ? "" : languageModel);
    settings.put("embeddings", embeddings == null ? "" : embeddings.toString());
    settings.put("split", split == null ? "" : split.toString());
    settings.put("split_seed", splitSeed);
  }
}
