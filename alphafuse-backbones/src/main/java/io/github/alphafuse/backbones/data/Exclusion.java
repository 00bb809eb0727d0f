package io.github.alphafuse.backbones.data;

/** Why a user, or a part of a user's data, is not in a {@link DatasetSplit}. */
public enum Exclusion {
  /** The user has fewer than two items, so no history with a target, and is left out. */
  TOO_SHORT("fewer than 2 items: left out"),

  /** The user has too few items to hold any out and is only in the training part. */
  TRAINING_ONLY("too few items to hold out: in training only"),

  /** The user has no item to train on after some are held out and is only in the other parts. */
  NOT_TRAINED("no training example once items are held out"),

  /** The target is an item that is not in the vocabulary, so the example is left out. */
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
