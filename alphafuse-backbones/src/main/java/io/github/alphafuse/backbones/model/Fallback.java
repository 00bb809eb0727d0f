package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Arrays;
import java.util.Optional;

/**
 * A ranking of the items for those of whom nothing is known: visitors without a history, or with a
 * history of unknown items.
 *
 * <p>Trainers set the popularity of the items in the last part of the training data. An application
 * may set its own, such as the scores of a text query. It is saved with the model.
 *
 * <p>Legend: N items. Immutable and thread-safe.
 */
public final class Fallback {
  private static final String NAME = "fallback";

  private final String origin;
  private final float[] scores;

  private Fallback(String origin, float[] scores) {
    this.origin = origin;
    this.scores = scores;
  }

  /**
   * A ranking by scores.
   *
   * @param origin what the scores are, such as "popularity", for people
   * @param scores [N] a finite score of each item; a higher one ranks first
   * @return the ranking
   * @throws IllegalArgumentException if the origin is blank, there is no score, or one is not
   *     finite
   */
  public static Fallback of(String origin, float[] scores) {
    checkArgument(!origin.isBlank(), "origin must not be blank, found '%s'", origin);
    checkArgument(scores.length > 0, "scores must have one number per item, found none");
    for (int i = 0; i < scores.length; i++) {
      checkArgument(
          Float.isFinite(scores[i]),
          "scores must be finite, found %s for item %s",
          String.valueOf(scores[i]),
          i);
    }
    return new Fallback(origin, scores.clone());
  }

  /**
   * A ranking by counts of interactions.
   *
   * @param origin which interactions are counted, for people
   * @param counts [N] the count of each item
   * @return the ranking
   * @throws IllegalArgumentException if the origin is blank or there is no count
   */
  public static Fallback ofCounts(String origin, long[] counts) {
    float[] scores = new float[counts.length];
    for (int i = 0; i < counts.length; i++) {
      scores[i] = counts[i];
    }
    return of(origin, scores);
  }

  /**
   * What the scores are.
   *
   * @return a word for people
   */
  public String origin() {
    return origin;
  }

  /**
   * The number of items.
   *
   * @return N
   */
  public int itemCount() {
    return scores.length;
  }

  /**
   * The score of each item.
   *
   * @return [N], a copy
   */
  public float[] scores() {
    return scores.clone();
  }

  /**
   * The same ranking of a catalogue with new items behind those of this one. They rank last.
   *
   * @param itemCount the new number of items, at least N
   * @return the ranking
   * @throws IllegalArgumentException if there would be fewer items
   */
  public Fallback withItemCount(int itemCount) {
    checkArgument(
        itemCount >= scores.length,
        "itemCount must be at least %s, found %s",
        scores.length,
        itemCount);
    float lowest = scores[0];
    for (float score : scores) {
      lowest = Math.min(lowest, score);
    }
    float[] all = Arrays.copyOf(scores, itemCount);
    Arrays.fill(all, scores.length, itemCount, lowest);
    return new Fallback(origin, all);
  }

  /** Writes the ranking as an array and a setting of an archive. */
  void write(ArchiveWriter archive) {
    archive.setting(NAME, origin).array(NAME, Tensor.of(scores, scores.length));
  }

  /** Reads the ranking of an archive, if it has one. */
  static Optional<Fallback> read(ArchiveReader archive, int itemCount) {
    if (!archive.hasArray(NAME)) {
      return Optional.empty();
    }
    return Optional.of(
        of(
            archive.stringSetting(NAME),
            archive.array(NAME, itemCount).to(ElementType.FLOAT32).floats()));
  }

  /**
   * A short description.
   *
   * @return the origin and the number of items
   */
  @Override
  public String toString() {
    return "Fallback[" + origin + ", " + scores.length + " items]";
  }
}
