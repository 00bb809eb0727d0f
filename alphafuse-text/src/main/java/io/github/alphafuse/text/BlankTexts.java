package io.github.alphafuse.text;

/** What is done with items that have neither a text nor a title. */
public enum BlankTexts {
  /** They are an error that names how many there are and the first of them. */
  REFUSE,
  /**
   * Each gets the mean of the rows of all items that have a text. It is the row of which nothing is
   * known: after centring it is zero, so that such an item is told apart by its ID alone. It
   * changes with the catalogue and is not kept in a cache.
   */
  MEAN
}
