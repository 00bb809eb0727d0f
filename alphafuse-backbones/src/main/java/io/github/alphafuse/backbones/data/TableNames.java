package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The names by which files of interactions are found among others. */
final class TableNames {
  private static final String RATINGS = "ratings";
  private static final String METADATA = "meta_";
  private static final ImmutableList<String> COMPRESSED = ImmutableList.of(".gz", ".zip");

  /** The names of files of interactions, or the endings of their names. */
  private static final ImmutableList<String> ENDINGS =
      ImmutableList.of(".inter", ".csv", "ratings.dat", "u.data", ".jsonl", ".json", ".zip");

  private TableNames() {}

  /**
   * The file of interactions among some files: one with the given name and a known ending, or else
   * MovieLens's ratings; several if the choice is ambiguous, none if there is no such file.
   */
  static ImmutableList<Path> find(List<Path> files, String own) {
    List<Path> data = files.stream().filter(file -> !fileName(file).startsWith(METADATA)).toList();
    for (String ending : ENDINGS) {
      ImmutableList<Path> tables =
          data.stream()
              .filter(file -> plainName(file).endsWith(ending))
              .collect(ImmutableList.toImmutableList());
      for (String name : new String[] {own, RATINGS}) {
        Optional<Path> named =
            tables.stream().filter(file -> plainName(file).equals(name + ending)).findFirst();
        if (named.isPresent()) {
          return ImmutableList.of(named.get());
        }
      }
      if (!tables.isEmpty()) {
        return tables;
      }
    }
    return ImmutableList.of();
  }

  /** The name of a file without the ending of compressed files, unless nothing known remains. */
  private static String plainName(Path file) {
    String name = fileName(file);
    for (String ending : COMPRESSED) {
      String plain = withoutEnding(name, ending);
      if (!plain.equals(name) && ENDINGS.stream().anyMatch(plain::endsWith)) {
        return plain;
      }
    }
    return name;
  }

  /** A name without its ending, if it has it. */
  static String withoutEnding(String name, String ending) {
    return name.endsWith(ending) ? name.substring(0, name.length() - ending.length()) : name;
  }

  private static String fileName(Path file) {
    Path name = file.getFileName();
    return name == null ? "" : name.toString();
  }
}
