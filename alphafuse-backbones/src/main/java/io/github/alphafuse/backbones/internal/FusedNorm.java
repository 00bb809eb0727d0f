package io.github.alphafuse.backbones.internal;

import io.github.alphafuse.core.internal.FloatVectors;
import java.util.Arrays;

/**
 * Layer normalisation of the rows of a batch, forward and backward, for the fused engine.
 *
 * <pre>
 * n = (x - mean x) / sqrt(var x + 1e-5)        y = g n + c
 * dx = (e - mean e - n mean(e n)) / sqrt(var x + 1e-5),  e = g dy
 * dg = sum over rows of dy n                   dc = sum over rows of dy
 * </pre>
 *
 * <p>Legend: B rows, d width. Calls for parts of the rows that do not overlap are thread-safe.
 */
public final class FusedNorm {
  private static final float EPSILON = 1e-5f;

  private final int dim;
  private final float[] gain;
  private final float[] bias;
  private final float[] normalised; // [B, d]
  private final float[] inverse; // [B]
  private final float[] upstream; // [B, d]

  /** The norm of up to so many rows with the live gain [d] and bias [d]. */
  public FusedNorm(int rows, float[] gain, float[] bias) {
    this.dim = gain.length;
    this.gain = gain;
    this.bias = bias;
    this.normalised = new float[rows * dim];
    this.inverse = new float[rows];
    this.upstream = new float[rows * dim];
  }

  /** y[from:to] = norm(x[from:to]); x is left as it is. */
  public void forward(float[] x, float[] y, int from, int to) {
    float[] row = new float[dim];
    for (int b = from; b < to; b++) {
      int at = b * dim;
      System.arraycopy(x, at, row, 0, dim);
      float mean = FloatVectors.sum(row, 0, dim) / dim;
      for (int j = 0; j < dim; j++) {
        row[j] -= mean;
      }
      float variance = FloatVectors.dot(row, 0, row, 0, dim) / dim;
      float scale = (float) (1 / Math.sqrt(variance + EPSILON));
      inverse[b] = scale;
      for (int j = 0; j < dim; j++) {
        row[j] *= scale;
      }
      System.arraycopy(row, 0, normalised, at, dim);
      for (int j = 0; j < dim; j++) {
        row[j] = gain[j] * row[j] + bias[j];
      }
      System.arraycopy(row, 0, y, at, dim);
    }
  }

  /** dx[from:to] from dy[from:to], which may be the same array. */
  public void backward(float[] dy, float[] dx, int from, int to) {
    float[] row = new float[dim];
    float[] unit = new float[dim];
    for (int b = from; b < to; b++) {
      int at = b * dim;
      System.arraycopy(dy, at, upstream, at, dim);
      System.arraycopy(dy, at, row, 0, dim);
      System.arraycopy(normalised, at, unit, 0, dim);
      for (int j = 0; j < dim; j++) {
        row[j] *= gain[j];
      }
      float mean = FloatVectors.sum(row, 0, dim) / dim;
      float along = FloatVectors.dot(row, 0, unit, 0, dim) / dim;
      float scale = inverse[b];
      for (int j = 0; j < dim; j++) {
        row[j] = (row[j] - mean - unit[j] * along) * scale;
      }
      System.arraycopy(row, 0, dx, at, dim);
    }
  }

  /** dg and dc over the first rows, overwritten. */
  public void gradients(int rows, float[] gainGradient, float[] biasGradient) {
    Arrays.fill(gainGradient, 0);
    Arrays.fill(biasGradient, 0);
    float[] row = new float[dim];
    float[] unit = new float[dim];
    for (int b = 0; b < rows; b++) {
      System.arraycopy(upstream, b * dim, row, 0, dim);
      System.arraycopy(normalised, b * dim, unit, 0, dim);
      for (int j = 0; j < dim; j++) {
        gainGradient[j] += row[j] * unit[j];
      }
      FloatVectors.addScaled(1, row, biasGradient, dim);
    }
  }
}
