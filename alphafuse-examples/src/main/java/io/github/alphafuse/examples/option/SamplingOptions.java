package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.dreamrec.Sampling;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options for how a DreamRec model generates item vectors. Options that are not given leave the
 * setting of the model unchanged.
 */
@Heading("Sampling")
public final class SamplingOptions {
  private static final int PUBLISHED_STRIDE = 100;

  /** The published sampling. */
  static final Sampling PUBLISHED = Sampling.ddim(PUBLISHED_STRIDE);

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      description =
          "DreamRec: sampler, ddim (steps at a stride, without noise) or ddpm (all steps,"
              + " with noise) (default: ddim, or the setting saved with the model).")
  @Nullable SamplerType sampler;

  @Option(
      names = "--linespace",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "DreamRec: stride of ddim, a divisor of --timesteps (default: 100, or the setting"
              + " saved with the model).")
  @Nullable Integer stride;

  @Option(
      names = "--w",
      paramLabel = "W",
      converter = Numbers.NotNegative.class,
      description =
          "DreamRec: strength of the guidance by the history (default: 5, or the setting"
              + " saved with the model).")
  @Nullable Double guidance;

  @Option(
      names = "--samples",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "DreamRec: number of generated vectors averaged per user (default: 1, or the"
              + " setting saved with the model).")
  @Nullable Integer samples;

  SamplingOptions() {}

  boolean isGiven() {
    return sampler != null || stride != null || guidance != null || samples != null;
  }

  /** Whether a stride is given that has no effect. */
  boolean isStrideIdle() {
    return stride != null && sampler == SamplerType.DDPM;
  }

  /** Returns a sampling with the given options applied. */
  Sampling applyTo(Sampling base) {
    boolean wasDdpm = base.stride() == 0;
    boolean ddpm = sampler == null ? wasDdpm && stride == null : sampler == SamplerType.DDPM;
    int ownStride = wasDdpm ? PUBLISHED_STRIDE : base.stride();
    return (ddpm ? Sampling.ddpm() : Sampling.ddim(stride == null ? ownStride : stride))
        .withGuidance(guidance == null ? base.guidance() : guidance)
        .withSamples(samples == null ? base.samples() : samples)
        .withForm(base.form());
  }

  /**
   * Adds the values of a sampling, under the names of their flags.
   *
   * @param sampling the sampling
   * @param settings the map to add to
   */
  public static void describe(Sampling sampling, Map<String, Object> settings) {
    boolean ddpm = sampling.stride() == 0;
    settings.put("sampler", (ddpm ? SamplerType.DDPM : SamplerType.DDIM).toString());
    settings.put("linespace", ddpm ? null : sampling.stride());
    settings.put("w", sampling.guidance());
    settings.put("samples", sampling.samples());
  }
}
