package io.github.alphafuse.backbones.data;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The objects of a file that is one JSON list, each as text. Only their ends are looked for:
 * whoever parses an object checks it. Not thread-safe.
 */
final class JsonListReader extends TextLines {
  private static final int END = -1;

  private final byte[] buffer = new byte[1 << 16];
  private final ByteArrayOutputStream object = new ByteArrayOutputStream();
  private int position;
  private int limit;
  private boolean begun;
  private boolean ended;
  private long line = 1;
  private long firstLine;

  JsonListReader(Path file, ReadingLimits limits) {
    super(file, limits);
  }

  /** The objects of a file that has one per line, or one list of them. */
  static TextLines objects(
      Path file, boolean isList, ReadingLimits limits, LineReader.BlankLines blankLines) {
    return isList
        ? new JsonListReader(file, limits)
        : new LineReader(file, limits, "one JSON object per line", blankLines);
  }

  @Override
  boolean next() {
    if (ended) {
      return false;
    }
    int character;
    if (begun) {
      character = read();
      if (character == ',') {
        character = read();
        if (character == ']') {
          throw unexpected("a JSON object in the list", character);
        }
      } else if (character != ']') {
        throw unexpected("a comma or the end of the list", character);
      }
    } else {
      skipByteOrderMark();
      begun = true;
      character = read();
      if (character != '[') {
        throw unexpected("a list", character);
      }
      character = read();
    }
    if (character == ']') {
      ended = true;
      character = read();
      if (character != END) {
        throw unexpected("nothing after the list", character);
      }
      return false;
    }
    if (character != '{') {
      throw unexpected("a JSON object in the list", character);
    }
    readObject();
    return true;
  }

  private void skipByteOrderMark() {
    if (nextByte() == 0xEF) {
      nextByte();
      nextByte();
    } else {
      position = 0;
    }
  }

  /** Collects the bytes up to the brace that ends the object. */
  private void readObject() {
    firstLine = line;
    object.reset();
    object.write('{');
    int depth = 1;
    boolean quoted = false;
    boolean escaped = false;
    while (depth > 0) {
      int character = nextByte();
      if (character == END) {
        throw unexpected("the end of the object of line " + firstLine, END);
      }
      if (object.size() >= limits.lineLength()) {
        throw limits.tooLong(place());
      }
      object.write(character);
      if (escaped) {
        escaped = false;
      } else if (quoted) {
        escaped = character == '\\';
        quoted = character != '"';
      } else if (character == '"') {
        quoted = true;
      } else if (character == '{' || character == '[') {
        depth++;
      } else if (character == '}' || character == ']') {
        depth--;
      }
    }
  }

  private IllegalArgumentException unexpected(String expected, int found) {
    return new Place(file, line)
        .error(
            "expected one JSON list of objects, and here %s, found %s",
            expected, found == END ? "the end of the file" : "\"" + (char) found + "\"");
  }

  /** The next byte that is not a space. */
  private int read() {
    int character = nextByte();
    while (character == ' ' || character == '\t' || character == '\r' || character == '\n') {
      character = nextByte();
    }
    return character;
  }

  private int nextByte() {
    if (position == limit) {
      limit = fill(buffer, 0);
      position = 0;
      if (limit == 0) {
        return END;
      }
    }
    int next = buffer[position++] & 0xFF;
    if (next == '\n') {
      line++;
    }
    return next;
  }

  @Override
  long line() {
    return firstLine;
  }

  @Override
  String text() {
    return LineReader.decode(ByteBuffer.wrap(object.toByteArray()), place());
  }
}
