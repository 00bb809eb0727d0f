package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The interactions of one file or several while they are read, whatever their format. Not
 * thread-safe.
 */
final class InteractionTable {
  private static final int NO_COLUMN = -1;
  private static final String LIST = "list";
  private static final String LIST_TYPE = "_seq";
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

  /** What is read, for messages about all of it. */
  private final Source source;

  private final InteractionSettings settings;
  private final ItemResolver resolver;
  private final Map<String, Integer> users = new HashMap<>();
  private final List<String> userKeys = new ArrayList<>();
  private final Set<String> usersOfSkipped = new HashSet<>();
  private final ImmutableIntArray.Builder owners = ImmutableIntArray.builder();
  private final ImmutableIntArray.Builder items = ImmutableIntArray.builder();
  private final ImmutableDoubleArray.Builder times = ImmutableDoubleArray.builder();
  private final TimeColumn time = new TimeColumn();
  private final ItemLists lists = new ItemLists();
  private final Dropped.Counter malformed = new Dropped.Counter(DropReason.MALFORMED_LINE);
  private final Dropped.Counter lowRatings = new Dropped.Counter(DropReason.LOW_RATING);
  private final ImmutableList.Builder<String> remarks = ImmutableList.builder();
  private final int[] columns = new int[ROLES.length];

  /** What doubles cannot hold of the times; null until there is something. */
  private ImmutableDoubleArray.@Nullable Builder rests;

  private int timeCount;
  private Source file;
  private String column = "column";
  private ImmutableList<String> names = ImmutableList.of();
  private @Nullable TimeSearch search;
  private int searched;
  private @Nullable Source firstRead;
  private boolean firstHasTimes;
  private boolean hasNames;
  private long linesOfFile;
  private long lines;

  /** A table of a file, of the files of a folder, or of rows that are in none. */
  InteractionTable(Source source, InteractionSettings settings) {
    this.source = source;
    this.file = source;
    this.settings = settings;
    this.resolver = new ItemResolver(settings.vocabulary(), settings.unknownItems());
  }

  /** Begins with a file whose fields are called, for example, columns. */
  void begin(Source nextFile, String fieldName) {
    file = nextFile;
    column = fieldName;
    names = ImmutableList.of();
    search = null;
    searched = 0;
    linesOfFile = 0;
  }

  /** Ends the file that was begun last. */
  void end() {
    endSearch();
    if (linesOfFile == 0) {
      return;
    }
    boolean hasTimes = column(Role.TIME) >= 0;
    if (firstRead == null) {
      firstRead = file;
      firstHasTimes = hasTimes;
      if (!hasTimes && !settings.fileOrder() && column(Role.HISTORY) < 0) {
        remarks.add(
            source.name()
                + " has no column of times: interactions are taken in the order of the "
                + source.unit()
                + "s");
      }
    } else if (hasTimes != firstHasTimes) {
      throw file.error(
          "expected %s as in %s, found %s",
          firstHasTimes ? "times" : "no times",
          firstRead.name(),
          hasTimes ? "some in " + column + " " + names.get(column(Role.TIME)) : "none");
    }
  }

  /** Finds the columns among all names. The place, if any, is that of the names. */
  void locate(List<String> allNames, @Nullable Place place) {
    List<String> normalized = allNames.stream().map(InteractionTable::normalize).toList();
    hasNames = true;
    for (Role role : ROLES) {
      columns[role.ordinal()] = find(role, normalized);
    }
    names = ImmutableList.copyOf(allNames);
    findLists(normalized, place);
    for (Role role : ROLES) {
      if (columns[role.ordinal()] == NO_COLUMN && isNeeded(role)) {
        throw missing(role, place);
      }
    }
    if (settings.fileOrder() || column(Role.HISTORY) >= 0) {
      columns[Role.TIME.ordinal()] = NO_COLUMN;
    } else if (column(Role.TIME) < 0) {
      requireNoTimes(names.stream().filter(TimeSearch::isTimeName).toList());
      search = new TimeSearch();
    }
    if (Double.isNaN(settings.minRating())) {
      columns[Role.RATING.ordinal()] = NO_COLUMN;
    }
  }

  private boolean isNeeded(Role role) {
    return settings.isNeeded(role) && !(role == Role.ITEM && column(Role.HISTORY) >= 0);
  }

  private IllegalArgumentException missing(Role role, @Nullable Place place) {
    StringBuilder message = new StringBuilder();
    message
        .append("expected a ")
        .append(column)
        .append(" named ")
        .append(String.join(" or ", settings.columns(role)))
        .append(", found the ")
        .append(column)
        .append("s ")
        .append(String.join(", ", names));
    if (!settings.isNamed(role)) {
      message.append("; if it has another name, set ").append(role.option());
      if (settings.columns() == null && names.stream().anyMatch(InteractionTable::isNumber)) {
        message.append("; if the first line is an interaction, name all columns by columns(...)");
      }
    }
    return place == null
        ? file.error("%s", message)
        : new MalformedLineException(place, "%s", message);
  }

  private static boolean isNumber(String name) {
    return Doubles.tryParse(name) != null;
  }

  /** Whether all needed columns are among some names. */
  boolean canLocate(Collection<String> someNames) {
    List<String> normalized = someNames.stream().map(InteractionTable::normalize).toList();
    return Arrays.stream(ROLES)
        .noneMatch(role -> settings.isNeeded(role) && find(role, normalized) == NO_COLUMN);
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

  /**
   * Finds the column of RecBole's lists, {@code item_id_list:token_seq}, unless the column of items
   * is named and holds no list.
   */
  private void findLists(List<String> normalized, @Nullable Place place) {
    int item = column(Role.ITEM);
    if (item >= 0 && isList(names.get(item))) {
      columns[Role.ITEM.ordinal()] = NO_COLUMN;
      columns[Role.HISTORY.ordinal()] = item;
    } else if (!settings.isNamed(Role.ITEM)) {
      for (String name : settings.columns(Role.ITEM)) {
        int list = normalized.indexOf(normalize(name) + LIST);
        if (list >= 0) {
          if (!isList(names.get(list))) {
            throw error(
                place,
                "expected lists of items in a column with a type, such as item_id_list:token_seq,"
                    + " found %s %s without; itemColumn names another, which alone is read then",
                column,
                names.get(list));
          }
          columns[Role.HISTORY.ordinal()] = list;
          break;
        }
      }
    }
    if (column(Role.HISTORY) >= 0 && settings.isNeeded(Role.RATING)) {
      throw error(
          place,
          "minRating needs one interaction per line, found lists in %s %s",
          column,
          names.get(column(Role.HISTORY)));
    }
  }

  private IllegalArgumentException error(
      @Nullable Place place, String template, Object... arguments) {
    return place == null ? file.error(template, arguments) : place.error(template, arguments);
  }

  private static boolean isList(String name) {
    return name.strip().endsWith(LIST_TYPE) && name.indexOf(':') >= 0;
  }

  /**
   * Whether some of the values of the columns without a role are still to be searched for times.
   */
  boolean isSearching() {
    return search != null;
  }

  /** Searches the values of a line, in the order of the names, for times. */
  void search(List<String> values) {
    TimeSearch current = search;
    if (current == null || values.size() != names.size()) {
      return;
    }
    for (int i = 0; i < values.size(); i++) {
      if (isUnclaimed(i)) {
        current.see(names.get(i), values.get(i));
      }
    }
    if (++searched == TimeSearch.LINES) {
      endSearch();
    }
  }

  /** A column with a role holds no times, whether the role is read or not. */
  private boolean isUnclaimed(int index) {
    return Arrays.stream(columns).noneMatch(found -> found == index)
        && settings.columns(Role.RATING).stream()
            .noneMatch(name -> normalize(name).equals(normalize(names.get(index))));
  }

  private void endSearch() {
    if (search != null) {
      requireNoTimes(search.found());
      search = null;
    }
  }

  private void requireNoTimes(List<String> found) {
    if (!found.isEmpty()) {
      throw file.error(
          "expected times in a %s named %s, found %s, which looks like times; name it by timeColumn,"
              + " or set fileOrder if the lines are in the order of time",
          column, String.join(" or ", settings.columns(Role.TIME)), String.join(" and ", found));
    }
  }

  /** Whether a name that the table was not located by is that of times, which it then lacks. */
  boolean isLateTime(String name) {
    String plain = normalize(name);
    return column(Role.TIME) < 0
        && !settings.fileOrder()
        && (TimeSearch.isTimeName(name)
            || settings.columns(Role.TIME).stream()
                .anyMatch(known -> normalize(known).equals(plain)));
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
    linesOfFile++;
    try {
      add(line, row.fields());
    } catch (MalformedLineException e) {
      reject(e);
    }
  }

  private void add(long line, String[] fields) {
    String user = field(Role.USER, fields, line);
    if (column(Role.HISTORY) >= 0) {
      addList(user, fields, line);
      return;
    }
    String item = field(Role.ITEM, fields, line);
    if (column(Role.TIME) >= 0) {
      parseTime(fields, line);
    }
    if (column(Role.RATING) >= 0 && rating(fields, line) < settings.minRating()) {
      if (lowRatings.wantsExample()) {
        lowRatings.example(file.unit() + " " + line);
      }
      lowRatings.add(1);
      return;
    }
    add(user, item, place(line));
  }

  private void addList(String user, String[] fields, long line) {
    String item = column(Role.ITEM) < 0 ? "" : field(Role.ITEM, fields, line);
    String list =
        column(Role.ITEM) < 0
            ? field(Role.HISTORY, fields, line)
            : fields[Role.HISTORY.ordinal()].strip();
    lists.add(user, list, item, place(line));
  }

  private void add(String user, String item, Place place) {
    Integer owner = users.get(user);
    if (owner == null && !StorableText.isStorable(user)) {
      throw new MalformedLineException(
          place,
          "expected a user without line breaks and halves of surrogate pairs, found \"%s\"",
          StorableText.escape(user));
    }
    int row = resolver.row(item, place);
    if (row == ItemResolver.SKIPPED) {
      usersOfSkipped.add(user);
      return;
    }
    if (owner == null) {
      owner = userKeys.size();
      users.put(user, owner);
      userKeys.add(user);
    }
    owners.add(owner);
    items.add(row);
    if (column(Role.TIME) >= 0) {
      addTime();
    }
  }

  private void addTime() {
    times.add(time.value());
    if (time.rest() != 0 && rests == null) {
      rests = ImmutableDoubleArray.builder();
      for (int i = 0; i < timeCount; i++) {
        rests.add(0);
      }
    }
    if (rests != null) {
      rests.add(time.rest());
    }
    timeCount++;
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

  private void parseTime(String[] fields, long line) {
    String field = field(Role.TIME, fields, line);
    if (!time.parse(field)) {
      throw notA(Role.TIME, time.expected(), field, line);
    }
  }

  private double rating(String[] fields, long line) {
    String field = field(Role.RATING, fields, line);
    double number = TimeColumn.wholeNumber(field);
    if (number >= 0) {
      return number;
    }
    Double parsed = Doubles.tryParse(field);
    if (parsed == null || !Double.isFinite(parsed)) {
      throw notA(Role.RATING, "a number", field, line);
    }
    return parsed;
  }

  private MalformedLineException notA(Role role, String expected, String found, long line) {
    return new MalformedLineException(
        place(line),
        "expected %s in %s %s that is %s, found \"%s\"",
        role.description(),
        column,
        names.get(column(role)),
        expected,
        StorableText.escape(found));
  }

  /** All interactions added so far, by user and in the order of time. */
  SequenceDataset toDataset() {
    if (lines == 0 && malformed.count() == 0) {
      throw source.error(
          source.file() == null
              ? "expected at least one interaction, found no row"
              : settings.columns() != null || !hasNames
                  ? "expected one interaction per line, found an empty file"
                  : "expected one interaction per line, found only the names of the columns");
    }
    lists.forEach(this::add);
    if (userKeys.isEmpty()) {
      throw nothingLeft();
    }
    usersOfSkipped.removeAll(users.keySet());
    ImmutableList.Builder<Dropped> dropped = ImmutableList.builder();
    malformed.appendTo(dropped);
    lowRatings.appendTo(dropped);
    SequenceDataset read =
        SequenceDataset.ofChecked(
            resolver.vocabulary(),
            sequences(),
            resolver.skipped(usersOfSkipped.size()),
            dropped.build(),
            remarks.build());
    return Double.isNaN(settings.minRating())
        ? read
        : read.prepared("minRating " + settings.minRating());
  }

  private IllegalArgumentException nothingLeft() {
    if (resolver.hasSkipped()) {
      return resolver.nothingKnown(source);
    }
    ImmutableList.Builder<Dropped> dropped = ImmutableList.builder();
    malformed.appendTo(dropped);
    lowRatings.appendTo(dropped);
    return source.error(
        "expected at least one interaction to keep, found only %s",
        String.join(" and ", dropped.build().stream().map(Dropped::toString).toList()));
  }

  private ImmutableList<UserSequence> sequences() {
    ImmutableIntArray ownerOf = owners.build();
    ImmutableIntArray itemOf = items.build();
    ImmutableDoubleArray timeOf = times.build();
    ImmutableDoubleArray restOf = rests == null ? ImmutableDoubleArray.of() : rests.build();
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
    double[] sortedRests = new double[restOf.length()];
    for (int i = 0; i < sortedItems.length; i++) {
      int at = next[ownerOf.get(i)]++;
      sortedItems[at] = itemOf.get(i);
      if (sortedTimes.length > 0) {
        sortedTimes[at] = timeOf.get(i);
      }
      if (sortedRests.length > 0) {
        sortedRests[at] = restOf.get(i);
      }
    }
    ImmutableList.Builder<UserSequence> sequences =
        ImmutableList.builderWithExpectedSize(userKeys.size());
    for (int user = 0; user < userKeys.size(); user++) {
      int from = offsets[user];
      int to = offsets[user + 1];
      UserSequence sequence =
          UserSequence.ofOwned(userKeys.get(user), Arrays.copyOfRange(sortedItems, from, to));
      sequences.add(
          sortedTimes.length == 0
              ? sequence
              : new TimeOrder(sortedTimes, sortedRests, from, to).of(sequence));
    }
    return sequences.build();
  }
}
