package io.github.alphafuse.examples.option;

/** The ways to split whole sequences. */
enum SplitType {
  /** Users 8:1:1. */
  RATIO("ratio"),
  /** The last item of each user for testing, the one before for validation. */
  LEAVE_ONE_OUT("leave-one-out"),
  /** All interactions at two instants, the same for every user. */
  TEMPORAL("temporal");

  private final String label;

  SplitType(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
