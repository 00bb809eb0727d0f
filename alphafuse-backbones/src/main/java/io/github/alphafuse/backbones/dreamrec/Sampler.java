package io.github.alphafuse.backbones.dreamrec;

import io.github.alphafuse.core.Tensor;

/**
 * Generates item rows from noise under users' conditions, with weights that do not change.
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
   * @param noise where a sampler that adds noise at each step takes it from
   * @return [B, d]
   */
  Tensor generate(Tensor conditions, Tensor start, StepNoise noise);

  /** Noise for each user and step, the same for a user whatever else is in the batch. */
  @FunctionalInterface
  interface StepNoise {
    /** Overwrites [B, d] with fresh noise from N(0, 1) for the next step. */
    void next(Tensor noise);
  }

  @Override
  default void close() {}
}
