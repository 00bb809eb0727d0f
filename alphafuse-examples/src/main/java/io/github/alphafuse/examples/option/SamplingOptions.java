package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.dreamrec.Sampling;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a DreamRec model generates item vectors; what is not given stays as it was. */
public final class SamplingOptions {
  private static final int PUBLISHED_STRIDE = 100;

  /** The published sampling. */
  static final Sampling PUBLISHED = Sampling.ddim(PUBLISHED_STRIDE);

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      description =
          "DreamRec: ddim, every so many steps without noise, or ddpm, all steps with noise"
              + " (default: ddim, or what the model was saved with).")
  @Nullable SamplerType sampler;

  @Option(
      names = "--linespace",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "DreamRec: stride of ddim, a divisor of --timesteps (default: 100, or what the model was"
              + " saved with).")
  @Nullable Integer stride;

  @Option(
      names = "--w",
      paramLabel = "W",
      converter = Numbers.NotNegative.class,
      description =
          "DreamRec: strength of the guidance by the history (default: 5, or what the model was"
              + " saved with).")
  @Nullable Double guidance;

  @Option(
      names = "--samples",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "DreamRec: generated vectors that are averaged for a user (default: 1, or what the model"
              + " was saved with).")
  @Nullable Integer samples;

  SamplingOptions() {}

  boolean isGiven() {
    return sampler != null || stride != null || guidance != null || samples != null;
  }

  /** A sampling with what is given in place of its own. */
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
   * Puts a sampling under the names of the flags.
   *
   * @param sampling the sampling
   * @param settings where to
   */
  public static void describe(Sampling sampling, Map<String, Object> settings) {
    boolean ddpm = sampling.stride() == 0;
    settings.put("sampler", (ddpm ? SamplerType.DDPM : SamplerType.DDIM).toString());
    settings.put("linespace", ddpm ? null : sampling.stride());
    settings.put("w", sampling.guidance());
    settings.put("samples", sampling.samples());
  }
}
