package io.github.alphafuse.examples.command;

/** What a model is made of above its items, and the command that trains it. */
enum Backbone {
  /** SASRec. */
  SAS_REC("sasrec", "train"),
  /** DreamRec, a diffusion. */
  DREAM_REC("dreamrec", "train_diffusion"),
  /** LightGCN and AlphaRec, which propagate along the graph of users and items. */
  GRAPH("graph", "train_graph");

  private final String label;
  private final String command;

  Backbone(String label, String command) {
    this.label = label;
    this.command = command;
  }

  /** The name of the command that trains it. */
  String command() {
    return command;
  }

  boolean isDiffusion() {
    return this == DREAM_REC;
  }

  /** The options of a run, with their defaults. */
  RunOptions newOptions() {
    return switch (this) {
      case SAS_REC -> new SasRecOptions();
      case DREAM_REC -> new DreamRecOptions();
      case GRAPH -> new GraphOptions();
    };
  }

  @Override
  public String toString() {
    return label;
  }
}
