package io.github.alphafuse.backbones.data;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The titles of a table of items with the columns row and title, or row, id, title and more. Fields
 * are separated by TABs and never quoted, since a title may begin with a quotation mark. Not
 * thread-safe.
 */
final class TitleReader {
  private static final Splitter FIELDS = Splitter.on('\t');
  private static final ImmutableList<String> TITLE_NAMES =
      ImmutableList.of("title", "item_title", "movie_title", "name");

  private static final String EXPECTED = "an item row, a TAB and a title";

  private final Path file;
  private final ReadingLimits limits;
  private final int itemCount;

  /** The title of every row, taken from the second column and from the third if there is one. */
  private final @Nullable String[] seconds;

  private final @Nullable String[] thirds;
  private final long[] lineOfRow;
  private boolean secondIsId = true;
  private int namedColumn = -1;

  TitleReader(Path file, ReadingLimits limits, int itemCount) {
    this.file = file;
    this.limits = limits;
    this.itemCount = itemCount;
    this.seconds = new @Nullable String[itemCount];
    this.thirds = new @Nullable String[itemCount];
    this.lineOfRow = new long[itemCount];
  }

  /** The number of items of a table with a title per item. */
  static int count(Path file, ReadingLimits limits) {
    int found = 0;
    try (LineReader lines = new LineReader(file, limits, EXPECTED)) {
      while (lines.next()) {
        if (!isHeader(lines, FIELDS.splitToList(lines.text()))) {
          found++;
        }
      }
    }
    if (found == 0) {
      throw Place.error(file, "expected %s, found no item", EXPECTED);
    }
    return new TitleReader(file, limits, found).read().size();
  }

  private static boolean isHeader(LineReader lines, List<String> fields) {
    return lines.line() == 1 && Ints.tryParse(fields.get(0).strip()) == null;
  }

  ImmutableList<String> read() {
    int found = 0;
    try (LineReader lines = new LineReader(file, limits, EXPECTED)) {
      while (lines.next()) {
        List<String> fields = FIELDS.splitToList(lines.text());
        if (isHeader(lines, fields)) {
          locate(fields);
        } else {
          add(fields, lines.place());
          found++;
        }
      }
    }
    if (found < itemCount) {
      int missing = 0;
      while (lineOfRow[missing] > 0) {
        missing++;
      }
      throw Place.error(
          file,
          "expected a title for each of the %s items, found %s; row %s is missing",
          itemCount,
          found,
          missing);
    }
    List<String> titles = new ArrayList<>(itemCount);
    for (@Nullable String title : secondIsId && namedColumn < 0 ? thirds : seconds) {
      titles.add(title == null ? "" : title);
    }
    return ImmutableList.copyOf(titles);
  }

  private void locate(List<String> header) {
    List<String> names =
        header.stream()
            .map(name -> name.replaceFirst(":.*", "").strip().toLowerCase(Locale.ROOT))
            .toList();
    namedColumn =
        TITLE_NAMES.stream().mapToInt(names::indexOf).filter(at -> at > 0).findFirst().orElse(-1);
  }

  private void add(List<String> fields, Place place) {
    int needed = Math.max(2, namedColumn + 1);
    if (fields.size() < needed) {
      throw place.error(
          "expected %s, found %s instead of %s or more fields", EXPECTED, fields.size(), needed);
    }
    String first = fields.get(0).strip();
    Integer row = Ints.tryParse(first);
    if (row == null || row < 0 || row >= itemCount) {
      throw place.error("expected an item row from 0 to %s, found \"%s\"", itemCount - 1, first);
    }
    if (lineOfRow[row] > 0) {
      throw place.error("expected one line per item, found row %s of line %s", row, lineOfRow[row]);
    }
    lineOfRow[row] = place.line();
    seconds[row] = fields.get(namedColumn < 0 ? 1 : namedColumn).strip();
    if (fields.size() > 2 && Ints.tryParse(fields.get(1).strip()) != null) {
      thirds[row] = fields.get(2).strip();
    } else {
      secondIsId = false;
    }
  }
}
