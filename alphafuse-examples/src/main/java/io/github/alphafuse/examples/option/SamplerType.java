package io.github.alphafuse.examples.option;

import java.util.Locale;

/** How a diffusion generates a row from noise. */
enum SamplerType {
  /** Without noise, over steps at a fixed stride. */
  DDIM,
  /** With noise, over all steps. */
  DDPM;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
