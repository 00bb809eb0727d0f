package io.github.alphafuse.backbones.data;

import com.google.common.base.Strings;
import java.nio.file.Path;

/** A line of a file, or another row, for messages about a problem. */
record Place(Source source, long line) {

  /** A line of a file. */
  Place(Path file, long line) {
    this(Source.of(file), line);
  }

  /**
   * The name of a file without its folders, as it is written in messages; with that of the archive
   * that it is a member of.
   */
  static String name(Path file) {
    int count = file.getNameCount();
    for (int i = 0; i < count - 1; i++) {
      if (DataFile.isZipName(file.getName(i).toString())) {
        return file.subpath(i, count).toString().replace('\\', '/');
      }
    }
    Path name = file.getFileName();
    return name == null ? file.toString() : name.toString();
  }

  /** An exception about this line; the template takes {@code %s} only. */
  IllegalArgumentException error(String template, Object... arguments) {
    return new IllegalArgumentException(this + ": " + Strings.lenientFormat(template, arguments));
  }

  /** An exception about a whole file. */
  static IllegalArgumentException error(Path file, String template, Object... arguments) {
    return Source.of(file).error(template, arguments);
  }

  @Override
  public String toString() {
    return source.name() + " " + source.unit() + " " + line;
  }
}
