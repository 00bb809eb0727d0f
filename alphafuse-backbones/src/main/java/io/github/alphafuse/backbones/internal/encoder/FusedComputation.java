package io.github.alphafuse.backbones.internal.encoder;

import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.internal.ranking.ItemProducts;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Inference by the fused engine. Calls share weights and table. Each call takes an idle encoder for
 * itself.
 */
final class FusedComputation implements HistoryEncoder.Computation {
  /** The fewest examples per thread. */
  private static final int LEAST = 16;

  private final EncoderWeights weights;
  private final FusedEncoder first;
  private final ItemProducts items;
  private final double[] lengths; // of the rows, if the products use rows of length 1
  private final ConcurrentLinkedQueue<FusedEncoder> spare = new ConcurrentLinkedQueue<>();

  FusedComputation(EncoderWeights weights, ItemProducts items, double[] lengths) {
    this.weights = weights.copy();
    this.first = FusedEncoder.forInference(this.weights);
    this.items = items;
    this.lengths = lengths;
    spare.add(first);
  }

  @Override
  public Tensor users(int[][] histories) {
    FusedEncoder free = spare.poll();
    FusedEncoder encoder = free == null ? first.share() : free;
    int dim = weights.config().dim();
    try {
      encoder.begin(histories);
      float[] rows = encoder.rows().floats();
      Workers.split(
          histories.length,
          LEAST,
          (from, to) -> {
            int at = encoder.firstRow(from) * dim;
            for (int item : encoder.items(from, to)) {
              row(item, rows, at);
              at += dim;
            }
            encoder.forward(from, to);
          });
      return encoder.users().firstRows(histories.length);
    } finally {
      spare.add(encoder);
    }
  }

  /** The row for the encoder. */
  private void row(int item, float[] target, int at) {
    items.row(item, target, at);
    if (lengths.length > 0) {
      float length = (float) lengths[item];
      for (int j = at; j < at + weights.config().dim(); j++) {
        target[j] *= length;
      }
    }
  }

  @Override
  public void close() {
    for (FusedEncoder encoder = spare.poll(); encoder != null; encoder = spare.poll()) {
      if (encoder != first) {
        encoder.close();
      }
    }
    first.close();
  }
}
