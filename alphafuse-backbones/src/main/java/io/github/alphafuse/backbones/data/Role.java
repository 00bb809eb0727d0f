package io.github.alphafuse.backbones.data;

/** The meaning of a column of a table of interactions. */
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
