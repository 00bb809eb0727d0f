package io.github.alphafuse.examples.option;

import java.util.Locale;

/** How a diffusion goes back from noise to a row. */
enum SamplerType {
  /** Deterministically, over every so many steps. */
  DDIM,
  /** With noise, over all steps. */
  DDPM;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
