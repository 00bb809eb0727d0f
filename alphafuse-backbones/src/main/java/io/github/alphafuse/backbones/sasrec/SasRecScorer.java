package io.github.alphafuse.backbones.sasrec;

import io.github.alphafuse.backbones.internal.encoder.HistoryEncoder;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.VectorScorer;
import io.github.alphafuse.core.Tensor;
import java.util.List;

/**
 * Scores of a SASRec model with its weights at the time of creation: inner products or cosines of
 * user vectors and all item rows.
 *
 * <p>Legend: B histories, N items, d embedding dimension. Thread-safe.
 */
public final class SasRecScorer implements VectorScorer {
  private final HistoryEncoder encoder;

  SasRecScorer(HistoryEncoder encoder) {
    this.encoder = encoder;
  }

  @Override
  public int itemCount() {
    return encoder.itemCount();
  }

  @Override
  public Tensor userVectors(int[][] histories) {
    return encoder.userVectors(histories);
  }

  @Override
  public int dim() {
    return encoder.dim();
  }

  @Override
  public Tensor itemVectors(int[] items) {
    return encoder.itemVectors(items);
  }

  @Override
  public double itemLength(int item) {
    return encoder.itemLength(item);
  }

  @Override
  public Tensor scoreVectors(Tensor vectors) {
    return encoder.scores(vectors);
  }

  @Override
  public Tensor score(int[][] histories) {
    return scoreVectors(userVectors(histories));
  }

  @Override
  public TopItems[] topOfVectors(Tensor vectors, int[][] histories, List<TopQuery> queries) {
    return encoder.top(vectors, histories, queries);
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
