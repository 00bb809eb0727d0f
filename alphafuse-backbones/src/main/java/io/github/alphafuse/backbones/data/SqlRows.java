package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Clob;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a result set, with values as the text that a file would have for them. The result set
 * stays open. Not thread-safe.
 */
final class SqlRows {
  /** Decimals with so many digits before or after the point are written with an exponent. */
  private static final int LARGEST_SCALE = 100;

  private final ResultSet results;
  private final ImmutableList<String> labels;
  private final boolean[] hasZone;
  private long row;

  SqlRows(ResultSet results) {
    this.results = results;
    try {
      ResultSetMetaData columns = results.getMetaData();
      ImmutableList.Builder<String> names = ImmutableList.builder();
      hasZone = new boolean[columns.getColumnCount()];
      for (int i = 0; i < hasZone.length; i++) {
        names.add(columns.getColumnLabel(i + 1));
        hasZone[i] =
            columns.getColumnType(i + 1) == Types.TIMESTAMP_WITH_TIMEZONE
                || isZoned(columns.getColumnTypeName(i + 1));
      }
      labels = names.build();
    } catch (SQLException e) {
      throw unreadable("", e);
    }
  }

  /** Whether a type has a zone by its name, because some drivers call it a mere time stamp. */
  private static boolean isZoned(@Nullable String type) {
    String name = type == null ? "" : type.toLowerCase(Locale.ROOT);
    return name.equals("timestamptz")
        || name.equals("datetimeoffset")
        || (name.contains("time zone") && !name.contains("without"));
  }

  /** The labels of all columns. */
  ImmutableList<String> labels() {
    return labels;
  }

  /** Goes to the next row; false at the end. */
  boolean next() {
    try {
      if (results.next()) {
        row++;
        return true;
      }
      return false;
    } catch (SQLException e) {
      throw unreadable(" after row " + row, e);
    }
  }

  /** The number of the current row, from 1. */
  long row() {
    return row;
  }

  /** The place of the current row. */
  Place place() {
    return new Place(Source.RESULT_SET, row);
  }

  /**
   * A value of the current row by the index of its column, from 0; blank if it is NULL.
   *
   * @throws MalformedLineException if it is neither text, nor a number, nor a time
   */
  String value(int column) {
    try {
      return text(results.getObject(column + 1), column);
    } catch (SQLException e) {
      throw unreadable(" in row " + row, e);
    }
  }

  /** All values of the current row; blank what is neither text, nor a number, nor a time. */
  ImmutableList<String> values() {
    ImmutableList.Builder<String> values = ImmutableList.builder();
    for (int i = 0; i < labels.size(); i++) {
      try {
        values.add(value(i));
      } catch (MalformedLineException e) {
        values.add("");
      }
    }
    return values.build();
  }

  private String text(@Nullable Object value, int column) throws SQLException {
    if (value == null) {
      return "";
    }
    if (value instanceof Timestamp timestamp) {
      // Without a zone it is what a clock shows, and not an instant in the zone of this machine.
      return hasZone[column]
          ? timestamp.toInstant().toString()
          : timestamp.toLocalDateTime().toString();
    }
    if (value instanceof Date date) {
      return date.toLocalDate().toString();
    }
    if (value instanceof OffsetDateTime time) {
      return time.toInstant().toString();
    }
    if (value instanceof ZonedDateTime time) {
      return time.toInstant().toString();
    }
    if (value.getClass() == java.util.Date.class) {
      return Instant.ofEpochMilli(((java.util.Date) value).getTime()).toString();
    }
    if (value instanceof BigDecimal decimal) {
      return Math.abs((long) decimal.scale()) > LARGEST_SCALE
          ? decimal.toString()
          : decimal.toPlainString();
    }
    if (value instanceof Clob clob) {
      return clob.getSubString(1, (int) Math.min(clob.length(), Integer.MAX_VALUE));
    }
    if (value instanceof Array array) {
      return text(array.getArray(), column);
    }
    if (value instanceof Object[] list) {
      StringJoiner joined = new StringJoiner(" ");
      for (Object element : list) {
        joined.add(text(element, column));
      }
      return joined.toString();
    }
    if (value instanceof byte[] || value.getClass().isArray()) {
      throw new MalformedLineException(
          place(),
          "expected text, a number or a time in column %s, found %s",
          labels.get(column),
          value instanceof byte[] bytes ? bytes.length + " bytes" : "a list");
    }
    return value.toString();
  }

  private static UncheckedIOException unreadable(String where, SQLException cause) {
    return new UncheckedIOException(
        "cannot read the result set" + where + ": " + cause.getMessage(),
        new IOException(cause.getMessage(), cause));
  }
}
