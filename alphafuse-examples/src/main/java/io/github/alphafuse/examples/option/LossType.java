package io.github.alphafuse.examples.option;

/** The losses, named as in the authors' scripts, and the losses of this library. */
enum LossType {
  /** Softmax of cosines among sampled negatives. */
  INFO_NCE("infoNCE"),
  /** Binary cross-entropy with sampled negatives. */
  BCE("BCE"),
  /** Softmax of inner products over all items. */
  CE("CE"),
  /** Softmax of cosines over all items. */
  COSINE_CE("cosineCE"),
  /** Softmax of cosines over items that a batch shares. */
  SAMPLED_CE("sampledCE");

  private final String label;

  LossType(String label) {
    this.label = label;
  }

  /** Whether each target has negatives of its own. */
  boolean hasNegatives() {
    return this == INFO_NCE || this == BCE;
  }

  /** Whether the loss divides cosines by a temperature. */
  boolean hasTemperature() {
    return this != BCE && this != CE;
  }

  @Override
  public String toString() {
    return label;
  }
}
