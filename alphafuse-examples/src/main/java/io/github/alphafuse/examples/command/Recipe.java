package io.github.alphafuse.examples.command;

/** The settings that options default to: those published for a backbone. */
enum Recipe {
  /** SASRec. */
  SAS_REC("sasrec", 1e-3, 500),
  /** DreamRec, a diffusion. */
  DREAM_REC("dreamrec", 1e-5, 1000);

  private final String label;
  private final double learningRate;
  private final int epochs;

  Recipe(String label, double learningRate, int epochs) {
    this.label = label;
    this.learningRate = learningRate;
    this.epochs = epochs;
  }

  double learningRate() {
    return learningRate;
  }

  int epochs() {
    return epochs;
  }

  boolean isDiffusion() {
    return this == DREAM_REC;
  }

  /** The options of a method on the backbone, with their defaults. */
  MethodOptions newOptions() {
    return isDiffusion() ? new DreamRecOptions() : new SasRecOptions();
  }

  @Override
  public String toString() {
    return label;
  }
}
