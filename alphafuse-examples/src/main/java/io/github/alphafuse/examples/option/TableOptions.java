package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.FileReaderBuilder;
import io.github.alphafuse.examples.data.DuckDb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the tables of a shop are read. */
@Heading("Reading")
public final class TableOptions {
  @Option(
      names = {"--skip_malformed", "--skip-malformed"},
      description = "Skip and count malformed lines, instead of reporting an error.")
  boolean skipMalformed;

  @Option(
      names = {"--max_line_length", "--max-line-length"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Longest line of a file that is read, in bytes (default: 16777216).")
  private @Nullable Integer maxLineLength;

  @Option(
      names = {"--max_expansion", "--max-expansion"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "How many times as large as a compressed file its content may be, beyond 64 MiB"
              + " (default: 200).")
  private @Nullable Integer maxExpansion;

  /** Creates the options with their defaults. */
  public TableOptions() {}

  /**
   * A table as it is given.
   *
   * @param flag the option that names files
   * @param files the files, or null
   * @param query the query, or null
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Given(String flag, Path @Nullable [] files, @Nullable String query) {}

  <B extends FileReaderBuilder<B>> B withLimits(B reader) {
    if (maxLineLength != null) {
      reader.maxLineLength(maxLineLength);
    }
    return maxExpansion == null ? reader : reader.maxExpansion(maxExpansion);
  }

  /** Reads files of text, or, by DuckDB, Parquet or a query. */
  <T> T read(Given table, Function<List<Path>, T> files, Function<ResultSet, T> rows) {
    String flag = table.flag();
    if ((table.files() == null) == (table.query() == null)) {
      throw new CommandFailedException(
          table.files() == null
              ? flag + " or " + flag + "_query is missing"
              : flag + " and " + flag + "_query both name a table; give only one of them");
    }
    if (table.query() != null) {
      return query(flag + "_query", table.query(), rows);
    }
    List<Path> given = List.of(table.files());
    for (Path file : given) {
      if (!Files.exists(file) && !isMember(file)) {
        throw new CommandFailedException(flag + " names no file: expected a table at " + file);
      }
    }
    long parquet = given.stream().filter(DuckDb::isParquet).count();
    if (parquet == 0) {
      return files.apply(given);
    }
    if (parquet < given.size()) {
      throw new CommandFailedException(
          flag + " must name files of one kind, found Parquet and others");
    }
    return query(flag, DuckDb.rowsOf(given), rows);
  }

  private static boolean isMember(Path file) {
    for (Path parent = file.getParent(); parent != null; parent = parent.getParent()) {
      if (Files.isRegularFile(parent)) {
        return true;
      }
    }
    return false;
  }

  private static <T> T query(String flag, String sql, Function<ResultSet, T> rows) {
    try {
      return DuckDb.query(sql, rows);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(flag + ": " + e.getMessage(), e);
    }
  }
}
