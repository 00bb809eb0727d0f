package io.github.alphafuse.backbones.internal.encoder;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.encoder.EncoderConfig;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.core.Tensor;
import java.util.Map;
import java.util.SplittableRandom;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sequence encoder run by SameDiff, over fixed weights, for inference.
 *
 * <p>Legend: B batch, L positions, d width of an item's row. Thread-safe: calls run one after
 * another, since a SameDiff session must not be shared.
 */
final class SameDiffEncoder implements AutoCloseable {
  private static final String ROWS = "rows";

  private final EncoderConfig config;
  private final SameDiff graph;
  private final EncoderGraph encoder;

  private SameDiffEncoder(EncoderWeights weights) {
    this.config = weights.config();
    Backend.require();
    this.graph = SameDiff.create();
    SDVariable rows =
        graph.placeHolder(
            ROWS,
            Tensor.nd4jType(
                weights.get(EncoderWeights.POSITION).elementType())); // [B, L, d] or [B, L, 2d]
    this.encoder = EncoderGraph.forInference(graph, weights, rows);
  }

  /** An encoder over a copy of some weights. */
  static SameDiffEncoder of(EncoderWeights weights) {
    return new SameDiffEncoder(weights);
  }

  EncoderConfig config() {
    return config;
  }

  /**
   * Encodes histories.
   *
   * @param rows item rows [B, L, d]; those of padded positions are ignored
   * @param padded [B, L], whether a position is padding; the last position of a history never is
   * @return user vectors [B, d]
   */
  synchronized Tensor encode(Tensor rows, boolean[] padded) {
    int batch = padded.length / config.maxLength();
    checkArgument(
        rows.size() == batch * config.maxLength() * config.rowDim(),
        "rows must have shape [%s, %s, %s], found %s",
        batch,
        config.maxLength(),
        config.rowDim(),
        rows);
    Map<String, INDArray> fed = encoder.masks(padded, new SplittableRandom(0));
    try {
      fed.put(ROWS, rows.reshape(batch, config.maxLength(), config.rowDim()).toNd4j());
      String output = encoder.user().name();
      try (INDArray user = requireNonNull(graph.output(fed, output).get(output))) {
        return Tensor.copyOf(user);
      }
    } finally {
      fed.values().forEach(INDArray::close);
    }
  }

  /** Frees the graph's arrays. */
  @Override
  public synchronized void close() {
    encoder.close();
  }
}
