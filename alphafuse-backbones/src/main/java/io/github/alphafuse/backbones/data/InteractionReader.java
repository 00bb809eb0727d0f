package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Doubles;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reader of files with one interaction per line: a user, an item and, optionally, a time and a
 * rating.
 *
 * <p>A line is a row of a table or a JSON object; the first line determines which. Files may be
 * compressed by gzip. Fields of a table are separated by TABs, commas, semicolons or {@code ::},
 * whichever the first line has (tried in the order TAB, {@code ::}, comma, semicolon), and may be
 * quoted with {@code "}. The first line of a table names the columns, unless {@link
 * Builder#columns(String...)} does. If it has four fields that are all numbers, they are the user,
 * item, rating and time of MovieLens's {@code ratings.dat} and {@code u.data}. The fields of JSON
 * objects are those of the first object. A type after a colon in a name ({@code user_id:token}) is
 * ignored, and so are case, {@code _} and {@code -}. By default, each column is the first that
 * exists of
 *
 * <ul>
 *   <li>user: {@code user_id}, {@code user}, {@code reviewer_id};
 *   <li>item: {@code item_id}, {@code item}, {@code movie_id}, {@code parent_asin}, {@code asin},
 *       {@code product_id};
 *   <li>time: {@code timestamp}, {@code time}, {@code unix_review_time}; may be missing;
 *   <li>rating: {@code rating}, {@code overall}; read only with {@link Builder#minRating(double)}.
 * </ul>
 *
 * <p>These are the names in MovieLens's {@code ratings.csv}, in RecBole's {@code .inter} files and
 * in Amazon's reviews of 2014, 2018 and 2023.
 *
 * <p>Feedback is implicit: every line is an interaction, whatever its rating, unless a least rating
 * is set. Users are in the order of their first interaction. A user's interactions are sorted by
 * time, equal times in file order; without a time column all stay in file order. Times are numbers
 * of any unit. Repeated interactions are kept; see {@link SequenceDataset#distinct()}. Files are
 * UTF-8; a byte order mark, CRLF and blank lines at the end are ignored. Immutable and thread-safe.
 */
public final class InteractionReader {
  private static final ImmutableMap<Role, ImmutableList<String>> USUAL_NAMES =
      ImmutableMap.of(
          Role.USER,
          ImmutableList.of("user_id", "user", "reviewer_id"),
          Role.ITEM,
          ImmutableList.of("item_id", "item", "movie_id", "parent_asin", "asin", "product_id"),
          Role.TIME,
          ImmutableList.of("timestamp", "time", "unix_review_time"),
          Role.RATING,
          ImmutableList.of("rating", "overall"));

  /** The columns of MovieLens files without names. */
  private static final ImmutableList<String> MOVIE_LENS =
      ImmutableList.of("user_id", "item_id", "rating", "timestamp");

  private static final ImmutableList<String> SEPARATORS = ImmutableList.of("\t", "::", ",", ";");
  private static final int LONGEST_FIRST_LINE = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final InteractionSettings settings;
  private final @Nullable ImmutableList<String> columns;

  private InteractionReader(Builder builder) {
    this.settings = builder.settings();
    this.columns = builder.columns;
  }

  /**
   * A builder of a reader that knows the usual column names and numbers items by first appearance.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @return the users' sequences, with times if the file has them
   * @throws IllegalArgumentException naming the file and the line, if the file has no interactions
   *     or no column of the expected names, or a line is blank, has another number of fields than
   *     there are columns, is not a JSON object although the first is, has a blank user or item, a
   *     time or a needed rating that is not a finite number (all of these unless malformed lines
   *     are skipped), an item that is not in the vocabulary (unless unknown items are skipped), or
   *     is not UTF-8; or if nothing is left
   * @throws UncheckedIOException if the file cannot be read
   */
  public SequenceDataset read(Path file) {
    try {
      return DataFile.beginsWith('{', file) ? readObjects(file) : readTable(file);
    } catch (IOException e) {
      throw DataFile.unreadable(file, e);
    }
  }

  private SequenceDataset readObjects(Path file) {
    checkArgument(
        columns == null,
        "columns are for tables, found JSON objects in %s; name their fields by userColumn,"
            + " itemColumn, timeColumn and ratingColumn",
        Place.name(file));
    InteractionTable table = new InteractionTable(file, settings, "field");
    try (LineReader lines = new LineReader(file, "one JSON object per line", table::addBlank)) {
      JsonRow row = new JsonRow(lines.place(), "");
      while (lines.next()) {
        row.line(lines.place(), lines.text());
        if (!table.isLocated()) {
          try {
            table.locate(row.names(), lines.place());
          } catch (MalformedLineException e) {
            table.reject(e);
            continue;
          }
          row.locate(table);
        }
        table.add(lines.line(), row);
      }
    }
    return table.toDataset();
  }

  private SequenceDataset readTable(Path file) throws IOException {
    TableLines lines = new TableLines(file);
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(DataFile.open(file), StandardCharsets.UTF_8.newDecoder()))) {
      skipByteOrderMark(reader);
      CsvReader.CsvReaderBuilder csv =
          CsvReader.builder()
              .fieldSeparator(separator(reader))
              .skipEmptyLines(false)
              .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
              .missingFieldStrategy(FieldMismatchStrategy.IGNORE);
      for (CsvRecord line : csv.ofCsvRecord(reader)) {
        lines.add(line);
      }
    } catch (CharacterCodingException e) {
      throw lines.notUtf8(e);
    } catch (UncheckedIOException e) {
      IOException cause = checkNotNull(e.getCause());
      throw cause instanceof CharacterCodingException
          ? lines.notUtf8(e)
          : DataFile.unreadable(file, cause);
    } catch (CsvParseException e) {
      throw new IllegalArgumentException(
          Place.name(file) + ": expected a table of fields, found " + describe(e), e);
    }
    return lines.table.toDataset();
  }

  private static String describe(CsvParseException e) {
    Throwable cause = e.getCause();
    return e.getMessage() + (cause == null ? "" : " (" + cause.getMessage() + ")");
  }

  private static void skipByteOrderMark(BufferedReader reader) throws IOException {
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
  }

  private static String separator(BufferedReader reader) throws IOException {
    reader.mark(LONGEST_FIRST_LINE);
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < LONGEST_FIRST_LINE; i++) {
      int character = reader.read();
      if (character < 0 || character == '\n') {
        break;
      }
      line.append((char) character);
    }
    reader.reset();
    return SEPARATORS.stream()
        .filter(separator -> line.indexOf(separator) >= 0)
        .findFirst()
        .orElse(",");
  }

  /** The lines of a table of separated fields. */
  private final class TableLines {
    private final Path file;
    private final InteractionTable table;
    private final String[] fields = new String[Role.values().length];
    private long lastLine;
    private long firstBlankLine;

    TableLines(Path file) {
      this.file = file;
      this.table = new InteractionTable(file, settings, "column");
      if (columns != null) {
        table.locate(columns, null);
      }
    }

    void add(CsvRecord line) {
      lastLine = line.getStartingLineNumber();
      if (line.getFieldCount() == 1 && line.getField(0).isBlank()) {
        if (firstBlankLine == 0) {
          firstBlankLine = lastLine;
        }
        return;
      }
      if (firstBlankLine > 0) {
        table.addBlank(firstBlankLine, lastLine);
        firstBlankLine = 0;
      }
      if (!table.isLocated()) {
        boolean movieLens =
            line.getFieldCount() == MOVIE_LENS.size()
                && line.getFields().stream().allMatch(field -> Doubles.tryParse(field) != null);
        if (!movieLens) {
          locate(line.getFields());
          return;
        }
        locate(MOVIE_LENS);
      }
      table.add(lastLine, () -> fields(line));
    }

    /** Finds the columns; a file whose columns are not known is rejected in any case. */
    private void locate(List<String> names) {
      table.locate(names, table.place(lastLine));
    }

    private String[] fields(CsvRecord line) {
      int expected = table.names().size();
      if (line.getFieldCount() != expected) {
        throw new MalformedLineException(
            table.place(lastLine),
            "expected %s fields (%s), found %s",
            expected,
            String.join(", ", table.names()),
            line.getFieldCount());
      }
      Arrays.fill(fields, "");
      for (Role role : Role.values()) {
        int column = table.column(role);
        if (column >= 0) {
          fields[role.ordinal()] = line.getField(column);
        }
      }
      return fields;
    }

    IllegalArgumentException notUtf8(Exception cause) {
      return new IllegalArgumentException(
          Place.name(file)
              + ": expected UTF-8 text, found bytes that are not, after line "
              + lastLine,
          cause);
    }
  }

  /** A builder of {@link InteractionReader}. Not thread-safe. */
  public static final class Builder extends InteractionDataBuilder<Builder> {
    private final Map<Role, ImmutableList<String>> names = new EnumMap<>(USUAL_NAMES);
    private final Set<Role> needed = EnumSet.of(Role.USER, Role.ITEM);
    private @Nullable ItemVocabulary vocabulary;
    private @Nullable ImmutableList<String> columns;

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the vocabulary of the file's item ids. By default items are numbered by first appearance
     * in the file.
     *
     * @param vocabulary the vocabulary
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder vocabulary(ItemVocabulary vocabulary) {
      this.vocabulary = checkNotNull(vocabulary, "vocabulary");
      return this;
    }

    /**
     * Sets the name of the column of ratings, which are read only with {@link #minRating(double)}.
     * The default is one of the usual names.
     *
     * @param ratingColumn the name, with or without its type
     * @return this builder
     * @throws IllegalArgumentException if the name is blank
     */
    @CanIgnoreReturnValue
    public Builder ratingColumn(String ratingColumn) {
      names.put(Role.RATING, ImmutableList.of(checkName("ratingColumn", ratingColumn)));
      return this;
    }

    /**
     * Sets the name of the column of users. The default is one of the usual names.
     *
     * @param userColumn the name, with or without its type
     * @return this builder
     * @throws IllegalArgumentException if the name is blank
     */
    @CanIgnoreReturnValue
    public Builder userColumn(String userColumn) {
      names.put(Role.USER, ImmutableList.of(checkName("userColumn", userColumn)));
      return this;
    }

    /**
     * Sets the name of the column of items. The default is one of the usual names.
     *
     * @param itemColumn the name, with or without its type
     * @return this builder
     * @throws IllegalArgumentException if the name is blank
     */
    @CanIgnoreReturnValue
    public Builder itemColumn(String itemColumn) {
      names.put(Role.ITEM, ImmutableList.of(checkName("itemColumn", itemColumn)));
      return this;
    }

    /**
     * Sets the name of the column of times, which the file must then have. The default is one of
     * the usual names, and the column may be missing.
     *
     * @param timeColumn the name, with or without its type
     * @return this builder
     * @throws IllegalArgumentException if the name is blank
     */
    @CanIgnoreReturnValue
    public Builder timeColumn(String timeColumn) {
      names.put(Role.TIME, ImmutableList.of(checkName("timeColumn", timeColumn)));
      needed.add(Role.TIME);
      return this;
    }

    /**
     * Sets the names of the columns of a table whose first line is already an interaction: {@code
     * columns("user_id", "item_id", "timestamp")}. By default the first line names them.
     *
     * @param columns the names of all columns, from the left
     * @return this builder
     * @throws IllegalArgumentException if there is no name or one is blank
     */
    @CanIgnoreReturnValue
    public Builder columns(String... columns) {
      checkArgument(columns.length > 0, "columns must name at least one column, found none");
      for (String name : columns) {
        checkName("columns", name);
      }
      this.columns = ImmutableList.copyOf(columns);
      return this;
    }

    private static String checkName(String option, String name) {
      checkArgument(
          !InteractionTable.normalize(name).isEmpty(),
          "%s must be a name that is not blank, found \"%s\"",
          option,
          name);
      return name;
    }

    private InteractionSettings settings() {
      if (minRating.isPresent()) {
        needed.add(Role.RATING);
      }
      return new InteractionSettings(
          vocabulary,
          unknownItems,
          malformedLines,
          minRating.orElse(Double.NaN),
          ImmutableMap.copyOf(names),
          ImmutableSet.copyOf(needed),
          columns != null);
    }

    /**
     * The reader.
     *
     * @return the reader
     */
    public InteractionReader build() {
      return new InteractionReader(this);
    }
  }
}
