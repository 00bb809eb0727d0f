package io.github.alphafuse.backbones.dreamrec;

import io.github.alphafuse.core.Tensor;

/**
 * Generates item rows from noise under users' conditions, with fixed weights.
 *
 * <p>With guidance w a step takes x0_hat = (1 + w) f(x, c, t) - w f(x, none, t), f being the
 * denoiser. Implementations are thread-safe.
 *
 * <p>Legend: B users, d embedding dimension, T steps.
 */
interface Sampler extends AutoCloseable {

  /**
   * Generates rows.
   *
   * @param conditions [B, d]
   * @param start x_T [B, d]; not modified
   * @param noise the source of noise for samplers that add noise at each step
   * @return [B, d]
   */
  Tensor generate(Tensor conditions, Tensor start, StepNoise noise);

  /** Noise per user and step. It does not depend on the other users of the batch. */
  @FunctionalInterface
  interface StepNoise {
    /** Overwrites [B, d] with fresh noise from N(0, 1) for the next step. */
    void next(Tensor noise);
  }

  @Override
  default void close() {}
}
