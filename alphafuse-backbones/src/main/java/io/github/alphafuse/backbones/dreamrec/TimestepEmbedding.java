package io.github.alphafuse.backbones.dreamrec;

/**
 * The sinusoidal embedding of a diffusion time: 128 sines, then 128 cosines, of t exp(-i ln(10000)
 * / 127).
 *
 * <p>See: Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.5.
 */
final class TimestepEmbedding {
  /** The number of sines and cosines together. */
  static final int WIDTH = 256;

  private static final int HALF = WIDTH / 2;

  private TimestepEmbedding() {}

  /** The embedding of a time [256]. */
  static double[] of(int time) {
    double[] embedding = new double[WIDTH];
    for (int i = 0; i < HALF; i++) {
      double angle = time * Math.exp(-i * Math.log(10_000) / (HALF - 1));
      embedding[i] = Math.sin(angle);
      embedding[HALF + i] = Math.cos(angle);
    }
    return embedding;
  }
}
