package io.github.alphafuse.examples.command;

/** The losses by the names of the authors' scripts, and ours. */
enum LossType {
  /** Softmax of cosines among sampled negatives. */
  INFO_NCE("infoNCE"),
  /** Binary cross-entropy with sampled negatives. */
  BCE("BCE"),
  /** Softmax of inner products over all items. */
  CE("CE"),
  /** Softmax of cosines over all items. */
  COSINE_CE("cosineCE");

  private final String label;

  LossType(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
