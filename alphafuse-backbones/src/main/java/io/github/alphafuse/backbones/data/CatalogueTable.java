package io.github.alphafuse.backbones.data;

import com.google.common.base.Strings;
import com.google.common.collect.ImmutableList;
import io.github.alphafuse.core.language.ItemCatalogue;
import io.github.alphafuse.core.language.ItemCatalogue.Item;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The items of one table or several while they are read, whatever their format. Not thread-safe.
 */
final class CatalogueTable {
  private static final int NO_COLUMN = -1;

  private final Source source;
  private final CatalogueReader.Builder options;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Set<String> usedText = new LinkedHashSet<>();
  private final Dropped.Counter malformed = new Dropped.Counter(DropReason.MALFORMED_LINE);
  private final Dropped.Counter duplicates = new Dropped.Counter(DropReason.DUPLICATE_ITEM);
  private final Dropped.Counter withoutText = new Dropped.Counter(DropReason.NO_TEXT);
  private Source file;
  private String column = "column";
  private ImmutableList<String> names = ImmutableList.of();
  private int idColumn;
  private int titleColumn;
  private int[] textColumns = {};
  private long lines;

  /** An item with the place that it was read from. */
  private record Entry(Item item, Place place) {}

  CatalogueTable(Source source, CatalogueReader.Builder options) {
    this.source = source;
    this.file = source;
    this.options = options;
  }

  /** Begins with a file whose fields are called, for example, columns. */
  void begin(Source nextFile, String fieldName) {
    file = nextFile;
    column = fieldName;
    names = ImmutableList.of();
  }

  boolean isLocated() {
    return !names.isEmpty();
  }

  ImmutableList<String> names() {
    return names;
  }

  Place place(long line) {
    return new Place(file, line);
  }

  /** Finds the columns among all names. */
  void locate(Collection<String> allNames) {
    names = ImmutableList.copyOf(allNames);
    List<String> normalized = names.stream().map(InteractionTable::normalize).toList();
    idColumn = find(options.idNames(), normalized);
    if (idColumn == NO_COLUMN) {
      throw missing(options.idNames(), "idColumn");
    }
    List<Integer> texts = new ArrayList<>();
    for (String name : options.textNames()) {
      int found = find(List.of(name), normalized);
      if (found >= 0 && !texts.contains(found)) {
        texts.add(found);
      } else if (found < 0 && options.isTextNamed()) {
        throw missing(List.of(name), "textColumns");
      }
    }
    if (texts.isEmpty()) {
      throw missing(options.textNames(), "textColumns");
    }
    textColumns = texts.stream().mapToInt(Integer::intValue).toArray();
    titleColumn = find(options.titleNames(), normalized);
    if (titleColumn == NO_COLUMN && options.isTitleNamed()) {
      throw missing(options.titleNames(), "titleColumn");
    }
    for (int text : textColumns) {
      usedText.add(names.get(text));
    }
  }

  private static int find(List<String> wanted, List<String> normalized) {
    for (String name : wanted) {
      int found = normalized.indexOf(InteractionTable.normalize(name));
      if (found >= 0) {
        return found;
      }
    }
    return NO_COLUMN;
  }

  private IllegalArgumentException missing(List<String> wanted, String option) {
    return file.error(
        "expected a %s named %s, found the %ss %s; if it has another name, set %s",
        column, String.join(" or ", wanted), column, String.join(", ", names), option);
  }

  /** Records blank lines, from the first up to the one before the last. */
  void addBlank(long from, long to) {
    for (long line = from; line < to; line++) {
      reject(
          new MalformedLineException(
              place(line),
              isLocated()
                  ? "expected an item, found a blank line"
                  : "expected the names of the columns, found a blank line"));
    }
  }

  /** Throws the error of a line, or counts it if such lines are skipped. */
  void reject(MalformedLineException error) {
    if (options.malformedLines == MalformedLines.REJECT) {
      throw error;
    }
    if (malformed.wantsExample()) {
      malformed.example(String.valueOf(error.getMessage()));
    }
    malformed.add(0);
  }

  /** The values of a line. */
  @FunctionalInterface
  interface Row {
    /**
     * The value of the column with this index, blank if there is none.
     *
     * @throws MalformedLineException if the line has no such value
     */
    String value(int index);
  }

  /** Adds one line. */
  void add(long line, Row row) {
    lines++;
    try {
      add(place(line), row);
    } catch (MalformedLineException e) {
      reject(e);
    }
  }

  private void add(Place place, Row row) {
    String id = row.value(idColumn).strip();
    if (id.isEmpty()) {
      throw new MalformedLineException(
          place, "expected an item in %s %s, found none", column, names.get(idColumn));
    }
    if (!StorableText.isStorable(id)) {
      throw new MalformedLineException(
          place,
          "expected an item without line breaks and halves of surrogate pairs, found \"%s\"",
          StorableText.escape(id));
    }
    String text = "";
    String first = "";
    for (int index : textColumns) {
      String part = PlainText.of(row.value(index));
      first = first.isEmpty() ? part : first;
      text = PlainText.join(text, part);
    }
    if (text.isEmpty()) {
      count(withoutText, place, id);
      return;
    }
    String title = titleColumn == NO_COLUMN ? "" : PlainText.of(row.value(titleColumn));
    add(new Entry(new Item(id, title.isEmpty() ? first : title, text), place));
  }

  private void add(Entry entry) {
    String id = entry.item.id();
    @Nullable Entry before = entries.putIfAbsent(id, entry);
    if (before == null) {
      return;
    }
    if (!before.item.equals(entry.item)) {
      switch (options.duplicateItems) {
        case REJECT ->
            throw entry.place.error(
                "expected one text per item, found for \"%s\" \"%s\", and \"%s\" in %s;"
                    + " duplicateItems takes the first or the last",
                id,
                excerpt(entry.item, before.item),
                excerpt(before.item, entry.item),
                before.place);
        case LAST -> entries.put(id, entry);
        case FIRST -> {}
      }
    }
    count(duplicates, entry.place, id);
  }

  /** The title if it tells two items apart, and else the part of the text where they differ. */
  private static String excerpt(Item item, Item other) {
    String shown = item.title().equals(other.title()) ? item.text() : item.title();
    String others = item.title().equals(other.title()) ? other.text() : other.title();
    int same = Strings.commonPrefix(shown, others).length();
    int from = Math.max(0, same - 20);
    int to = Math.min(shown.length(), from + 60);
    return (from > 0 ? "..." : "")
        + StorableText.escape(shown.substring(from, to))
        + (to < shown.length() ? "..." : "");
  }

  private static void count(Dropped.Counter counter, Place place, String id) {
    if (counter.wantsExample()) {
      counter.example(id + " in " + place);
    }
    counter.add(0);
  }

  /** The items of all files. */
  ItemTable toTable() {
    if (lines == 0 && malformed.count() == 0) {
      throw source.error(
          "expected one item per %s, found %s",
          source.unit(),
          source.file() == null
              ? "no row"
              : isLocated() ? "only the names of the columns" : "an empty file");
    }
    ImmutableList.Builder<Dropped> dropped = ImmutableList.builder();
    malformed.appendTo(dropped);
    duplicates.appendTo(dropped);
    withoutText.appendTo(dropped);
    if (entries.isEmpty()) {
      throw source.error(
          "expected at least one item with a text, found only %s",
          String.join(" and ", dropped.build().stream().map(Dropped::toString).toList()));
    }
    return new ItemTable(
        ItemCatalogue.of(entries.values().stream().map(Entry::item).toList()),
        ImmutableList.copyOf(usedText),
        dropped.build());
  }
}
