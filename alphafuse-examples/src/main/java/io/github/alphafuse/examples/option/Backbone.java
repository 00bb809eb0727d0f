package io.github.alphafuse.examples.option;

/** The part of a model above its items, and the command that trains it. */
public enum Backbone {
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

  /** {@return the name of the command that trains it} */
  public String command() {
    return command;
  }

  /** {@return whether it is trained as a diffusion} */
  public boolean isDiffusion() {
    return this == DREAM_REC;
  }

  /** {@return the options of a run, with their defaults} */
  public RunOptions newOptions() {
    return switch (this) {
      case SAS_REC, DREAM_REC -> SequenceOptions.of(this);
      case GRAPH -> new GraphOptions();
    };
  }

  @Override
  public String toString() {
    return label;
  }
}
