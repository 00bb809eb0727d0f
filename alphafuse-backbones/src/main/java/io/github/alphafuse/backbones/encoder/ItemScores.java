package io.github.alphafuse.backbones.encoder;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.core.Tensor;

/**
 * Inner products of vectors with a table of item rows.
 *
 * <p>Legend: B vectors, N items, d width of a row. Thread-safe but for {@link #close}.
 */
interface ItemScores extends AutoCloseable {

  /** Scores [B, N] of vectors [B, d]. */
  Tensor scores(Tensor vectors);

  /** The best items of vectors [B, d]. */
  TopItems[] top(Tensor vectors, int[][] histories, TopQuery query);

  @Override
  void close();
}
