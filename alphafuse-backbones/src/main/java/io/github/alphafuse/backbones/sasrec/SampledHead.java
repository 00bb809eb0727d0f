package io.github.alphafuse.backbones.sasrec;

import io.github.alphafuse.backbones.loss.SampledKernel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;

/**
 * A loss over sampled candidates in closed form, item by item instead of example by example.
 *
 * <p>Candidates come from the whole catalogue, while user vectors fit into a cache. The item table
 * is therefore read from start to end. Each item is combined with the examples that drew it, and
 * its gradient is written once. The first pass gives scores, the second gradients:
 *
 * <pre>
 * inner products   s = u.r            dr = sum g u                              du = sum g r
 * cosines          s = n.r / |r|      dr = (sum g n - (sum g s) r / |r|) / |r|  dn = sum g r / |r|
 *                  n = u / |u|        du = (dn - (dn.n) n) / |u|
 * </pre>
 *
 * <p>Legend: P targets, C candidates per target, U different items, d embedding dimension; u a user
 * vector, r an item's row, n = u / |u|, s a score, g its derivative. The prefix d marks a gradient.
 * Not thread-safe.
 */
final class SampledHead {
  private static final int BLOCK = 64;

  /** The spare rows of a buffer, since the next step may have a few more items. */
  private static final int SPARE = 1024;

  /** Squared, so that a length is at least 1e-12. */
  private static final double SQUARED_EPSILON = 1e-24;

  /** The fewest targets per thread. */
  private static final int LEAST = 16;

  private final ItemEmbedding items;
  private final SampledKernel kernel;
  private final boolean cosine;
  private final int candidates;
  private final int dim;
  private final ItemOrder order;
  // One array per example, since only loops from 0 become SIMD code.
  private float[][] vectors = new float[0][]; // u or n [P][d]
  private float[][] trainedParts = new float[0][]; // their trained columns [P][w]
  private float[] userInverse = new float[0]; // [P]
  private float[] scores = new float[0]; // [P, C]
  private float[] derivatives = new float[0]; // [P, C]
  private Tensor rows = Tensor.zeros(ElementType.FLOAT32, 0, 0); // [U, d]
  private float[] inverse = new float[0]; // [U]
  private double[] losses = new double[0]; // [P]
  private float[][][] parts = new float[0][][]; // per thread du or dn [P][d]
  private int size;

  /** A head over the order of candidates, which the caller sorts before each step. */
  SampledHead(ItemEmbedding items, SampledKernel kernel, Candidates candidates) {
    this.items = items;
    this.kernel = kernel;
    this.cosine = candidates.similarity() == Similarity.COSINE;
    this.candidates = candidates.perTarget();
    this.dim = items.dim();
    this.order = candidates.order();
  }

  /** The number of candidates per target, their scores and their order. */
  record Candidates(int perTarget, Similarity similarity, ItemOrder order) {}

  /**
   * The summed loss of users [P, d], whose gradient is overwritten; both may have more rows. The
   * gradients of the items are accumulated.
   */
  double apply(Tensor users, Tensor userGradients, Gradients gradients) {
    int batch = order.places().length / candidates;
    reserve(batch);
    Workers.balance(batch, LEAST, (from, to) -> takeUsers(users.floats(), from, to));
    int[] borders = borders();
    int runs = borders.length - 1;
    Workers.balance(order.unique().length, BLOCK, this::score);
    Workers.balance(batch, LEAST, this::differentiate);
    Workers.run(runs, run -> backward(run, borders, gradients));
    Workers.balance(
        batch, LEAST, (from, to) -> sumUserGradients(userGradients.floats(), from, to, runs));
    double total = 0;
    for (int b = 0; b < batch; b++) {
      total += losses[b];
    }
    return total;
  }

  private void reserve(int batch) {
    size = batch;
    if (losses.length < batch) {
      vectors = new float[batch][dim];
      trainedParts = new float[batch][dim - items.firstTrainedColumn()];
      userInverse = new float[batch];
      scores = new float[batch * candidates];
      derivatives = new float[batch * candidates];
      losses = new double[batch];
      parts = new float[Workers.count()][batch][dim];
    }
    if (inverse.length < order.unique().length) {
      inverse = new float[order.unique().length + SPARE];
      rows = Tensor.zeros(ElementType.FLOAT32, inverse.length, dim);
    }
  }

  private void takeUsers(float[] users, int from, int to) {
    int trained = items.firstTrainedColumn();
    for (int b = from; b < to; b++) {
      float[] vector = vectors[b];
      System.arraycopy(users, b * dim, vector, 0, dim);
      if (cosine) {
        float length = inverseLength(vector);
        userInverse[b] = length;
        for (int j = 0; j < dim; j++) {
          vector[j] *= length;
        }
      }
      System.arraycopy(vector, trained, trainedParts[b], 0, dim - trained);
    }
  }

  private float inverseLength(float[] x) {
    return (float) (1 / Math.sqrt(FloatVectors.dot(x, 0, x, 0, dim) + SQUARED_EPSILON));
  }

  /** The first items of the threads' ranges, which have about the same number of candidates. */
  private int[] borders() {
    int[] starts = order.starts();
    int different = order.unique().length;
    int runs = Math.min(Workers.count(), Math.max(1, different / BLOCK));
    int[] borders = new int[runs + 1];
    for (int run = 1; run < runs; run++) {
      int place = (int) ((long) starts[different] * run / runs);
      int found = Arrays.binarySearch(starts, 0, different, place);
      borders[run] = found >= 0 ? found : -found - 1;
    }
    borders[runs] = different;
    return borders;
  }

  private void score(int from, int to) {
    float[] row = new float[dim];
    int[] places = order.places();
    for (int first = from; first < to; first += BLOCK) {
      int end = Math.min(to, first + BLOCK);
      items.gather(Arrays.copyOfRange(order.unique(), first, end), rows, first);
      for (int item = first; item < end; item++) {
        System.arraycopy(rows.floats(), item * dim, row, 0, dim);
        float length = cosine ? inverseLength(row) : 1;
        inverse[item] = length;
        for (int p = order.starts()[item]; p < order.starts()[item + 1]; p++) {
          float[] vector = vectors[places[p] / candidates];
          scores[places[p]] = FloatVectors.dot(vector, 0, row, 0, dim) * length;
        }
      }
    }
  }

  private void differentiate(int from, int to) {
    float[] score = new float[candidates];
    float[] derivative = new float[candidates];
    float share = 1f / size;
    for (int b = from; b < to; b++) {
      System.arraycopy(scores, b * candidates, score, 0, candidates);
      losses[b] = kernel.apply(score, derivative);
      for (int k = 0; k < candidates; k++) {
        derivatives[b * candidates + k] = derivative[k] * share;
      }
    }
  }

  private void backward(int run, int[] borders, Gradients gradients) {
    float[][] userPart = parts[run];
    for (int b = 0; b < size; b++) {
      Arrays.fill(userPart[b], 0);
    }
    int trained = items.firstTrainedColumn();
    int width = dim - trained;
    Tensor rowGradients = Tensor.zeros(ElementType.FLOAT32, BLOCK, dim);
    float[] row = new float[dim];
    float[] gradient = new float[width];
    float[] trainedPart = new float[width];
    int[] places = order.places();
    for (int first = borders[run]; first < borders[run + 1]; first += BLOCK) {
      int end = Math.min(borders[run + 1], first + BLOCK);
      for (int item = first; item < end; item++) {
        System.arraycopy(rows.floats(), item * dim, row, 0, dim);
        float length = inverse[item];
        float along = 0;
        Arrays.fill(gradient, 0);
        for (int p = order.starts()[item]; p < order.starts()[item + 1]; p++) {
          int place = places[p];
          int user = place / candidates;
          float g = derivatives[place] * length;
          along += g * scores[place];
          FloatVectors.addScaled(g, row, userPart[user], dim);
          FloatVectors.addScaled(g, trainedParts[user], gradient, width);
        }
        if (cosine) {
          System.arraycopy(row, trained, trainedPart, 0, width);
          FloatVectors.addScaled(-along * length, trainedPart, gradient, width);
        }
        System.arraycopy(gradient, 0, rowGradients.floats(), (item - first) * dim + trained, width);
      }
      items.accumulate(Arrays.copyOfRange(order.unique(), first, end), rowGradients, gradients);
    }
  }

  private void sumUserGradients(float[] target, int from, int to, int runs) {
    for (int b = from; b < to; b++) {
      float[] sum = parts[0][b];
      for (int run = 1; run < runs; run++) {
        FloatVectors.addScaled(1, parts[run][b], sum, dim);
      }
      if (cosine) {
        float[] vector = vectors[b];
        float along = FloatVectors.dot(sum, 0, vector, 0, dim);
        FloatVectors.combine(userInverse[b], sum, -along * userInverse[b], vector, sum);
      }
      System.arraycopy(sum, 0, target, b * dim, dim);
    }
  }
}
