package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reader of tables with one interaction a line: a user, an item and, if there is one, a time.
 *
 * <p>Fields are separated by TABs, commas, semicolons or {@code ::}, whichever the first line has
 * (looked for in the order TAB, {@code ::}, comma, semicolon), and may be quoted with {@code "}.
 * The first line names the columns, unless {@link Builder#columns(String...)} does. A type after a
 * colon in a name ({@code user_id:token}) is left out, and case, {@code _} and {@code -} in it do
 * not count. Unless set, the columns are the first there is of
 *
 * <ul>
 *   <li>user: {@code user_id}, {@code user}, {@code reviewer_id};
 *   <li>item: {@code item_id}, {@code item}, {@code movie_id}, {@code parent_asin}, {@code asin},
 *       {@code product_id};
 *   <li>time: {@code timestamp}, {@code time}, {@code unix_review_time}; may be missing.
 * </ul>
 *
 * <p>Users come in the order of their first interaction. A user's interactions are sorted by time,
 * equal times in file order; without a time column all stay in file order. Times are numbers of any
 * unit. Repeated interactions are kept. Files are UTF-8; a byte order mark, CRLF and blank lines at
 * the end are left out. Immutable and thread-safe.
 */
public final class InteractionReader {
  private static final ImmutableList<String> USER_COLUMNS =
      ImmutableList.of("user_id", "user", "reviewer_id");
  private static final ImmutableList<String> ITEM_COLUMNS =
      ImmutableList.of("item_id", "item", "movie_id", "parent_asin", "asin", "product_id");
  private static final ImmutableList<String> TIME_COLUMNS =
      ImmutableList.of("timestamp", "time", "unix_review_time");
  private static final ImmutableList<String> SEPARATORS = ImmutableList.of("\t", "::", ",", ";");
  private static final int LONGEST_FIRST_LINE = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final @Nullable ItemVocabulary vocabulary;
  private final UnknownItems unknownItems;
  private final ImmutableList<String> userColumns;
  private final ImmutableList<String> itemColumns;
  private final ImmutableList<String> timeColumns;
  private final boolean timeNeeded;
  private final @Nullable ImmutableList<String> columns;

  private InteractionReader(Builder builder) {
    this.vocabulary = builder.vocabulary;
    this.unknownItems = builder.unknownItems;
    this.userColumns = builder.userColumns;
    this.itemColumns = builder.itemColumns;
    this.timeColumns = builder.timeColumns;
    this.timeNeeded = builder.timeNeeded;
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
   * @return the users' sequences
   * @throws IllegalArgumentException naming the file and the line, if the file has no interactions
   *     or no column of the expected names, or a line is blank, has another number of fields than
   *     there are columns, a blank user or item, a time that is not a finite number, an item that
   *     is not in the vocabulary (unless skipped), or is not UTF-8
   * @throws UncheckedIOException if the file cannot be read
   */
  public SequenceDataset read(Path file) {
    Table table = new Table(file);
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      skipByteOrderMark(reader);
      CsvReader.CsvReaderBuilder csv =
          CsvReader.builder()
              .fieldSeparator(separator(reader))
              .skipEmptyLines(false)
              .allowExtraFields(true)
              .allowMissingFields(true);
      for (CsvRecord line : csv.ofCsvRecord(reader)) {
        table.add(line);
      }
    } catch (CharacterCodingException e) {
      throw table.notUtf8(e);
    } catch (UncheckedIOException e) {
      throw e.getCause() instanceof CharacterCodingException ? table.notUtf8(e) : e;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    } catch (CsvParseException e) {
      throw new IllegalArgumentException(
          Place.name(file) + ": expected a table of fields, found " + describe(e), e);
    }
    return table.toDataset();
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

  /** A column's name without its type, case and separators of words. */
  private static String normalize(String name) {
    int colon = name.indexOf(':');
    return (colon < 0 ? name : name.substring(0, colon))
        .strip()
        .toLowerCase(Locale.ROOT)
        .replace("_", "")
        .replace("-", "");
  }

  /** The interactions of one file while it is read. */
  private final class Table {
    private static final int NO_COLUMN = -1;

    private final Path file;
    private final ItemResolver resolver = new ItemResolver(vocabulary, unknownItems);
    private final Map<String, Integer> users = new HashMap<>();
    private final List<String> userKeys = new ArrayList<>();
    private final Set<String> usersOfSkipped = new HashSet<>();
    private final ImmutableIntArray.Builder owners = ImmutableIntArray.builder();
    private final ImmutableIntArray.Builder items = ImmutableIntArray.builder();
    private final ImmutableDoubleArray.Builder times = ImmutableDoubleArray.builder();
    private List<String> header = ImmutableList.of();
    private int userColumn;
    private int itemColumn;
    private int timeColumn;
    private long lastLine;
    private long firstBlankLine;
    private long lines;

    Table(Path file) {
      this.file = file;
      if (columns != null) {
        locate(columns, null);
      }
    }

    private void locate(List<String> names, @Nullable Place place) {
      header = names;
      userColumn = find(userColumns, true, place);
      itemColumn = find(itemColumns, true, place);
      timeColumn = find(timeColumns, timeNeeded, place);
    }

    private int find(List<String> wanted, boolean needed, @Nullable Place place) {
      List<String> names = header.stream().map(InteractionReader::normalize).toList();
      for (String name : wanted) {
        int column = names.indexOf(normalize(name));
        if (column >= 0) {
          return column;
        }
      }
      if (!needed) {
        return NO_COLUMN;
      }
      String message =
          "expected a column named "
              + String.join(" or ", wanted)
              + ", found the columns "
              + String.join(", ", header);
      throw place == null ? Place.error(file, "%s", message) : place.error("%s", message);
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
        throw new Place(file, firstBlankLine)
            .error(
                header.isEmpty()
                    ? "expected the names of the columns, found a blank line"
                    : "expected an interaction, found a blank line");
      }
      if (header.isEmpty()) {
        locate(ImmutableList.copyOf(line.getFields()), new Place(file, lastLine));
        return;
      }
      lines++;
      if (line.getFieldCount() != header.size()) {
        throw place()
            .error(
                "expected %s fields (%s), found %s",
                header.size(), String.join(", ", header), line.getFieldCount());
      }
      String user = field(line, userColumn, "a user");
      String item = field(line, itemColumn, "an item");
      double time = timeColumn == NO_COLUMN ? 0 : time(field(line, timeColumn, "a time"));
      int row = resolver.row(item, place());
      if (row == ItemResolver.SKIPPED) {
        usersOfSkipped.add(user);
        return;
      }
      Integer owner = users.get(user);
      if (owner == null) {
        owner = userKeys.size();
        users.put(user, owner);
        userKeys.add(user);
      }
      owners.add(owner);
      items.add(row);
      if (timeColumn != NO_COLUMN) {
        times.add(time);
      }
    }

    private String field(CsvRecord line, int column, String role) {
      String field = line.getField(column).strip();
      if (field.isEmpty()) {
        throw place().error("expected %s in column %s, found none", role, header.get(column));
      }
      return field;
    }

    private double time(String field) {
      double time;
      try {
        time = Double.parseDouble(field);
      } catch (NumberFormatException e) {
        time = Double.NaN;
      }
      if (!Double.isFinite(time)) {
        throw place()
            .error(
                "expected a time in column %s that is a number, found \"%s\"",
                header.get(timeColumn), field);
      }
      // Sorting tells -0.0 from 0.0, comparing does not: let there be one zero.
      return time + 0.0;
    }

    private Place place() {
      return new Place(file, lastLine);
    }

    IllegalArgumentException notUtf8(Exception cause) {
      return new IllegalArgumentException(
          Place.name(file)
              + ": expected UTF-8 text, found bytes that are not, after line "
              + lastLine,
          cause);
    }

    SequenceDataset toDataset() {
      if (lines == 0) {
        throw Place.error(
            file,
            header.isEmpty() || columns != null
                ? "expected one interaction a line, found an empty file"
                : "expected one interaction a line, found only the names of the columns");
      }
      if (userKeys.isEmpty()) {
        throw resolver.nothingKnown(file);
      }
      usersOfSkipped.removeAll(users.keySet());
      return SequenceDataset.of(
          resolver.vocabulary(), sequences(), resolver.skipped(usersOfSkipped.size()));
    }

    private ImmutableList<UserSequence> sequences() {
      ImmutableIntArray ownerOf = owners.build();
      ImmutableIntArray itemOf = items.build();
      ImmutableDoubleArray timeOf = times.build();
      int[] offsets = new int[userKeys.size() + 1];
      for (int i = 0; i < ownerOf.length(); i++) {
        offsets[ownerOf.get(i) + 1]++;
      }
      for (int user = 0; user < userKeys.size(); user++) {
        offsets[user + 1] += offsets[user];
      }
      int[] next = offsets.clone();
      int[] sortedItems = new int[itemOf.length()];
      double[] sortedTimes = new double[timeOf.length()];
      for (int i = 0; i < sortedItems.length; i++) {
        int at = next[ownerOf.get(i)]++;
        sortedItems[at] = itemOf.get(i);
        if (sortedTimes.length > 0) {
          sortedTimes[at] = timeOf.get(i);
        }
      }
      ImmutableList.Builder<UserSequence> sequences =
          ImmutableList.builderWithExpectedSize(userKeys.size());
      for (int user = 0; user < userKeys.size(); user++) {
        int from = offsets[user];
        int to = offsets[user + 1];
        int[] sequence = Arrays.copyOfRange(sortedItems, from, to);
        if (sortedTimes.length > 0) {
          sequence = inTimeOrder(sequence, Arrays.copyOfRange(sortedTimes, from, to));
        }
        sequences.add(UserSequence.of(userKeys.get(user), sequence));
      }
      return sequences.build();
    }

    /** The items sorted by their times, equal times in the order given. */
    private static int[] inTimeOrder(int[] sequence, double[] timeOf) {
      double[] sorted = timeOf.clone();
      Arrays.sort(sorted);
      if (Arrays.equals(sorted, timeOf)) {
        return sequence;
      }
      int distinct = 0;
      for (int i = 0; i < sorted.length; i++) {
        if (i == 0 || sorted[i] != sorted[distinct - 1]) {
          sorted[distinct++] = sorted[i];
        }
      }
      // The rank of the time above, the position below: sorting the numbers is a stable sort.
      long[] keys = new long[sequence.length];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = ((long) Arrays.binarySearch(sorted, 0, distinct, timeOf[i]) << 32) | i;
      }
      Arrays.sort(keys);
      int[] ordered = new int[sequence.length];
      for (int i = 0; i < keys.length; i++) {
        ordered[i] = sequence[(int) keys[i]];
      }
      return ordered;
    }
  }

  /** A builder of {@link InteractionReader}. Not thread-safe. */
  public static final class Builder {
    private @Nullable ItemVocabulary vocabulary;
    private UnknownItems unknownItems = UnknownItems.REJECT;
    private ImmutableList<String> userColumns = USER_COLUMNS;
    private ImmutableList<String> itemColumns = ITEM_COLUMNS;
    private ImmutableList<String> timeColumns = TIME_COLUMNS;
    private boolean timeNeeded;
    private @Nullable ImmutableList<String> columns;

    private Builder() {}

    /**
     * Sets the vocabulary that the file's item ids belong to. Unless set, items are numbered by
     * first appearance in the file.
     *
     * @param items the vocabulary
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder vocabulary(ItemVocabulary items) {
      this.vocabulary = checkNotNull(items, "vocabulary");
      return this;
    }

    /**
     * Sets what is done with items that are not in the vocabulary: {@link UnknownItems#REJECT}
     * unless set.
     *
     * @param policy what is done
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder unknownItems(UnknownItems policy) {
      this.unknownItems = checkNotNull(policy, "unknownItems");
      return this;
    }

    /**
     * Sets the name of the column of users.
     *
     * @param name the name, with its type or without
     * @return this builder
     * @throws IllegalArgumentException if the name is blank
     */
    @CanIgnoreReturnValue
    public Builder userColumn(String name) {
      this.userColumns = ImmutableList.of(checkName("userColumn", name));
      return this;
    }

    /**
     * Sets the name of the column of items.
     *
     * @param name the name, with its type or without
     * @return this builder
     * @throws IllegalArgumentException if the name is blank
     */
    @CanIgnoreReturnValue
    public Builder itemColumn(String name) {
      this.itemColumns = ImmutableList.of(checkName("itemColumn", name));
      return this;
    }

    /**
     * Sets the name of the column of times, which must then be there.
     *
     * @param name the name, with its type or without
     * @return this builder
     * @throws IllegalArgumentException if the name is blank
     */
    @CanIgnoreReturnValue
    public Builder timeColumn(String name) {
      this.timeColumns = ImmutableList.of(checkName("timeColumn", name));
      this.timeNeeded = true;
      return this;
    }

    /**
     * Names the columns of a file whose first line is an interaction already, such as MovieLens's
     * {@code u.data} and {@code ratings.dat}: {@code columns("user_id", "item_id", "rating",
     * "timestamp")}.
     *
     * @param names the names of all columns, from the left
     * @return this builder
     * @throws IllegalArgumentException if there is no name or one is blank
     */
    @CanIgnoreReturnValue
    public Builder columns(String... names) {
      checkArgument(names.length > 0, "columns must name at least one column, found none");
      for (String name : names) {
        checkName("columns", name);
      }
      this.columns = ImmutableList.copyOf(names);
      return this;
    }

    private static String checkName(String option, String name) {
      checkArgument(
          !normalize(name).isEmpty(),
          "%s must be a name that is not blank, found \"%s\"",
          option,
          name);
      return name;
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
