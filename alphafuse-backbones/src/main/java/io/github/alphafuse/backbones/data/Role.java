package io.github.alphafuse.backbones.data;

/** What a column of a table of interactions says. */
enum Role {
  USER("a user"),
  ITEM("an item"),
  TIME("a time"),
  RATING("a rating");

  private final String description;

  Role(String description) {
    this.description = description;
  }

  /** The role in words, with its article. */
  String description() {
    return description;
  }
}
