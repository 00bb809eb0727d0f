package io.github.alphafuse.backbones.data;

/** Why interactions were left out of a {@link SequenceDataset}, or items of a catalogue. */
public enum DropReason {
  /** A line is not an interaction. Lines are counted. See {@link MalformedLines#SKIP}. */
  MALFORMED_LINE("malformed lines", false),

  /**
   * The rating is lower than required. Interactions are counted. See {@link
   * InteractionReader.Builder#minRating(double)}.
   */
  LOW_RATING("interactions with too low a rating", false),

  /**
   * The user interacted with the item before. Interactions are counted. See {@link
   * SequenceDataset#distinct()}.
   */
  REPEATED("repeated interactions", false),

  /**
   * The user has too few interactions. Users are counted. See {@link SequenceDataset#kCore(int)}.
   */
  RARE_USER("users with too few interactions", true),

  /**
   * The item has too few interactions. Items are counted. See {@link SequenceDataset#kCore(int)}.
   */
  RARE_ITEM("items with too few interactions", true),

  /**
   * The item is in the catalogue already, or again in a later line. Lines are counted. See {@link
   * DuplicateItems}.
   */
  DUPLICATE_ITEM("lines of items that have another", false),

  /** The item has no text that could be encoded. Lines are counted. See {@link CatalogueReader}. */
  NO_TEXT("items without text", false);

  private final String description;
  private final boolean whole;

  DropReason(String description, boolean whole) {
    this.description = description;
    this.whole = whole;
  }

  /**
   * The counted data in words.
   *
   * @return a phrase that follows a number in reports
   */
  public String description() {
    return description;
  }

  /** Whether users or items are counted, which have several interactions each. */
  boolean isWhole() {
    return whole;
  }
}
