package io.github.alphafuse.backbones.dreamrec;

/** The kind of network that predicts a target's row from a noised row, a condition and a time. */
public enum Denoiser {
  /** One linear map of all three side by side, as published with AlphaFuse. */
  LINEAR,
  /** Two layers, 3d to 2d to d with a GELU between them, as in the original DreamRec. */
  MLP
}
