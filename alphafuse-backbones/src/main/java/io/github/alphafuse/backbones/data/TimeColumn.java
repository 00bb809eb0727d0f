package io.github.alphafuse.backbones.data;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The values of a column of times: all numbers, or all time stamps, as its first value is. A value
 * is the sum of two doubles, of which the second is what the first cannot hold, so that numbers of
 * up to 30 digits compare exactly. Time stamps count in seconds from 1970 on, in UTC where they
 * have no zone. Not thread-safe.
 */
final class TimeColumn {
  /**
   * Whole numbers of up to this number of digits are exact as doubles. Most times are such numbers
   * and parsed quickly.
   */
  private static final int MOST_EXACT_DIGITS = 15;

  private static final int MOST_DIGITS = 30;
  private static final int LONGEST_NUMBER = 400;
  private static final int LONGEST_STAMP = 50;

  private static final DateTimeFormatter STAMP =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .optionalStart()
          .appendLiteral('T')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalStart()
          .parseLenient()
          .appendOffset("+HH:mm", "Z")
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private static final Pattern COMPACT_ZONE =
      Pattern.compile("(?<=:[\\d:.]{2,20})([+-]\\d\\d)(\\d\\d)$");

  private enum Kind {
    UNKNOWN("a number or a time stamp such as 2024-05-31T12:00:00Z"),
    NUMBER("a number"),
    STAMP("a time stamp such as 2024-05-31T12:00:00Z");

    private final String description;

    Kind(String description) {
      this.description = description;
    }
  }

  private Kind kind = Kind.UNKNOWN;
  private double value;
  private double rest;

  /** Parses a value; false, and nothing changed, if it is none of this column. */
  boolean parse(String field) {
    if (kind != Kind.STAMP && parseNumber(field)) {
      kind = Kind.NUMBER;
      return true;
    }
    if (kind != Kind.NUMBER && parseStamp(field)) {
      kind = Kind.STAMP;
      return true;
    }
    return false;
  }

  /** The double next to the value parsed last. */
  double value() {
    return value;
  }

  /** The difference of the value parsed last from {@link #value()}. */
  double rest() {
    return rest;
  }

  /** Whether the values are time stamps. */
  boolean isStamps() {
    return kind == Kind.STAMP;
  }

  /** The values that the column may have, in words. */
  String expected() {
    return kind.description;
  }

  private boolean parseNumber(String field) {
    double whole = wholeNumber(field);
    if (whole >= 0) {
      value = whole;
      rest = 0;
      return true;
    }
    if (field.length() > LONGEST_NUMBER) {
      return false;
    }
    try {
      double nearest = Double.parseDouble(field);
      if (!Double.isFinite(nearest)) {
        return false;
      }
      BigDecimal exact = new BigDecimal(field);
      if (exact.signum() == 0) {
        value = 0;
        rest = 0;
        return true;
      }
      // A number that a double takes for zero has an exponent too large to be subtracted.
      if (nearest == 0 || exact.stripTrailingZeros().precision() > MOST_DIGITS) {
        return false;
      }
      value = nearest;
      rest = exact.subtract(new BigDecimal(nearest)).doubleValue();
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /**
   * The number that some digits stand for, exact as a double; -1 if there are other characters or
   * too many.
   */
  static double wholeNumber(String field) {
    if (field.isEmpty() || field.length() > MOST_EXACT_DIGITS) {
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

  private boolean parseStamp(String field) {
    int length = field.length();
    if (length < 10 || length > LONGEST_STAMP || field.charAt(4) != '-') {
      return false;
    }
    try {
      Instant instant = instant(STAMP.parse(inFormat(field)));
      BigDecimal exact =
          BigDecimal.valueOf(instant.getEpochSecond())
              .add(BigDecimal.valueOf(instant.getNano(), 9));
      value = exact.doubleValue();
      rest = exact.subtract(new BigDecimal(value)).doubleValue();
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  /** The stamp with a T before the time and the zone right behind it, as ISO 8601 has it. */
  private static String inFormat(String field) {
    String stamp = field;
    if (stamp.length() > 10 && stamp.charAt(10) == ' ') {
      stamp = stamp.substring(0, 10) + 'T' + stamp.substring(11);
    }
    int space = stamp.indexOf(' ');
    if (space > 0) {
      String zone = stamp.substring(space + 1);
      stamp = stamp.substring(0, space) + (zone.equals("UTC") ? "Z" : zone);
    }
    return COMPACT_ZONE.matcher(stamp).replaceFirst("$1:$2");
  }

  private static Instant instant(TemporalAccessor stamp) {
    LocalDate date = LocalDate.from(stamp);
    LocalDateTime time =
        stamp.isSupported(ChronoField.HOUR_OF_DAY)
            ? LocalDateTime.from(stamp)
            : date.atStartOfDay();
    ZoneOffset zone = stamp.query(TemporalQueries.offset());
    return time.toInstant(zone == null ? ZoneOffset.UTC : zone);
  }
}
