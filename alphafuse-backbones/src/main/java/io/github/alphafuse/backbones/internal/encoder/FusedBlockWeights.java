package io.github.alphafuse.backbones.internal.encoder;

import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.internal.FloatWeight;
import java.util.List;

/**
 * The weights of one block of the fused encoder, and their copies for products.
 *
 * <p>Not thread-safe while they are refreshed.
 */
final class FusedBlockWeights implements AutoCloseable {
  private final EncoderWeights weights;
  private final int block;
  private final FloatWeight query;
  private final FloatWeight key;
  private final FloatWeight value;
  private final FloatWeight inner;
  private final FloatWeight outer;

  FusedBlockWeights(EncoderWeights weights, int block) {
    this.weights = weights;
    this.block = block;
    this.query = matrixOf("query");
    this.key = matrixOf("key");
    this.value = matrixOf("value");
    this.inner = matrixOf("inner");
    this.outer = matrixOf("outer");
  }

  private FloatWeight matrixOf(String layer) {
    return new FloatWeight(weights.get(name(layer) + ".weight"));
  }

  /** The name of a layer, without {@code .weight} or {@code .bias}. */
  String name(String layer) {
    return EncoderWeights.block(block, layer);
  }

  /** The live bias of a layer, or the gain of a norm if the name is that of a weight. */
  float[] live(String layer, String part) {
    return weights.get(name(layer) + part).floats();
  }

  FloatWeight query() {
    return query;
  }

  FloatWeight key() {
    return key;
  }

  FloatWeight value() {
    return value;
  }

  FloatWeight inner() {
    return inner;
  }

  FloatWeight outer() {
    return outer;
  }

  private List<FloatWeight> matrices() {
    return List.of(query, key, value, inner, outer);
  }

  void refresh() {
    matrices().forEach(FloatWeight::refresh);
  }

  @Override
  public void close() {
    matrices().forEach(FloatWeight::close);
  }
}
