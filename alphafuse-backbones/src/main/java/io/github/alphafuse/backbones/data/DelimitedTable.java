package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.math.IntMath;
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
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A text file of lines with fields between TABs, {@code ::}, commas or semicolons, whichever the
 * first line has, tried in this order. Between commas and semicolons fields may be quoted.
 */
final class DelimitedTable {
  /** Separators of fields that are never quoted, since a title may begin with a quotation mark. */
  private static final ImmutableList<String> PLAIN_SEPARATORS = ImmutableList.of("\t", "::");

  private static final ImmutableList<String> QUOTING_SEPARATORS = ImmutableList.of(",", ";");
  private static final Pattern TOO_LONG = Pattern.compile("max(imum)? (buffer|field|record) size");
  private static final int LONGEST_FIRST_LINE = 1 << 16;

  /** The characters that the parser of quoted fields reads beyond a record, and more. */
  private static final int READ_AHEAD = 1 << 16;

  private static final int LARGEST_BUFFER = 1 << 30;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final Path file;
  private final ReadingLimits limits;

  /** What a line is, for messages. */
  private final String expected;

  private final Rows rows;

  /** The receiver of the lines of a table. */
  interface Rows {
    /** Receives blank lines that others follow, from the first up to the one before the last. */
    void addBlank(long from, long to);

    /** Receives the fields of a line. */
    void add(long line, List<String> fields);
  }

  private DelimitedTable(Path file, ReadingLimits limits, String expected, Rows rows) {
    this.file = file;
    this.limits = limits;
    this.expected = expected;
    this.rows = rows;
  }

  /** The beginning of a text file, without a byte order mark. */
  record Head(String text) {
    static Head of(Path file, ReadingLimits limits) throws IOException {
      return new Head(
          new String(DataFile.head(file, LONGEST_FIRST_LINE, limits), StandardCharsets.UTF_8)
              .replaceFirst("^" + BYTE_ORDER_MARK, ""));
    }

    /** Whether the file has JSON objects, one per line or in one list. */
    boolean isJson() {
      return text.stripLeading().startsWith("{") || isJsonList();
    }

    boolean isJsonList() {
      return text.stripLeading().startsWith("[");
    }

    /** Whether the whole file is blank. */
    boolean isBlank() {
      return text.isBlank() && text.length() < LONGEST_FIRST_LINE;
    }

    String firstLine() {
      return text.stripLeading().lines().findFirst().orElse("");
    }
  }

  /** Reads the lines of a file, which are, for messages, what is expected. */
  static void read(Path file, ReadingLimits limits, String expected, Rows rows) throws IOException {
    String firstLine = Head.of(file, limits).firstLine();
    DelimitedTable table = new DelimitedTable(file, limits, expected, rows);
    for (String separator : PLAIN_SEPARATORS) {
      if (firstLine.contains(separator)) {
        table.readPlain(Splitter.on(separator));
        return;
      }
    }
    table.readQuoted(
        QUOTING_SEPARATORS.stream().filter(firstLine::contains).findFirst().orElse(","));
  }

  private void readPlain(Splitter fields) {
    try (LineReader lines = new LineReader(file, limits, expected, rows::addBlank)) {
      while (lines.next()) {
        rows.add(lines.line(), fields.splitToList(lines.text()));
      }
    }
  }

  private void readQuoted(String separator) throws IOException {
    QuotedLines lines = new QuotedLines();
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
    private long lastLine;
    private long firstBlankLine;

    void add(CsvRecord line) {
      lastLine = line.getStartingLineNumber();
      if (line.getFieldCount() == 1 && line.getField(0).isBlank()) {
        if (firstBlankLine == 0) {
          firstBlankLine = lastLine;
        }
        return;
      }
      if (firstBlankLine > 0) {
        rows.addBlank(firstBlankLine, lastLine);
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
}
