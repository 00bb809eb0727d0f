package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.math.IntMath;
import com.google.common.primitives.Doubles;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A reader of files with one interaction per line: a user, an item and, optionally, a time and a
 * rating.
 *
 * <p>A line is a row of a table or a JSON object; or the file is one JSON list of objects. The
 * first character determines which. Files may be compressed by gzip, or members of a zip archive.
 * Fields of a table are separated by TABs, {@code ::}, commas or semicolons, whichever the first
 * line has, tried in this order; between commas and semicolons they may be quoted with {@code "},
 * and else a quotation mark is text. The first line of a table names the columns, unless {@link
 * Builder#columns(String...)} does. If it has four fields that are all numbers, they are the user,
 * item, rating and time of MovieLens's {@code ratings.dat} and {@code u.data}. The fields of JSON
 * objects are those of the first hundred. A type after a colon in a name ({@code user_id:token}) is
 * ignored, and so are case, {@code _} and {@code -}. By default, each column is the first that
 * exists of
 *
 * <ul>
 *   <li>user: {@code user_id}, {@code user}, {@code reviewer_id};
 *   <li>item: {@code item_id}, {@code item}, {@code movie_id}, {@code parent_asin}, {@code asin},
 *       {@code product_id};
 *   <li>time: {@code timestamp}, {@code time}, {@code unix_review_time}; may be missing, unless
 *       another column looks like times;
 *   <li>rating: {@code rating}, {@code overall}; read only with {@link Builder#minRating(double)}.
 * </ul>
 *
 * <p>These are the names in MovieLens's {@code ratings.csv}, in RecBole's {@code .inter} files and
 * in Amazon's reviews of 2014, 2018 and 2023.
 *
 * <p>Feedback is implicit: every line is an interaction, whatever its rating, unless a least rating
 * is set. Users are in the order of their first interaction. A user's interactions are sorted by
 * time, equal times in file order; without a time column all stay in file order, which {@link
 * SequenceDataset#remarks()} says, or which {@link Builder#fileOrder(boolean)} asks for. Times are
 * numbers of any unit, of up to 30 digits, which are compared exactly; or time stamps of ISO 8601
 * or SQL, in UTC where they have no zone. Repeated interactions are kept; see {@link
 * SequenceDataset#distinct()}. Files are UTF-8; a byte order mark, CRLF and blank lines at the end
 * are ignored.
 *
 * <p>Where a file of RecBole has a column of lists ({@code item_id_list:token_seq}), a line holds a
 * user's history, oldest first, before the item of the line. Lines of one user that continue each
 * other, as augmented data have them, give one sequence.
 *
 * <p>Immutable and thread-safe.
 */
public final class InteractionReader {
  /** The columns of MovieLens files without names. */
  private static final ImmutableList<String> MOVIE_LENS =
      ImmutableList.of("user_id", "item_id", "rating", "timestamp");

  /** Separators of fields that are never quoted, since a title may begin with a quotation mark. */
  private static final ImmutableList<String> PLAIN_SEPARATORS = ImmutableList.of("\t", "::");

  private static final ImmutableList<String> QUOTING_SEPARATORS = ImmutableList.of(",", ";");
  private static final Pattern TOO_LONG = Pattern.compile("max(imum)? (buffer|field|record) size");
  private static final int LONGEST_FIRST_LINE = 1 << 16;

  /** The characters that the parser of quoted fields reads beyond a record, and more. */
  private static final int READ_AHEAD = 1 << 16;

  private static final int LARGEST_BUFFER = 1 << 30;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final InteractionSettings settings;

  private InteractionReader(Builder builder) {
    this.settings = builder.settings(builder.vocabulary);
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
   * Reads a file, or the files of a folder together, in the order of their names.
   *
   * <p>A file may be a zip archive, of which the table of interactions is read; a path that leads
   * on into the archive, such as {@code ml-1m.zip/ml-1m/ratings.dat}, names its member. Each file
   * of a folder has its own header, and all of them have times or none has. Files whose name begins
   * with a dot or an underscore are left out, and files without interactions add none.
   *
   * @param file the file or folder
   * @return the users' sequences, with times if the file has them
   * @throws IllegalArgumentException naming the file and the line, if the file has no interactions
   *     or no column of the expected names, a column without a known name looks like times, or a
   *     line is blank, has another number of fields than there are columns, is not a JSON object
   *     although the first is, has a blank user or item or one that cannot be saved, a time that is
   *     neither a finite number nor a time stamp or not what the others are, or a needed rating
   *     that is not a finite number (all of these unless malformed lines are skipped), an item that
   *     is not in the vocabulary (unless unknown items are skipped), is too long, or is not UTF-8;
   *     if an archive has several files to choose from or a folder has folders; or if nothing is
   *     left
   * @throws UncheckedIOException if the file cannot be read, or expands too far
   */
  public SequenceDataset read(Path file) {
    return read(file, Files.isDirectory(file) ? filesOf(file) : ImmutableList.of(file));
  }

  /**
   * Reads several files together, in the order given, as {@link #read(Path)} does those of a
   * folder.
   *
   * @param files the files, at least one
   * @return the users' sequences, with times if the files have them
   * @throws IllegalArgumentException if there is no file, or as {@link #read(Path)}
   * @throws UncheckedIOException if a file cannot be read, or expands too far
   */
  public SequenceDataset read(List<Path> files) {
    checkArgument(!files.isEmpty(), "files must name at least one file, found none");
    return read(files.get(0), files);
  }

  private SequenceDataset read(Path source, List<Path> files) {
    InteractionTable table = new InteractionTable(source, settings);
    for (Path file : files) {
      try {
        read(DataFile.table(file), table);
      } catch (IOException e) {
        throw DataFile.unreadable(file, e);
      }
    }
    return table.toDataset();
  }

  private static ImmutableList<Path> filesOf(Path folder) {
    ImmutableList<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> !Place.name(file).startsWith(".") && !Place.name(file).startsWith("_"))
              .sorted()
              .collect(ImmutableList.toImmutableList());
    } catch (IOException e) {
      throw DataFile.unreadable(folder, e);
    }
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw Place.error(
            folder, "expected files of interactions, found %s, which is none", Place.name(file));
      }
    }
    if (files.isEmpty()) {
      throw Place.error(folder, "expected files of interactions, found an empty folder");
    }
    return files;
  }

  private void read(Path file, InteractionTable table) throws IOException {
    String head =
        new String(
                DataFile.head(file, LONGEST_FIRST_LINE, settings.limits()), StandardCharsets.UTF_8)
            .replaceFirst("^" + BYTE_ORDER_MARK, "");
    String start = head.stripLeading();
    if (start.startsWith("{") || start.startsWith("[")) {
      readObjects(file, start.charAt(0) == '[', table);
    } else {
      table.begin(file, "column");
      if (!start.isEmpty() || head.length() >= LONGEST_FIRST_LINE) {
        readTable(file, start.lines().findFirst().orElse(""), table);
      }
    }
    table.end();
  }

  private void readObjects(Path file, boolean isList, InteractionTable table) {
    checkArgument(
        settings.columns() == null,
        "columns(...) are for tables, found JSON objects in %s; userColumn, itemColumn, timeColumn"
            + " and ratingColumn name their fields",
        Place.name(file));
    table.begin(file, "field");
    JsonRow row = new JsonRow(new Place(file, 1), "");
    try (TextLines objects = objects(file, isList, (from, to) -> {})) {
      locate(objects, row, table);
    }
    try (TextLines objects = objects(file, isList, table::addBlank)) {
      while (objects.next()) {
        row.line(objects.place(), objects.text());
        table.add(objects.line(), row);
      }
    }
  }

  private TextLines objects(Path file, boolean isList, LineReader.BlankLines blankLines) {
    return isList
        ? new JsonListReader(file, settings.limits())
        : new LineReader(file, settings.limits(), "one JSON object per line", blankLines);
  }

  /**
   * Finds the fields among those of the first objects, so that it does not matter what a single one
   * lacks. More are read while none has what is needed.
   */
  private static void locate(TextLines objects, JsonRow row, InteractionTable table) {
    Set<String> names = new LinkedHashSet<>();
    List<ImmutableMap<String, String>> first = new ArrayList<>();
    Place place = null;
    while ((first.size() < TimeSearch.LINES || !table.canLocate(names)) && objects.next()) {
      row.line(objects.place(), objects.text());
      try {
        ImmutableMap<String, String> values = row.values();
        if (place == null) {
          place = objects.place();
        }
        names.addAll(values.keySet());
        if (first.size() < TimeSearch.LINES) {
          first.add(values);
        }
      } catch (MalformedLineException e) {
        continue; // It is rejected, or counted, when all lines are read.
      }
    }
    if (place == null) {
      return;
    }
    table.locate(ImmutableList.copyOf(names), place);
    for (ImmutableMap<String, String> values : first) {
      table.search(names.stream().map(name -> values.getOrDefault(name, "")).toList());
    }
    row.locate(table);
  }

  private void readTable(Path file, String firstLine, InteractionTable table) throws IOException {
    for (String separator : PLAIN_SEPARATORS) {
      if (firstLine.contains(separator)) {
        readPlainTable(file, Splitter.on(separator), table);
        return;
      }
    }
    String separator =
        QUOTING_SEPARATORS.stream().filter(firstLine::contains).findFirst().orElse(",");
    readQuotedTable(file, separator, table);
  }

  private void readPlainTable(Path file, Splitter fields, InteractionTable table) {
    TableRows rows = new TableRows(table);
    try (LineReader lines =
        new LineReader(file, settings.limits(), "an interaction", table::addBlank)) {
      while (lines.next()) {
        rows.add(lines.line(), fields.splitToList(lines.text()));
      }
    }
  }

  private void readQuotedTable(Path file, String separator, InteractionTable table)
      throws IOException {
    ReadingLimits limits = settings.limits();
    QuotedLines lines = new QuotedLines(file, table);
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                DataFile.open(file, limits), StandardCharsets.UTF_8.newDecoder()))) {
      skipByteOrderMark(reader);
      CsvReader.CsvReaderBuilder csv =
          CsvReader.builder()
              .fieldSeparator(separator)
              .skipEmptyLines(false)
              .maxBufferSize(bufferSize(limits.lineLength()))
              .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
              .missingFieldStrategy(FieldMismatchStrategy.IGNORE);
      CsvRecordHandler handler =
          CsvRecordHandler.of(
              options ->
                  options.maxFieldSize(limits.lineLength()).maxRecordSize(limits.lineLength()));
      for (CsvRecord line : csv.build(handler, reader)) {
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
      throw TOO_LONG.matcher(String.valueOf(e.getMessage())).find()
          ? limits.tooLong(new Place(file, lines.lastLine + 1))
          : new IllegalArgumentException(
              Place.name(file) + ": expected a table of fields, found " + describe(e), e);
    }
  }

  /**
   * A power of two, because the parser doubles its buffer and fails where the last step is less.
   */
  private static int bufferSize(int lineLength) {
    return lineLength > LARGEST_BUFFER - READ_AHEAD
        ? LARGEST_BUFFER
        : IntMath.ceilingPowerOfTwo(lineLength + READ_AHEAD);
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

  /** The lines of a table between commas or semicolons, whose fields may be quoted. */
  private final class QuotedLines {
    private final Path file;
    private final InteractionTable table;
    private final TableRows rows;
    private long lastLine;
    private long firstBlankLine;

    QuotedLines(Path file, InteractionTable table) {
      this.file = file;
      this.table = table;
      this.rows = new TableRows(table);
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
      rows.add(lastLine, line.getFields());
    }

    IllegalArgumentException notUtf8(Exception cause) {
      return new IllegalArgumentException(
          Place.name(file)
              + ": expected UTF-8 text, found bytes that are not, after line "
              + lastLine,
          cause);
    }
  }

  /** The rows of a table, of which the first may name the columns. */
  private final class TableRows {
    private final InteractionTable table;
    private final String[] fields = new String[Role.values().length];

    TableRows(InteractionTable table) {
      this.table = table;
      if (settings.columns() != null) {
        table.locate(settings.columns(), null);
      }
    }

    void add(long line, List<String> values) {
      if (!table.isLocated()) {
        boolean movieLens =
            values.size() == MOVIE_LENS.size()
                && values.stream().allMatch(field -> Doubles.tryParse(field) != null);
        table.locate(movieLens ? MOVIE_LENS : values, table.place(line));
        if (!movieLens) {
          return;
        }
      }
      if (table.isSearching()) {
        table.search(values);
      }
      table.add(line, () -> fields(line, values));
    }

    private String[] fields(long line, List<String> values) {
      int expected = table.names().size();
      if (values.size() != expected) {
        throw new MalformedLineException(
            table.place(line),
            "expected %s fields (%s), found %s",
            expected,
            String.join(", ", table.names()),
            values.size());
      }
      Arrays.fill(fields, "");
      for (Role role : Role.values()) {
        int column = table.column(role);
        if (column >= 0) {
          fields[role.ordinal()] = values.get(column);
        }
      }
      return fields;
    }
  }

  /** A builder of {@link InteractionReader}. Not thread-safe. */
  public static final class Builder extends InteractionDataBuilder<Builder> {
    private @Nullable ItemVocabulary vocabulary;

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
     * The reader.
     *
     * @return the reader
     */
    public InteractionReader build() {
      return new InteractionReader(this);
    }
  }
}
