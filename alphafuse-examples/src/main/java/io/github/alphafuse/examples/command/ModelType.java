package io.github.alphafuse.examples.command;

/** How items are embedded. */
enum ModelType {
  /** Frozen language rows with trained IDs in their null space. */
  ALPHA_FUSE("AlphaFuse"),
  /** A trained table, from random values. */
  SAS_REC("SASRec"),
  /** A trained table, from projected language rows. */
  LLM_INIT("LLMInit"),
  /** Frozen language rows alone: AlphaFuse without a null space. */
  TEXT_ONLY("TextOnly");

  private final String label;

  ModelType(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
