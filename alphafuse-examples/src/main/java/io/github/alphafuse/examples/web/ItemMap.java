package io.github.alphafuse.examples.web;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.nullspace.RandomizedEigenSolver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A map of items: their vectors along the two directions in which those of a sample vary most.
 *
 * <p>It shows the trained vectors, and those by text alone, as they were before training. Both are
 * along the directions of the trained vectors, so that what differs is what training did. On the
 * directions of the text, nothing could be seen that was trained beside the text.
 *
 * <p>Legend: R items, d width of a vector. Immutable and thread-safe.
 */
final class ItemMap {
  /** The most items of the sample. */
  static final int SAMPLED = 2_000;

  private static final long SEED = 22;

  private final ImmutableList<String> sample;
  private final Plane plane;
  private final Optional<Double> textShare;
  private final double trainedShare;

  private ItemMap(ImmutableList<String> sample, Recommender recommender) {
    Tensor trained = recommender.itemVectors(sample);
    this.sample = sample;
    this.plane = Plane.of(trained);
    this.textShare = recommender.textVectors(sample).map(plane::share);
    this.trainedShare = plane.share(trained);
  }

  /**
   * A map of the items of a recommender.
   *
   * @throws IllegalStateException if its model has no vectors of items
   */
  static ItemMap of(Recommender recommender) {
    return new ItemMap(sample(recommender.vocabulary().ids()), recommender);
  }

  private static ImmutableList<String> sample(List<String> ids) {
    if (ids.size() <= SAMPLED) {
      return ImmutableList.copyOf(ids);
    }
    List<String> shuffled = new ArrayList<>(ids);
    Collections.shuffle(shuffled, new Random(SEED));
    return ImmutableList.copyOf(shuffled.subList(0, SAMPLED));
  }

  ImmutableList<String> sample() {
    return sample;
  }

  /**
   * Positions of items.
   *
   * @param text [R][2] by the text alone, if the model has frozen text
   * @param trained [R][2]
   */
  record Positions(double @Nullable [][] text, double[][] trained) {}

  /** The positions of items, which need not be in the sample. */
  Positions positions(Recommender recommender, List<String> items) {
    return new Positions(
        recommender.textVectors(items).map(plane::positions).orElse(null),
        plane.positions(recommender.itemVectors(items)));
  }

  /** The part of the variance of the vectors by text alone that the map shows, if there are any. */
  Optional<Double> textShare() {
    return textShare;
  }

  /** The part of the variance of the trained vectors that the map shows. */
  double trainedShare() {
    return trainedShare;
  }

  /**
   * Two principal directions of vectors.
   *
   * @param origin [d] the mean of the vectors
   * @param directions [d, 2] row by row
   */
  private record Plane(double[] origin, double[] directions) {

    static Plane of(Tensor vectors) {
      int dim = vectors.shape(1);
      double[] covariance = covariance(vectors);
      boolean varies = trace(covariance, dim) > 0;
      return new Plane(
          mean(vectors),
          varies && dim >= 2
              ? RandomizedEigenSolver.builder().build().decompose(covariance, 2).leadingVectors(2)
              : new double[dim * 2]);
    }

    private static double[] mean(Tensor vectors) {
      double[] mean = new double[vectors.shape(1)];
      for (int i = 0; i < vectors.size(); i++) {
        mean[i % mean.length] += vectors.get(i) / vectors.shape(0);
      }
      return mean;
    }

    private static double[] covariance(Tensor vectors) {
      int count = vectors.shape(0);
      int dim = vectors.shape(1);
      double[] mean = mean(vectors);
      double[] covariance = new double[dim * dim];
      double[] row = new double[dim];
      for (int r = 0; r < count; r++) {
        for (int j = 0; j < dim; j++) {
          row[j] = vectors.get(r * dim + j) - mean[j];
        }
        for (int j = 0; j < dim; j++) {
          for (int k = 0; k < dim; k++) {
            covariance[j * dim + k] += row[j] * row[k] / count;
          }
        }
      }
      return covariance;
    }

    private static double trace(double[] matrix, int dim) {
      double trace = 0;
      for (int j = 0; j < dim; j++) {
        trace += matrix[j * dim + j];
      }
      return trace;
    }

    /** The part of the variance of vectors that lies along the directions. */
    double share(Tensor vectors) {
      int dim = origin.length;
      double all = trace(covariance(vectors), dim);
      double[][] positions = positions(vectors);
      double[] flat = Arrays.stream(positions).flatMapToDouble(Arrays::stream).toArray();
      double along = trace(covariance(Tensor.of(flat, positions.length, 2)), 2);
      return all == 0 ? 0 : along / all;
    }

    double[][] positions(Tensor vectors) {
      int dim = origin.length;
      double[][] positions = new double[vectors.shape(0)][2];
      for (int i = 0; i < vectors.size(); i++) {
        double value = vectors.get(i) - origin[i % dim];
        positions[i / dim][0] += value * directions[i % dim * 2];
        positions[i / dim][1] += value * directions[i % dim * 2 + 1];
      }
      return positions;
    }
  }
}
