package io.github.alphafuse.backbones.encoder;

import io.github.alphafuse.core.Tensor;

/**
 * Turns the item rows of padded histories into user vectors, for inference.
 *
 * <p>Legend: B batch, L positions, d width of an item's row. Implementations are thread-safe.
 */
public interface SequenceEncoder extends AutoCloseable {

  /**
   * The sizes.
   *
   * @return the sizes
   */
  EncoderConfig config();

  /**
   * Encodes histories.
   *
   * @param rows item rows [B, L, d]; those of padded positions are ignored
   * @param padded [B, L], whether a position is padding; the last position of a history never is
   * @return user vectors [B, d]
   */
  Tensor encode(Tensor rows, boolean[] padded);

  /** Frees the memory of the encoder outside the Java heap. */
  @Override
  void close();
}
