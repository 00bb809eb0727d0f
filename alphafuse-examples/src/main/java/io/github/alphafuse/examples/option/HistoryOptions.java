package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The history of a request, in an option or in a file. */
@Heading("History")
public final class HistoryOptions {
  private static final char QUOTE = '"';

  @Option(
      names = "--history",
      paramLabel = "IDS",
      description =
          "Ids of the user's items, oldest first, separated by spaces or commas. An id that has"
              + " spaces or commas itself is quoted ('\"red shoe\" 17'), or has an option of its"
              + " own: the option may be repeated.")
  private List<String> lists = new ArrayList<>();

  @Option(
      names = {"--history_file", "--history-file"},
      paramLabel = "FILE",
      description = "Read the history from this file instead: one id per line, oldest first.")
  private @Nullable Path file;

  /** Creates the options with their defaults. */
  public HistoryOptions() {}

  /**
   * Checks that there is one history.
   *
   * @throws IllegalArgumentException if there is none, or one in both places
   */
  public void check() {
    if (lists.isEmpty() == (file == null)) {
      throw new IllegalArgumentException(
          file == null
              ? "a history is missing: give --history or --history_file"
              : "--history and --history_file both name a history; give only one of them");
    }
  }

  /**
   * Returns the ids of the history.
   *
   * @param items the items of the model; a value of --history that is one of their ids is not
   *     divided at its spaces and commas
   * @return the ids, oldest first
   */
  public List<String> ids(ItemVocabulary items) {
    if (file != null) {
      return lines(file);
    }
    List<String> ids = new ArrayList<>();
    for (String list : lists) {
      if (items.find(list).isPresent()) {
        ids.add(list);
      } else {
        split(list, ids);
      }
    }
    return ids;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readString(file)
          .lines()
          .map(line -> line.replace("\uFEFF", "").strip())
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (CharacterCodingException e) {
      throw new CommandFailedException(
          "--history_file must be UTF-8, found other bytes in " + file);
    } catch (IOException e) {
      throw new CommandFailedException("--history_file names no file that can be read: " + file);
    }
  }

  /** Adds the ids of a list. In quotes, two quotes in a row stand for one, as in CSV. */
  private static void split(String list, List<String> ids) {
    int at = 0;
    while (at < list.length()) {
      if (isSeparator(list.charAt(at))) {
        at++;
        continue;
      }
      StringBuilder id = new StringBuilder();
      if (list.charAt(at) == QUOTE) {
        at = readQuoted(list, at + 1, id);
      } else {
        while (at < list.length() && !isSeparator(list.charAt(at))) {
          id.append(list.charAt(at++));
        }
      }
      ids.add(id.toString());
    }
  }

  /** Reads an id up to its closing quote and returns the index after that. */
  private static int readQuoted(String list, int start, StringBuilder id) {
    int at = start;
    while (at < list.length()) {
      char next = list.charAt(at++);
      if (next != QUOTE) {
        id.append(next);
      } else if (at < list.length() && list.charAt(at) == QUOTE) {
        id.append(QUOTE);
        at++;
      } else if (at == list.length() || isSeparator(list.charAt(at))) {
        return at;
      } else {
        throw new CommandFailedException(
            "--history must have a space or a comma after a quoted id, found " + list);
      }
    }
    throw new CommandFailedException("--history has a quote that does not end: " + list);
  }

  private static boolean isSeparator(char character) {
    return character == ',' || Character.isWhitespace(character);
  }
}
