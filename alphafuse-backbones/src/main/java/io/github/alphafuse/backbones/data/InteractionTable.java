package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
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

/** The interactions of one file while it is read, whatever its format. Not thread-safe. */
final class InteractionTable {
  private static final int NO_COLUMN = -1;

  /**
   * Whole numbers of up to this number of digits are exact as doubles. Most times are such numbers
   * and parsed quickly.
   */
  private static final int MOST_EXACT_DIGITS = 15;

  private static final Role[] ROLES = Role.values();

  /** The fields of one line. */
  @FunctionalInterface
  interface Row {
    /**
     * The fields by role, blank if there is none. They are read at once, so the array may be
     * overwritten.
     *
     * @throws MalformedLineException if the line has other fields than the table
     */
    String[] fields();
  }

  private final Path file;
  private final InteractionSettings settings;
  private final String column;
  private final ItemResolver resolver;
  private final Map<String, Integer> users = new HashMap<>();
  private final List<String> userKeys = new ArrayList<>();
  private final Set<String> usersOfSkipped = new HashSet<>();
  private final ImmutableIntArray.Builder owners = ImmutableIntArray.builder();
  private final ImmutableIntArray.Builder items = ImmutableIntArray.builder();
  private final ImmutableDoubleArray.Builder times = ImmutableDoubleArray.builder();
  private final Dropped.Counter malformed = new Dropped.Counter(DropReason.MALFORMED_LINE);
  private final Dropped.Counter lowRatings = new Dropped.Counter(DropReason.LOW_RATING);
  private final int[] columns = new int[ROLES.length];
  private ImmutableList<String> names = ImmutableList.of();
  private long lines;

  /** A table of a file whose fields are called, for example, columns. */
  InteractionTable(Path file, InteractionSettings settings, String column) {
    this.file = file;
    this.settings = settings;
    this.column = column;
    this.resolver = new ItemResolver(settings.vocabulary(), settings.unknownItems());
  }

  /** Finds the columns among all names. The place, if any, is that of the names. */
  void locate(List<String> allNames, @Nullable Place place) {
    List<String> normalized = allNames.stream().map(InteractionTable::normalize).toList();
    for (Role role : ROLES) {
      columns[role.ordinal()] = find(role, normalized);
      if (columns[role.ordinal()] == NO_COLUMN && settings.isNeeded(role)) {
        String message =
            "expected a "
                + column
                + " named "
                + String.join(" or ", settings.columns(role))
                + ", found the "
                + column
                + "s "
                + String.join(", ", allNames);
        throw place == null
            ? Place.error(file, "%s", message)
            : new MalformedLineException(place, "%s", message);
      }
    }
    if (Double.isNaN(settings.minRating())) {
      columns[Role.RATING.ordinal()] = NO_COLUMN;
    }
    names = ImmutableList.copyOf(allNames);
  }

  private int find(Role role, List<String> normalized) {
    for (String name : settings.columns(role)) {
      int found = normalized.indexOf(normalize(name));
      if (found >= 0) {
        return found;
      }
    }
    return NO_COLUMN;
  }

  /** A column's name without its type, case and separators of words. */
  static String normalize(String name) {
    int colon = name.indexOf(':');
    return (colon < 0 ? name : name.substring(0, colon))
        .strip()
        .toLowerCase(Locale.ROOT)
        .replace("_", "")
        .replace("-", "");
  }

  /** Whether the columns are known. */
  boolean isLocated() {
    return !names.isEmpty();
  }

  /** The names of all columns. */
  ImmutableList<String> names() {
    return names;
  }

  /** The column of a role, or a negative number if there is none. */
  int column(Role role) {
    return columns[role.ordinal()];
  }

  Place place(long line) {
    return new Place(file, line);
  }

  /** Records blank lines, from the first up to the one before the last. */
  void addBlank(long from, long to) {
    for (long line = from; line < to; line++) {
      reject(
          new MalformedLineException(
              place(line),
              isLocated()
                  ? "expected an interaction, found a blank line"
                  : "expected the names of the " + column + "s, found a blank line"));
    }
  }

  /** Throws the error of a line, or counts it if such lines are skipped. */
  void reject(MalformedLineException error) {
    if (settings.malformedLines() == MalformedLines.REJECT) {
      throw error;
    }
    if (malformed.wantsExample()) {
      malformed.example(String.valueOf(error.getMessage()));
    }
    malformed.add(0);
  }

  /** Adds one line. */
  void add(long line, Row row) {
    lines++;
    try {
      add(line, row.fields());
    } catch (MalformedLineException e) {
      reject(e);
    }
  }

  private void add(long line, String[] fields) {
    String user = field(Role.USER, fields, line);
    String item = field(Role.ITEM, fields, line);
    double time = column(Role.TIME) < 0 ? 0 : number(Role.TIME, fields, line);
    if (column(Role.RATING) >= 0 && number(Role.RATING, fields, line) < settings.minRating()) {
      if (lowRatings.wantsExample()) {
        lowRatings.example("line " + line);
      }
      lowRatings.add(1);
      return;
    }
    int row = resolver.row(item, place(line));
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
    if (column(Role.TIME) >= 0) {
      times.add(time);
    }
  }

  private String field(Role role, String[] fields, long line) {
    String field = fields[role.ordinal()].strip();
    if (field.isEmpty()) {
      throw new MalformedLineException(
          place(line),
          "expected %s in %s %s, found none",
          role.description(),
          column,
          names.get(column(role)));
    }
    return field;
  }

  private double number(Role role, String[] fields, long line) {
    String field = field(role, fields, line);
    double number = wholeNumber(field);
    if (number >= 0) {
      return number;
    }
    try {
      number = Double.parseDouble(field);
    } catch (NumberFormatException e) {
      number = Double.NaN;
    }
    if (!Double.isFinite(number)) {
      throw new MalformedLineException(
          place(line),
          "expected %s in %s %s that is a number, found \"%s\"",
          role.description(),
          column,
          names.get(column(role)),
          field);
    }
    // Sorting distinguishes -0.0 from 0.0 and comparing does not, so only one zero is used.
    return number + 0.0;
  }

  /**
   * The number that some digits stand for, exact as a double; -1 if there are other characters or
   * too many.
   */
  private static double wholeNumber(String field) {
    if (field.length() > MOST_EXACT_DIGITS) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < field.length(); i++) {
      int digit = field.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = 10 * number + digit;
    }
    return number;
  }

  /** All interactions added so far, by user and in the order of time. */
  SequenceDataset toDataset() {
    if (lines == 0 && malformed.count() == 0) {
      throw Place.error(
          file,
          settings.namesGiven() || !isLocated()
              ? "expected one interaction per line, found an empty file"
              : "expected one interaction per line, found only the names of the columns");
    }
    if (userKeys.isEmpty()) {
      throw nothingLeft();
    }
    usersOfSkipped.removeAll(users.keySet());
    ImmutableList.Builder<Dropped> dropped = ImmutableList.builder();
    malformed.appendTo(dropped);
    lowRatings.appendTo(dropped);
    return SequenceDataset.ofChecked(
        resolver.vocabulary(),
        sequences(),
        resolver.skipped(usersOfSkipped.size()),
        dropped.build());
  }

  private IllegalArgumentException nothingLeft() {
    if (resolver.hasSkipped()) {
      return resolver.nothingKnown(file);
    }
    ImmutableList.Builder<Dropped> dropped = ImmutableList.builder();
    malformed.appendTo(dropped);
    lowRatings.appendTo(dropped);
    return Place.error(
        file,
        "expected at least one interaction to keep, found only %s",
        String.join(" and ", dropped.build().stream().map(Dropped::toString).toList()));
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
      sequences.add(
          sortedTimes.length == 0
              ? UserSequence.ofOwned(userKeys.get(user), sequence)
              : inTimeOrder(
                  userKeys.get(user), sequence, Arrays.copyOfRange(sortedTimes, from, to)));
    }
    return sequences.build();
  }

  /** The items sorted by their times, equal times in the order given. */
  private static UserSequence inTimeOrder(String user, int[] sequence, double[] timeOf) {
    double[] sorted = timeOf.clone();
    Arrays.sort(sorted);
    if (Arrays.equals(sorted, timeOf)) {
      return UserSequence.ofOwned(user, sequence).withTimes(sorted);
    }
    double[] distinct = sorted.clone();
    int count = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] != distinct[count - 1]) {
        distinct[count++] = sorted[i];
      }
    }
    // The rank of the time in the high bits, the position in the low ones, so that the sort is
    // stable.
    long[] keys = new long[sequence.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = ((long) Arrays.binarySearch(distinct, 0, count, timeOf[i]) << 32) | i;
    }
    Arrays.sort(keys);
    int[] ordered = new int[sequence.length];
    for (int i = 0; i < keys.length; i++) {
      ordered[i] = sequence[(int) keys[i]];
    }
    return UserSequence.ofOwned(user, ordered).withTimes(sorted);
  }
}
