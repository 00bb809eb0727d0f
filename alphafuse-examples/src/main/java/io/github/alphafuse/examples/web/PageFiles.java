package io.github.alphafuse.examples.web;

import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The files of the page, which lie beside this class. */
final class PageFiles {
  private PageFiles() {}

  static ImmutableMap<String, Reply> byPath() {
    return ImmutableMap.of(
        "/", file("page.html", "text/html; charset=utf-8"),
        "/page.css", file("page.css", "text/css; charset=utf-8"),
        "/page.js", file("page.js", "text/javascript; charset=utf-8"),
        "/icon.svg", file("icon.svg", "image/svg+xml"));
  }

  private static Reply file(String name, String type) {
    try {
      return new Reply(
          200,
          ImmutableMap.of("Content-Type", type, "Cache-Control", "no-cache"),
          Resources.toByteArray(Resources.getResource(PageFiles.class, name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
