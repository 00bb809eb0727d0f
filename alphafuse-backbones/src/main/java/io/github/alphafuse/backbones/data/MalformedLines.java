package io.github.alphafuse.backbones.data;

/** What an {@link InteractionReader} does with a line that is no interaction. */
public enum MalformedLines {
  /** The file is rejected with an error that names the file, the line and what is wrong. */
  REJECT,

  /**
   * The line is left out and counted as {@link DropReason#MALFORMED_LINE}; see {@link
   * SequenceDataset#dropped()}. A file that is not UTF-8 or whose quotes do not end is rejected all
   * the same.
   */
  SKIP
}
