package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.internal.encoder.HistoryEncoder;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.VectorScorer;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;
import io.github.alphafuse.core.internal.rows.Rows;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Scores of a DreamRec model with its weights at the time of creation: inner products or cosines of
 * generated vectors and all item rows.
 *
 * <p>A user's noise depends only on the model's sampling seed and the user's last L items. The same
 * history gets exactly the same noise in any batch, so recommendations are reproducible.
 *
 * <p>Legend: B histories, N items, d embedding dimension. Thread-safe; closing waits for running
 * calls, and later calls fail with an {@link IllegalStateException}.
 */
public final class DreamRecScorer implements VectorScorer {
  /** The fewest users per thread. */
  private static final int LEAST = 16;

  private final HistoryEncoder encoder;
  private final Sampler sampler;
  private final Sampling sampling;
  private final int maxLength;
  private final long seed;
  private boolean closed;

  DreamRecScorer(DreamRec model, HistoryEncoder encoder, Sampler sampler) {
    this.encoder = encoder;
    this.sampler = sampler;
    this.sampling = model.sampling();
    this.maxLength = model.maxLength();
    this.seed = model.samplingSeed();
  }

  @Override
  public int itemCount() {
    return encoder.itemCount();
  }

  /**
   * The conditions of some histories, which the encoder computes.
   *
   * @param histories [B] item rows of each history, oldest first, not padded, none empty; the last
   *     L are used
   * @return [B, d]
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   * @throws IllegalStateException if it is closed
   */
  public Tensor conditions(int[][] histories) {
    return encoder.userVectors(histories);
  }

  /**
   * The generated ("oracle") item vectors of some histories, which stand for an ideal next item.
   *
   * @param histories [B] item rows of each history, oldest first, not padded, none empty; the last
   *     L are used
   * @return [B, d], the mean over the samples of the model's sampling
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   * @throws IllegalStateException if it is closed
   */
  public Tensor generate(int[][] histories) {
    return encoder.whileOpen(() -> mean(histories));
  }

  private Tensor mean(int[][] histories) {
    Tensor conditions = conditions(histories);
    Tensor sum = null;
    for (int sample = 0; sample < sampling.samples(); sample++) {
      RandomGenerator[] users = new RandomGenerator[histories.length];
      for (int b = 0; b < histories.length; b++) {
        users[b] = new SplittableRandom(seedOf(histories[b], sample));
      }
      Tensor start = Tensor.zeros(conditions.elementType(), conditions.shape());
      fill(start, users);
      Tensor generated = sampler.generate(conditions, start, noise -> fill(noise, users));
      if (sum == null) {
        sum = generated;
      } else {
        Rows.of(sum).add(Rows.of(generated));
      }
    }
    Tensor mean = java.util.Objects.requireNonNull(sum);
    for (int i = 0; i < mean.size() && sampling.samples() > 1; i++) {
      mean.set(i, mean.get(i) / sampling.samples());
    }
    return mean;
  }

  /**
   * The vectors that are generated from given noise.
   *
   * @param histories [B] item rows of each history, oldest first, not padded, none empty
   * @param start x_T [B, d]
   * @return [B, d]
   * @throws IllegalArgumentException if a history is empty, an item is outside [0, N) or the shape
   *     does not fit
   * @throws IllegalStateException if it is closed
   */
  public Tensor generate(int[][] histories, Tensor start) {
    return encoder.whileOpen(() -> from(start, histories));
  }

  private Tensor from(Tensor start, int[][] histories) {
    Tensor conditions = conditions(histories);
    checkArgument(
        start.rank() == 2
            && start.shape(0) == histories.length
            && start.shape(1) == conditions.shape(1)
            && start.elementType() == conditions.elementType(),
        "start must be like the conditions %s, found %s",
        conditions,
        start);
    RandomGenerator[] users = new RandomGenerator[histories.length];
    for (int b = 0; b < histories.length; b++) {
      users[b] = new SplittableRandom(seedOf(histories[b], 0));
    }
    return sampler.generate(conditions, start, noise -> fill(noise, users));
  }

  private long seedOf(int[] history, int sample) {
    long hash = seed * 0x9E3779B97F4A7C15L + sample;
    for (int j = Math.max(0, history.length - maxLength); j < history.length; j++) {
      hash = (hash ^ history[j]) * 0xBF58476D1CE4E5B9L;
      hash ^= hash >>> 29;
    }
    return hash;
  }

  private static void fill(Tensor noise, RandomGenerator[] users) {
    Workers.split(
        users.length,
        LEAST,
        (from, to) -> {
          for (int b = from; b < to; b++) {
            GaussianRow.fill(noise, b, users[b]);
          }
        });
  }

  /** The generated vectors, as {@link #generate(int[][])}. */
  @Override
  public Tensor userVectors(int[][] histories) {
    return generate(histories);
  }

  @Override
  public int dim() {
    return encoder.dim();
  }

  @Override
  public Tensor itemVectors(int[] items) {
    return encoder.itemVectors(items);
  }

  @Override
  public double itemLength(int item) {
    return encoder.itemLength(item);
  }

  @Override
  public Tensor scoreVectors(Tensor vectors) {
    return encoder.scores(vectors);
  }

  @Override
  public Tensor score(int[][] histories) {
    return scoreVectors(generate(histories));
  }

  @Override
  public TopItems[] top(int[][] histories, TopQuery query) {
    return encoder.top(generate(histories), histories, query);
  }

  @Override
  public TopItems[] topOfVectors(Tensor vectors, int[][] histories, List<TopQuery> queries) {
    return encoder.top(vectors, histories, queries);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      encoder.close(); // No sampling takes place after this.
      sampler.close();
    }
  }
}
