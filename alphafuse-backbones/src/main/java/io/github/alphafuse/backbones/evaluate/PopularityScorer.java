package io.github.alphafuse.backbones.evaluate;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.core.Tensor;

/**
 * The baseline that ranks items by their number of interactions, whatever the history.
 *
 * <p>Immutable and thread-safe.
 */
public final class PopularityScorer implements ItemScorer {
  private final float[] frequencies;

  private PopularityScorer(float[] frequencies) {
    this.frequencies = frequencies;
  }

  /**
   * A scorer by the interactions of a training set.
   *
   * @param training the examples; histories and targets count
   * @return the scorer
   */
  public static PopularityScorer of(Examples training) {
    return of(training.itemFrequencies());
  }

  /**
   * A scorer by the interactions of the users of a training set.
   *
   * @param training the items of each user
   * @return the scorer
   */
  public static PopularityScorer of(UserItems training) {
    return of(training.itemFrequencies());
  }

  private static PopularityScorer of(long[] counts) {
    float[] frequencies = new float[counts.length];
    for (int i = 0; i < counts.length; i++) {
      frequencies[i] = counts[i];
    }
    return new PopularityScorer(frequencies);
  }

  @Override
  public int itemCount() {
    return frequencies.length;
  }

  @Override
  public Tensor score(int[][] histories) {
    float[] scores = new float[Math.multiplyExact(histories.length, frequencies.length)];
    for (int b = 0; b < histories.length; b++) {
      System.arraycopy(frequencies, 0, scores, b * frequencies.length, frequencies.length);
    }
    return Tensor.of(scores, histories.length, frequencies.length);
  }
}
