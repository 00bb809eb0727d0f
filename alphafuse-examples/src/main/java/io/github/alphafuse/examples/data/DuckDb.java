package io.github.alphafuse.examples.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * SQL over files by DuckDB, in this process and in memory. It has the formats that are built in,
 * Parquet among them, and downloads no extensions.
 */
public final class DuckDb {
  private static final int MOST_THREADS = 4;
  private static final String MEMORY = "2GB";
  private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private DuckDb() {}

  /**
   * Executes a query.
   *
   * @param sql the query
   * @param reader reads its rows, from before the first one on
   * @param <T> what the rows become
   * @return what the reader returned
   * @throws IllegalArgumentException with the message of DuckDB, if the query is no query or fails
   */
  public static <T> T query(String sql, Function<ResultSet, T> reader) {
    Properties settings = new Properties();
    int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    settings.setProperty("threads", Integer.toString(threads));
    settings.setProperty("memory_limit", MEMORY);
    settings.setProperty("temp_directory", "");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    // Where rows are streamed, an error in the midst of them loses its message or looks like the
    // end.
    settings.setProperty("jdbc_stream_results", "false");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", settings);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return reader.apply(rows);
    } catch (SQLException e) {
      throw new IllegalArgumentException("the query failed: " + reason(e), e);
    }
  }

  /** The message without the excerpt of the query and the advice to install things. */
  private static String reason(SQLException e) {
    return String.valueOf(e.getMessage()).split("\\R\\s*\\R|\\R?LINE \\d+:", 2)[0].strip();
  }

  /**
   * Whether a file is in the format Parquet, or a folder has such files.
   *
   * @param file a file or folder
   * @return false if there is no such file
   */
  public static boolean isParquet(Path file) {
    if (Files.isDirectory(file)) {
      try (Stream<Path> files = Files.list(file)) {
        return files.anyMatch(each -> Files.isRegularFile(each) && isParquet(each));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream stream = Files.newInputStream(file)) {
      return Arrays.equals(stream.readNBytes(PARQUET.length), PARQUET);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /**
   * A query of all rows of Parquet files, one file after the other.
   *
   * @param files files, and folders of files that end in {@code .parquet}
   * @return the query
   */
  public static String rowsOf(List<Path> files) {
    return files.stream()
        .map(file -> Files.isDirectory(file) ? file + "/*.parquet" : file.toString())
        .map(name -> "'" + name.replace("'", "''") + "'")
        .collect(Collectors.joining(", ", "SELECT * FROM read_parquet([", "])"));
  }
}
