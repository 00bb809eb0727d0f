package io.github.alphafuse.examples.command;

/** How items are embedded. */
enum ModelType {
  /** Frozen language rows with trained IDs in their null space. */
  ALPHA_FUSE("AlphaFuse", Items.FUSED),
  /** A trained table, from random values. */
  SAS_REC("SASRec", Items.IDS),
  /** A trained table, from projected language rows. */
  LLM_INIT("LLMInit", Items.IDS_FROM_LANGUAGE),
  /** Frozen language rows alone: AlphaFuse without a null space. */
  TEXT_ONLY("TextOnly", Items.LANGUAGE),
  /** A trained table, by the name it has with a diffusion. */
  DREAM_REC("DreamRec", Items.IDS),
  /** Frozen language rows alone, all of their directions, with a diffusion. */
  I_DREAM_REC("iDreamRec", Items.LANGUAGE);

  private final String label;
  private final Items items;

  ModelType(String label, Items items) {
    this.label = label;
    this.items = items;
  }

  /** What item rows are made of. */
  enum Items {
    FUSED,
    IDS,
    IDS_FROM_LANGUAGE,
    LANGUAGE
  }

  Items items() {
    return items;
  }

  /** Whether the name means a model that is trained as a diffusion. */
  boolean isDiffusion() {
    return this == DREAM_REC || this == I_DREAM_REC;
  }

  @Override
  public String toString() {
    return label;
  }
}
