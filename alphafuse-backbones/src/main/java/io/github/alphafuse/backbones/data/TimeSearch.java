package io.github.alphafuse.backbones.data;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The search for times under an unknown name, in the first lines of a file that has none under a
 * known one. Not thread-safe.
 */
final class TimeSearch {
  /** The number of lines that are looked at. */
  static final int LINES = 100;

  private static final ImmutableSet<String> TIME_WORDS =
      ImmutableSet.of(
          "time", "times", "timestamp", "timestamps", "datetime", "date", "ts", "when", "epoch");

  private static final ImmutableList<String> TIME_ENDINGS =
      ImmutableList.of("time", "timestamp", "datetime");

  private static final Splitter WORDS =
      Splitter.on(CharMatcher.anyOf("_- .")).omitEmptyStrings().trimResults();

  /** Seconds that are a time between 1990 and 2100. */
  private static final double FIRST_SECOND = 631_152_000;

  private static final double LAST_SECOND = 4_102_444_800.0;
  private static final long[] UNITS = {1, 1_000, 1_000_000, 1_000_000_000};

  private final Map<String, Boolean> isTime = new LinkedHashMap<>();

  /** Takes note of one value of a column. */
  void see(String name, String value) {
    String text = value.strip();
    if (!text.isEmpty() && isTime.getOrDefault(name, true)) {
      isTime.put(name, isTime(text));
    }
  }

  /** The names of the columns all of whose values look like times. */
  List<String> found() {
    return isTime.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).toList();
  }

  /** Whether a name says that a column holds times. */
  static boolean isTimeName(String name) {
    String plain = name.replaceFirst(":.*", "").strip();
    // Capitals begin words, except in names of capitals alone.
    String spaced = plain.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    List<String> words = WORDS.splitToList(spaced);
    if (words.isEmpty()) {
      return false;
    }
    String last = words.get(words.size() - 1);
    return words.stream().anyMatch(TIME_WORDS::contains)
        || TIME_ENDINGS.stream().anyMatch(last::endsWith)
        || (words.size() > 1 && last.equals("at"));
  }

  private static boolean isTime(String value) {
    TimeColumn column = new TimeColumn();
    return column.parse(value) && (column.isStamps() || isRecent(column.value()));
  }

  private static boolean isRecent(double number) {
    for (long unit : UNITS) {
      if (number >= FIRST_SECOND * unit && number <= LAST_SECOND * unit) {
        return true;
      }
    }
    return false;
  }
}
