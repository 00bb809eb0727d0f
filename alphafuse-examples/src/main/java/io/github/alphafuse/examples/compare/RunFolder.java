package io.github.alphafuse.examples.compare;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.core.internal.FileFailure;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.examples.data.GraphData;
import io.github.alphafuse.examples.data.TrainingData;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.OutputFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The folder of a comparison or a search. It holds a description of the comparison and one file per
 * finished run. Until it is closed, no other process can open it.
 */
final class RunFolder implements AutoCloseable {
  private static final String MANIFEST = "comparison.json";
  private static final String RUNS = "runs";
  private static final String LOCK = ".lock";

  private final Path folder;
  private final FileChannel lock;

  private RunFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * The settings that must not change when a folder is reused.
   *
   * @param protocol the settings that all methods share, including the data, by name
   * @param methods the settings of each method, by name and by the name of the flag
   */
  private record Manifest(Map<String, String> protocol, Map<String, Map<String, String>> methods) {}

  /** Returns a hash of the text and of all examples in their order, which identifies the data. */
  static String fingerprint(TrainingData data) {
    Hasher hasher = Hashing.sha256().newHasher();
    putText(hasher, data.embeddings());
    for (Examples part :
        List.of(data.split().train(), data.split().validation(), data.split().test())) {
      hasher.putInt(part.size());
      for (int i = 0; i < part.size(); i++) {
        for (int item : part.history(i)) {
          hasher.putInt(item);
        }
        hasher.putInt(-1 - part.target(i));
      }
    }
    return hasher.hash().toString();
  }

  /**
   * Returns a hash of the users, their items and the text, or of the number of items if there is no
   * text.
   */
  static String fingerprint(GraphData data) {
    Hasher hasher = Hashing.sha256().newHasher();
    InteractionSplit split = data.split();
    data.text()
        .ifPresentOrElse(
            text -> putText(hasher, text),
            () -> hasher.putInt(split.vocabulary().size()).putInt(0));
    for (UserItems part : List.of(split.train(), split.validation(), split.test())) {
      hasher.putInt(part.userCount());
      for (int user = 0; user < part.userCount(); user++) {
        hasher.putInt(part.count(user));
        for (int item : part.items(user)) {
          hasher.putInt(item);
        }
      }
    }
    return hasher.hash().toString();
  }

  private static void putText(Hasher hasher, LanguageEmbeddings text) {
    hasher.putInt(text.itemCount()).putInt(text.dim());
    text.forEachBlock(
        1024,
        (firstRow, rows, count) -> {
          for (int i = 0; i < count * text.dim(); i++) {
            hasher.putDouble(rows[i]);
          }
        });
  }

  /** Returns values in the form that the folder stores. */
  private static Map<String, String> texts(Map<String, Object> values) {
    Map<String, String> texts = new TreeMap<>();
    values.forEach((name, value) -> texts.put(name, String.valueOf(value)));
    return texts;
  }

  /**
   * Opens a folder, and creates it if it does not exist. Methods can be added to a folder, but its
   * data and the settings of its methods must not change.
   */
  static RunFolder open(Path folder, Map<String, Object> settings, List<RunPlan> plans) {
    Map<String, String> protocol = texts(settings);
    Map<String, Map<String, String>> methods = new LinkedHashMap<>();
    plans.forEach(plan -> methods.put(plan.method().name(), texts(plan.settings())));
    Path manifest = folder.resolve(MANIFEST);
    Map<String, Map<String, String>> all = new LinkedHashMap<>();
    if (Files.exists(manifest)) {
      Manifest found = JsonFile.read(manifest, Manifest.class);
      if (found.protocol == null || found.methods == null) {
        throw new CommandFailedException(manifest + " was not written by compare");
      }
      requireSame(folder, "", found.protocol, protocol);
      all.putAll(found.methods);
      methods.forEach(
          (name, wanted) -> {
            Map<String, String> before = found.methods.get(name);
            if (before != null) {
              requireSame(folder, name + ": ", before, wanted);
            }
          });
    } else {
      OutputFolder.requireNew(folder, "a new folder or one that compare wrote", RunFolder::isOurs);
    }
    all.putAll(methods);
    try {
      Files.createDirectories(folder.resolve(RUNS));
    } catch (IOException e) {
      throw FileFailure.of("cannot make " + folder, e);
    }
    FileChannel lock = lock(folder);
    JsonFile.write(manifest, new Manifest(protocol, all));
    return new RunFolder(folder, lock);
  }

  /** Opens a channel that holds the lock of the folder until it is closed or the process ends. */
  private static FileChannel lock(Path folder) {
    try {
      FileChannel channel =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() != null) {
          return channel;
        }
      } catch (OverlappingFileLockException e) {
        // Another comparison of this process holds it.
      }
      channel.close();
    } catch (IOException e) {
      throw FileFailure.of("cannot lock " + folder, e);
    }
    throw new CommandFailedException(
        "--output " + folder + " is in use by another compare; wait for it or name another folder");
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw FileFailure.of("cannot unlock " + folder, e);
    }
  }

  /** Whether a file may be there before the description of the comparison is complete. */
  private static boolean isOurs(String name) {
    return name.equals(LOCK) || name.equals(RUNS) || name.startsWith(MANIFEST);
  }

  private static void requireSame(
      Path folder, String of, Map<String, String> found, Map<String, String> wanted) {
    Map<String, String> names = new LinkedHashMap<>(found);
    names.putAll(wanted);
    for (String name : names.keySet()) {
      if (!Objects.equals(found.get(name), wanted.get(name))) {
        throw new CommandFailedException(
            "--output "
                + folder
                + " holds a comparison with other settings: "
                + of
                + name
                + " is "
                + found.get(name)
                + " there, found "
                + wanted.get(name)
                + "; name another folder");
      }
    }
  }

  private Path file(RunKey key, String ending) {
    return folder.resolve(RUNS).resolve(key + ending);
  }

  /** Returns the file for the state of a run until the run is finished. */
  Path checkpoint(RunKey key) {
    return file(key, ".checkpoint");
  }

  /** Returns a run, if it is finished. */
  Optional<Run> read(RunKey key) {
    Path file = file(key, ".json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Run run = JsonFile.read(file, Run.class);
    if (!key.equals(run.key())
        || run.epochs() == null
        || run.validation() == null
        || run.test() == null
        || run.groups() == null) {
      throw new CommandFailedException(
          file + " does not hold this run as compare writes it; delete it to repeat the run");
    }
    return Optional.of(run);
  }

  void write(Run run) {
    JsonFile.write(file(run.key(), ".json"), run);
    Path checkpoint = checkpoint(run.key());
    try {
      Files.deleteIfExists(checkpoint);
    } catch (IOException e) {
      throw FileFailure.of("cannot delete " + checkpoint, e);
    }
  }

  Path resolve(String name) {
    return folder.resolve(name);
  }
}
