package io.github.alphafuse.backbones.data;

/** Why a user, or a part of what is known of one, is not in a {@link DatasetSplit}. */
public enum Exclusion {
  /** The user has fewer than two items, so no history with a target: left out altogether. */
  TOO_SHORT("fewer than 2 items: left out"),

  /** The user has too few items to hold any out: in the training part only. */
  TRAINING_ONLY("too few items to hold out: in training only"),

  /** The user has no item left to train on once some are held out: in the other parts only. */
  NOT_TRAINED("no training example once items are held out"),

  /** The target is an item that is not in the vocabulary: left out altogether. */
  UNKNOWN_TARGET("target not in the vocabulary: left out");

  private final String description;

  Exclusion(String description) {
    this.description = description;
  }

  /**
   * The reason in words.
   *
   * @return a phrase for reports
   */
  public String description() {
    return description;
  }
}
