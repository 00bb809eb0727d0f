package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/**
 * A ranking metric as a function of the ranks of the relevant items, which start at 1.
 *
 * <p>Immutable and thread-safe.
 *
 * @param kind the kind of metric
 * @param cutoff k, the last rank that counts
 */
public record Metric(Kind kind, int cutoff) {

  /** The kind of a metric. */
  public enum Kind {
    /** Hit rate: 1 if a relevant item is within the cut-off. */
    HR,
    /**
     * Normalised discounted cumulative gain: the sum of 1 / log2(rank + 1) within the cut-off,
     * divided by the largest sum that this number of relevant items can have.
     */
    NDCG,
    /** Mean reciprocal rank: 1 / rank of the first relevant item within the cut-off. */
    MRR,
    /**
     * Recall: the share of the relevant items within the cut-off; the hit rate if there is one
     * item.
     */
    RECALL
  }

  /**
   * Checks the cut-off.
   *
   * @param kind the kind of metric
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
   * The recall at k.
   *
   * @param k the cut-off, at least 1
   * @return the metric
   * @throws IllegalArgumentException if k is below 1
   */
  public static Metric recall(int k) {
    return new Metric(Kind.RECALL, k);
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
          "metric must be HR, NDCG, MRR or Recall, @ and a cut-off from 1, such as NDCG@20; found '"
              + name
              + "'",
          e);
    }
  }

  /**
   * The value for several relevant items.
   *
   * @param ranks their ranks, from 1, ascending; at least one
   * @return the value, in [0, 1]
   * @throws IllegalArgumentException if there are none or a rank is below 1
   */
  public double value(int... ranks) {
    checkArgument(ranks.length > 0, "a metric needs at least one relevant item");
    if (kind == Kind.HR || kind == Kind.MRR || ranks.length == 1) {
      return gain(ranks[0]);
    }
    double sum = 0;
    double most = 0;
    for (int i = 0; i < ranks.length; i++) {
      sum += gain(ranks[i]);
      most += kind == Kind.RECALL ? 1 : gain(i + 1);
    }
    return sum / most;
  }

  /**
   * The gain of the rank of one relevant item.
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
      case HR, RECALL -> 1;
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
    return (kind == Kind.RECALL ? "Recall" : kind.name()) + "@" + cutoff;
  }
}
