package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How item rows are generated: the steps, the strength of the guidance by the condition, and the
 * form of the computation.
 *
 * <p>Immutable and thread-safe; each method that sets an option returns a new value.
 *
 * @param stride the stride of deterministic sampling (DDIM), or 0 for all T steps with noise (DDPM)
 * @param guidance w, the strength of the guidance; 0 for none
 * @param samples the number of rows that are generated per user and averaged
 * @param form how a linear denoiser's deterministic steps are computed
 */
public record Sampling(int stride, double guidance, int samples, Form form) {

  /** So many generated rows are averaged at most: each takes a whole chain of steps. */
  private static final int MOST_SAMPLES = 10_000;

  /** How the deterministic steps of a linear denoiser are computed; all forms are exact. */
  public enum Form {
    /**
     * Stepwise until enough users were served to outweigh the precomputation of the collapsed form,
     * then collapsed.
     */
    AUTO,
    /**
     * Two calls of the denoiser per step. This is the definition, and the only form for other
     * denoisers.
     */
    NAIVE,
    /** One product [B, d] x [d, d] per step, which includes conditions, times and "none". */
    STEPWISE,
    /** Two products in all. The whole chain is one affine map, computed once for the weights. */
    COLLAPSED
  }

  /**
   * Checks the ranges.
   *
   * @param stride the stride of deterministic sampling, or 0
   * @param guidance w, at least 0
   * @param samples from 1 to 10000
   * @param form how steps are computed
   * @throws IllegalArgumentException if one is out of range
   */
  public Sampling {
    checkArgument(stride >= 0, "stride must be at least 0, found %s", stride);
    checkArgument(
        guidance >= 0 && Double.isFinite(guidance),
        "guidance must be finite and at least 0, found %s",
        guidance);
    checkArgument(
        samples >= 1 && samples <= MOST_SAMPLES,
        "samples must be from 1 to %s, found %s",
        MOST_SAMPLES,
        samples);
  }

  /**
   * Deterministic sampling over every stride-th step, at the published guidance of 5.
   *
   * @param stride a divisor of T; 100 of 2000 as published
   * @return the sampling
   * @throws IllegalArgumentException if below 1
   */
  public static Sampling ddim(int stride) {
    checkArgument(stride >= 1, "stride must be at least 1, found %s", stride);
    return new Sampling(stride, 5, 1, Form.AUTO);
  }

  /**
   * Sampling over all T steps with noise (ancestral), at the published guidance of 5.
   *
   * @return the sampling
   */
  public static Sampling ddpm() {
    return new Sampling(0, 5, 1, Form.AUTO);
  }

  /**
   * Another guidance.
   *
   * @param strength w, at least 0
   * @return the sampling
   * @throws IllegalArgumentException if negative or not finite
   */
  public Sampling withGuidance(double strength) {
    return new Sampling(stride, strength, samples, form);
  }

  /**
   * The average of several generated rows, which makes the ranking more stable.
   *
   * @param count the number of rows, from 1 to 10000
   * @return the sampling
   * @throws IllegalArgumentException if outside that
   */
  public Sampling withSamples(int count) {
    return new Sampling(stride, guidance, count, form);
  }

  /**
   * Another form of the same computation.
   *
   * @param how the form
   * @return the sampling
   */
  public Sampling withForm(Form how) {
    return new Sampling(stride, guidance, samples, how);
  }

  boolean isDeterministic() {
    return stride > 0;
  }
}
