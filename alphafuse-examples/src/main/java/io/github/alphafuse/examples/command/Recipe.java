package io.github.alphafuse.examples.command;

/** The settings that options default to: those published for a backbone. */
enum Recipe {
  /** SASRec. */
  SAS_REC(new Pace(1e-3, 500), new Pace(1e-2, 20)),
  /** DreamRec, a diffusion. */
  DREAM_REC(new Pace(1e-5, 1000), new Pace(3e-3, 40));

  private final Pace published;
  private final Pace quick;

  Recipe(Pace published, Pace quick) {
    this.published = published;
    this.quick = quick;
  }

  /**
   * How fast and how long a model is trained.
   *
   * @param learningRate the learning rate
   * @param epochs the most epochs
   */
  record Pace(double learningRate, int epochs) {}

  /** The published pace, or that for generated data, which are few and should be quick. */
  Pace pace(boolean generated) {
    return generated ? quick : published;
  }

  boolean isDiffusion() {
    return this == DREAM_REC;
  }
}
