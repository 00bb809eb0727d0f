package io.github.alphafuse.backbones.data;

/** How a reader handles an item id that its {@link ItemVocabulary} does not hold. */
public enum UnknownItems {
  /** The file is rejected with an error that names the file, the line and the id. */
  REJECT,

  /**
   * The interaction is left out and counted; see {@link SequenceDataset#coverage()} and {@link
   * DatasetSplit#coverage()}.
   */
  SKIP
}
