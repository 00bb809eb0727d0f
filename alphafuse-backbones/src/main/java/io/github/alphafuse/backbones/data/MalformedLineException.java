package io.github.alphafuse.backbones.data;

import com.google.common.base.Strings;

/** Thrown if a line is not an interaction. The message names file and line. */
final class MalformedLineException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** An exception about a line; the template takes {@code %s} only. */
  MalformedLineException(Place place, String template, Object... arguments) {
    super(place + ": " + Strings.lenientFormat(template, arguments));
  }
}
