package io.github.alphafuse.backbones.data;

/** The meaning of a column of a table of interactions. */
enum Role {
  USER("a user", "userColumn"),
  ITEM("an item", "itemColumn"),
  TIME("a time", "timeColumn"),
  RATING("a rating", "ratingColumn"),

  /** The items before the one of the line, in the files for sequence models that RecBole has. */
  HISTORY("a list of items", "itemColumn");

  private final String description;
  private final String option;

  Role(String description, String option) {
    this.description = description;
    this.option = option;
  }

  /** The name of the option that names the column. */
  String option() {
    return option;
  }

  /** The role in words, with its article. */
  String description() {
    return description;
  }
}
