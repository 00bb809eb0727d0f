package io.github.alphafuse.examples.command;

/** The settings that options default to: those published for a backbone. */
enum Recipe {
  /** SASRec. */
  SAS_REC(1e-3, 500),
  /** DreamRec, a diffusion. */
  DREAM_REC(1e-5, 1000);

  private final double learningRate;
  private final int epochs;

  Recipe(double learningRate, int epochs) {
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
}
