package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/**
 * A ranking metric with one relevant item, as a function of that item's rank, which starts at 1.
 *
 * <p>Immutable and thread-safe.
 *
 * @param kind what is measured
 * @param cutoff k, the last rank that counts
 */
public record Metric(Kind kind, int cutoff) {

  /** What a metric measures. */
  public enum Kind {
    /** Hit rate: 1 within the cut-off. */
    HR,
    /** Normalised discounted cumulative gain: 1 / log2(rank + 1) within the cut-off. */
    NDCG,
    /** Mean reciprocal rank: 1 / rank within the cut-off. */
    MRR
  }

  /**
   * Checks the cut-off.
   *
   * @param kind what is measured
   * @param cutoff k, the last rank that counts
   * @throws IllegalArgumentException if one is out of range
   */
  public Metric {
    checkArgument(cutoff >= 1, "cut-off must be at least 1, found %s", cutoff);
  }

  /**
   * The hit rate at k.
   *
   * @param k the cut-off, at least 1
   * @return the metric
   * @throws IllegalArgumentException if k is below 1
   */
  public static Metric hitRate(int k) {
    return new Metric(Kind.HR, k);
  }

  /**
   * The normalised discounted cumulative gain at k.
   *
   * @param k the cut-off, at least 1
   * @return the metric
   * @throws IllegalArgumentException if k is below 1
   */
  public static Metric ndcg(int k) {
    return new Metric(Kind.NDCG, k);
  }

  /**
   * The mean reciprocal rank at k.
   *
   * @param k the cut-off, at least 1
   * @return the metric
   * @throws IllegalArgumentException if k is below 1
   */
  public static Metric mrr(int k) {
    return new Metric(Kind.MRR, k);
  }

  /**
   * A metric by its name.
   *
   * @param name for example {@code NDCG@20}, in any case
   * @return the metric
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Metric named(String name) {
    String[] parts = name.trim().toUpperCase(Locale.ROOT).split("@", -1);
    try {
      checkArgument(parts.length == 2, "no cut-off");
      return new Metric(Kind.valueOf(parts[0]), Integer.parseInt(parts[1]));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "metric must be HR, NDCG or MRR, @ and a cut-off from 1, such as NDCG@20; found '"
              + name
              + "'",
          e);
    }
  }

  /**
   * What a rank is worth.
   *
   * @param rank the rank of the relevant item, from 1
   * @return the gain, in [0, 1]
   * @throws IllegalArgumentException if the rank is below 1
   */
  public double gain(int rank) {
    checkArgument(rank >= 1, "rank must be at least 1, found %s", rank);
    if (rank > cutoff) {
      return 0;
    }
    return switch (kind) {
      case HR -> 1;
      case NDCG -> Math.log(2) / Math.log(rank + 1.0);
      case MRR -> 1.0 / rank;
    };
  }

  /**
   * The name.
   *
   * @return for example {@code NDCG@20}
   */
  @Override
  public String toString() {
    return kind + "@" + cutoff;
  }
}
