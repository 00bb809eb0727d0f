package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Doubles;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A reader of files with one interaction per line: a user, an item and, optionally, a time and a
 * rating; and of result sets of JDBC and streams of {@link Interaction}.
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

  /** The columns that a reader may name. */
  private static final ImmutableList<Role> COLUMNS =
      ImmutableList.of(Role.USER, Role.ITEM, Role.TIME, Role.RATING);

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
    return read(
        file,
        Files.isDirectory(file) ? DataFile.list(file, "interactions") : ImmutableList.of(file));
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
    InteractionTable table = new InteractionTable(Source.of(source), settings);
    for (Path file : files) {
      try {
        read(DataFile.table(file), table);
      } catch (IOException e) {
        throw DataFile.unreadable(file, e);
      }
    }
    return table.toDataset();
  }

  /**
   * Reads the rows of a query, of which each is an interaction.
   *
   * <p>Columns are found by their labels, by the names and options of files. Values may be texts,
   * numbers, and, as times, any of the types of JDBC and {@code java.time}; those without a zone
   * are UTC. NULL is a value that is missing. Rows are read from the next one on, up to the end;
   * the result set stays open.
   *
   * <pre>{@code
   * try (Connection shop = DriverManager.getConnection(url);
   *     Statement query = shop.createStatement();
   *     ResultSet clicks = query.executeQuery("SELECT customer, sku, ordered_at FROM orders")) {
   *   SequenceDataset all =
   *       InteractionReader.builder()
   *           .userColumn("customer").itemColumn("sku").timeColumn("ordered_at")
   *           .build()
   *           .read(clicks);
   * }
   * }</pre>
   *
   * @param resultSet the rows
   * @return the users' sequences, with times if there is a column of them
   * @throws IllegalArgumentException naming the row, from 1, as {@link #read(Path)} names the line;
   *     or if all columns of a table are named
   * @throws UncheckedIOException if the database reports an error, with an {@link IOException}
   *     whose cause is its {@link java.sql.SQLException}
   */
  public SequenceDataset read(ResultSet resultSet) {
    checkArgument(
        settings.columns() == null, "columns(...) are for tables in files, found a result set");
    InteractionTable table = new InteractionTable(Source.RESULT_SET, settings);
    SqlRows rows = new SqlRows(resultSet);
    table.begin(Source.RESULT_SET, "column");
    table.locate(rows.labels(), null);
    String[] fields = new String[Role.values().length];
    while (rows.next()) {
      if (table.isSearching()) {
        table.search(rows.values());
      }
      table.add(rows.row(), () -> fields(rows, table, fields));
    }
    table.end();
    return table.toDataset();
  }

  private static String[] fields(SqlRows rows, InteractionTable table, String[] fields) {
    for (Role role : Role.values()) {
      int column = table.column(role);
      fields[role.ordinal()] = column >= 0 ? rows.value(column) : "";
    }
    return fields;
  }

  /**
   * Reads interactions. Either all have times or none has, as the first says. The stream is not
   * closed.
   *
   * @param interactions the interactions
   * @return the users' sequences, with times if the interactions have them
   * @throws IllegalArgumentException naming the row, from 1, as {@link #read(Path)} names the line;
   *     or if the reader names columns
   */
  public SequenceDataset read(Stream<Interaction> interactions) {
    checkArgument(
        settings.columns() == null && COLUMNS.stream().noneMatch(settings::isNamed),
        "names of columns are for files and result sets, found a stream");
    InteractionTable table = new InteractionTable(Source.STREAM, settings);
    table.begin(Source.STREAM, "field");
    StreamRow row = new StreamRow(table);
    interactions.forEachOrdered(row::add);
    table.end();
    return table.toDataset();
  }

  private void read(Path file, InteractionTable table) throws IOException {
    DelimitedTable.Head head = DelimitedTable.Head.of(file, settings.limits());
    if (head.isJson()) {
      readObjects(file, head.isJsonList(), table);
    } else {
      table.begin(Source.of(file), "column");
      if (!head.isBlank()) {
        DelimitedTable.read(file, settings.limits(), "an interaction", new TableRows(table));
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
    table.begin(Source.of(file), "field");
    JsonRow row = new JsonRow(new Place(file, 1), "");
    try (TextLines objects =
        JsonListReader.objects(file, isList, settings.limits(), (from, to) -> {})) {
      locate(objects, row, table);
    }
    try (TextLines objects =
        JsonListReader.objects(file, isList, settings.limits(), table::addBlank)) {
      while (objects.next()) {
        row.line(objects.place(), objects.text());
        table.add(objects.line(), row);
      }
    }
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

  /** The rows of a table, of which the first may name the columns. */
  private final class TableRows implements DelimitedTable.Rows {
    private final InteractionTable table;
    private final String[] fields = new String[Role.values().length];

    TableRows(InteractionTable table) {
      this.table = table;
      if (settings.columns() != null) {
        table.locate(settings.columns(), null);
      }
    }

    @Override
    public void addBlank(long from, long to) {
      table.addBlank(from, to);
    }

    @Override
    public void add(long line, List<String> values) {
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

  /** The interaction of a stream that is read. */
  private static final class StreamRow {
    private final InteractionTable table;
    private final String[] fields = new String[Role.values().length];
    private long row;

    StreamRow(InteractionTable table) {
      this.table = table;
    }

    void add(Interaction interaction) {
      row++;
      if (!table.isLocated()) {
        table.locate(
            interaction.time().isPresent()
                ? ImmutableList.of("user", "item", "time", "rating")
                : ImmutableList.of("user", "item", "rating"),
            null);
      }
      table.add(row, () -> fields(interaction));
    }

    private String[] fields(Interaction interaction) {
      if (interaction.time().isPresent() && !table.names().contains("time")) {
        throw new MalformedLineException(
            table.place(row),
            "expected no time, as in the rows before, found %s",
            interaction.time().get());
      }
      Arrays.fill(fields, "");
      fields[Role.USER.ordinal()] = interaction.user();
      fields[Role.ITEM.ordinal()] = interaction.item();
      fields[Role.TIME.ordinal()] = interaction.time().orElse("");
      interaction
          .rating()
          .ifPresent(rating -> fields[Role.RATING.ordinal()] = Double.toString(rating));
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
