package io.github.alphafuse.backbones.serve;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Why an item is recommended.
 *
 * <p>A score is the product of a user's vector with an item's. The item's row is the sum of frozen
 * text and of what clicks have trained, and so is the score. Models whose rows have no frozen part
 * do not tell them apart.
 *
 * <p>Immutable and thread-safe.
 *
 * @param text the part of the score that comes from the item's text; empty if the model has no
 *     frozen text
 * @param clicks the part that comes from what was trained for the item; empty if the model has no
 *     frozen text. Both parts add up to the score, up to the rounding of float32
 * @param history how much each item of the history adds to the score, the largest first: the score
 *     less that for the history without the item. Of a history of one item it is the score. Empty
 *     if the answer is not one for a history, or of DreamRec, whose noise depends on the history
 */
public record Explanation(
    OptionalDouble text, OptionalDouble clicks, ImmutableList<Influence> history) {
  /** The number of items of the history that the description names. */
  private static final int NAMED = 3;

  /** What is printed as more than 0. */
  private static final double LEAST_NAMED = 0.0005;

  /**
   * What an item of the history adds to a score.
   *
   * @param item its id
   * @param score the difference; negative if the item speaks against the recommended one
   */
  public record Influence(String item, double score) {}

  /**
   * The explanation in words.
   *
   * @return for example {@code text 0.412, clicks 0.127; from sku-7 (0.310), sku-3 (0.052)}
   */
  @Override
  public String toString() {
    StringBuilder words = new StringBuilder();
    if (text.isPresent() && clicks.isPresent()) {
      words.append(
          String.format(
              Locale.ROOT, "text %.3f, clicks %.3f", text.getAsDouble(), clicks.getAsDouble()));
    } else {
      words.append("no frozen text");
    }
    List<Influence> named =
        history.stream()
            .filter(influence -> Math.abs(influence.score()) >= LEAST_NAMED)
            .limit(NAMED)
            .toList();
    for (int k = 0; k < named.size(); k++) {
      Influence influence = named.get(k);
      words.append(
          String.format(
              Locale.ROOT,
              "%s%s (%.3f)",
              k == 0 ? "; from " : ", ",
              influence.item(),
              influence.score()));
    }
    return words.toString();
  }
}
