package io.github.alphafuse.backbones.serve;

import java.util.Optional;

/**
 * A recommended item.
 *
 * @param item the item's id
 * @param score its score; a higher one ranks first, and scores are comparable only within one list
 * @param explanation why it is recommended, if the request asked for it
 */
public record Recommendation(String item, double score, Optional<Explanation> explanation) {
  /**
   * A recommended item without an explanation.
   *
   * @param item the item's id
   * @param score its score
   */
  public Recommendation(String item, double score) {
    this(item, score, Optional.empty());
  }
}
