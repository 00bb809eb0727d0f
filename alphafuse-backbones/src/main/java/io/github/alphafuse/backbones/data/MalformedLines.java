package io.github.alphafuse.backbones.data;

/** How an {@link InteractionReader} handles a line that is not an interaction. */
public enum MalformedLines {
  /** The file is rejected with an error that names the file, the line and the problem. */
  REJECT,

  /**
   * The line is left out and counted as {@link DropReason#MALFORMED_LINE}; see {@link
   * SequenceDataset#dropped()}. A file that is not UTF-8 or whose quotes do not end is still
   * rejected.
   */
  SKIP
}
