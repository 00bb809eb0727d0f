package io.github.alphafuse.backbones.data;

import com.google.common.base.Strings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What rows are read from, for messages: the lines of a file, or the rows of something that is
 * none.
 *
 * @param file the file; null if it is none
 * @param rows what it is if it is no file
 */
record Source(@Nullable Path file, String rows) {
  static final Source RESULT_SET = new Source(null, "result set");
  static final Source STREAM = new Source(null, "stream");

  static Source of(Path file) {
    return new Source(file, "");
  }

  /** The name in messages. */
  String name() {
    return file == null ? rows : Place.name(file);
  }

  /** What its rows are called. */
  String unit() {
    return file == null ? "row" : "line";
  }

  /** An exception about all of it; the template takes {@code %s} only. */
  IllegalArgumentException error(String template, Object... arguments) {
    return new IllegalArgumentException(name() + ": " + Strings.lenientFormat(template, arguments));
  }
}
