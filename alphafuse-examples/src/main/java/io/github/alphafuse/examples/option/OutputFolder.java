package io.github.alphafuse.examples.option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The folder that the option --output names, which must not hold someone else's files. */
public final class OutputFolder {
  private static final int MOST_NAMES = 3;

  private OutputFolder() {}

  /**
   * Checks that a folder can be filled without harm to what is in it.
   *
   * @param folder the folder, which need not exist
   * @param expected what the option must name, for the message
   * @param ours whether a file of some name may be there
   * @throws CommandFailedException if there are other files, or the folder is a file
   */
  public static void requireNew(Path folder, String expected, Predicate<String> ours) {
    if (!Files.exists(folder)) {
      return;
    }
    List<String> others;
    try (Stream<Path> files = Files.list(folder)) {
      others =
          files
              .map(file -> String.valueOf(file.getFileName()))
              .filter(name -> !ours.test(name))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new CommandFailedException("--output must name a folder, found a file at " + folder);
    }
    if (!others.isEmpty()) {
      throw new CommandFailedException(
          "--output must name "
              + expected
              + ", found other files in "
              + folder
              + ": "
              + String.join(", ", others.subList(0, Math.min(MOST_NAMES, others.size())))
              + (others.size() > MOST_NAMES
                  ? " and " + (others.size() - MOST_NAMES) + " more"
                  : ""));
    }
  }
}
