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
 * <p>Legend: B rows, d width, g gain, c bias; the prefix d of a name marks a gradient. Calls for
 * parts of the rows that do not overlap are thread-safe.
 */
public final class FusedNorm {
  private static final float EPSILON = 1e-5f;

  private final int dim;
  private final float[] gain;
  private final float[] bias;
  private final float[] normalised; // [B, d]
  private final float[] inverse; // [B]
  private final float[] upstream; // [B, d]

  /**
   * The norm of up to a number of rows.
   *
   * @param rows the largest number of rows
   * @param gain the live gain [d]
   * @param bias the live bias [d]
   */
  public FusedNorm(int rows, float[] gain, float[] bias) {
    this.dim = gain.length;
    this.gain = gain;
    this.bias = bias;
    this.normalised = new float[rows * dim];
    this.inverse = new float[rows];
    this.upstream = new float[rows * dim];
  }

  /**
   * Sets y[from:to] to the norm of x[from:to].
   *
   * @param x rows [B, d]; not modified unless they are y
   * @param y rows [B, d]
   * @param from the first row
   * @param to the row past the last
   */
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

  /**
   * Sets dx[from:to] from dy[from:to].
   *
   * @param dy the gradient of y [B, d]
   * @param dx the gradient of x [B, d]; it may be dy
   * @param from the first row
   * @param to the row past the last
   */
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

  /**
   * Computes dg and dc over the first rows.
   *
   * @param rows the number of rows
   * @param gainGradient [d], overwritten
   * @param biasGradient [d], overwritten
   */
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
