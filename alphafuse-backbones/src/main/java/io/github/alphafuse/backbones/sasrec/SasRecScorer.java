package io.github.alphafuse.backbones.sasrec;

import io.github.alphafuse.backbones.internal.encoder.HistoryEncoder;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.core.Tensor;

/**
 * Scores of a SASRec model with its weights at the time of creation: inner products or cosines of
 * user vectors and all item rows.
 *
 * <p>Legend: B histories, N items, d embedding dimension. Thread-safe.
 */
public final class SasRecScorer implements ItemScorer {
  private final HistoryEncoder encoder;

  SasRecScorer(HistoryEncoder encoder) {
    this.encoder = encoder;
  }

  @Override
  public int itemCount() {
    return encoder.itemCount();
  }

  /**
   * The user vectors of some histories.
   *
   * @param histories [B] item rows of each history, oldest first, not padded, none empty; the last
   *     L are used
   * @return [B, d]
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   */
  public Tensor userVectors(int[][] histories) {
    return encoder.userVectors(histories);
  }

  @Override
  public Tensor score(int[][] histories) {
    return encoder.scores(userVectors(histories));
  }

  @Override
  public TopItems[] top(int[][] histories, TopQuery query) {
    return encoder.top(userVectors(histories), histories, query);
  }

  @Override
  public void close() {
    encoder.close();
  }
}
