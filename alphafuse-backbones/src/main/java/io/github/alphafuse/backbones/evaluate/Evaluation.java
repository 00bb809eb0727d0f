package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import java.util.Locale;

/**
 * How well items were ranked: the ranks of the relevant items, and metrics over them.
 *
 * <p>Immutable and thread-safe.
 */
public final class Evaluation {
  private final ImmutableIntArray ranks;
  private final ImmutableSortedSet<Integer> cutoffs;

  private Evaluation(ImmutableIntArray ranks, ImmutableSortedSet<Integer> cutoffs) {
    this.ranks = ranks;
    this.cutoffs = cutoffs;
  }

  /**
   * An evaluation of some ranks.
   *
   * @param ranks the rank of each example's relevant item, from 1; at least one
   * @param cutoffs the cut-offs that are printed and listed, each at least 1; at least one
   * @return the evaluation
   * @throws IllegalArgumentException if either is empty or holds a number below 1
   */
  public static Evaluation of(int[] ranks, int... cutoffs) {
    checkArgument(ranks.length > 0, "an evaluation needs at least one rank");
    checkArgument(cutoffs.length > 0, "an evaluation needs at least one cut-off");
    for (int i = 0; i < ranks.length; i++) {
      checkArgument(ranks[i] >= 1, "ranks[%s] must be at least 1, found %s", i, ranks[i]);
    }
    for (int cutoff : cutoffs) {
      checkArgument(cutoff >= 1, "cut-off must be at least 1, found %s", cutoff);
    }
    return new Evaluation(
        ImmutableIntArray.copyOf(ranks), ImmutableSortedSet.copyOf(Ints.asList(cutoffs)));
  }

  /**
   * The mean of a metric over all examples.
   *
   * @param metric the metric, at any cut-off
   * @return its mean, in [0, 1]
   */
  public double value(Metric metric) {
    double sum = 0;
    for (int i = 0; i < ranks.length(); i++) {
      sum += metric.gain(ranks.get(i));
    }
    return sum / ranks.length();
  }

  /**
   * The hit rate at k.
   *
   * @param k the cut-off
   * @return the share of examples whose relevant item ranks within k
   */
  public double hitRate(int k) {
    return value(Metric.hitRate(k));
  }

  /**
   * The normalised discounted cumulative gain at k.
   *
   * @param k the cut-off
   * @return the mean of 1 / log2(rank + 1) within k
   */
  public double ndcg(int k) {
    return value(Metric.ndcg(k));
  }

  /**
   * The mean reciprocal rank at k.
   *
   * @param k the cut-off
   * @return the mean of 1 / rank within k
   */
  public double mrr(int k) {
    return value(Metric.mrr(k));
  }

  /**
   * The number of examples.
   *
   * @return at least 1
   */
  public int size() {
    return ranks.length();
  }

  /**
   * The rank of each example's relevant item, in the order of the examples.
   *
   * @return ranks from 1, a copy
   */
  public int[] ranks() {
    return ranks.toArray();
  }

  /**
   * The cut-offs that are printed and listed.
   *
   * @return the cut-offs in ascending order
   */
  public ImmutableSortedSet<Integer> cutoffs() {
    return cutoffs;
  }

  /**
   * All metrics at the listed cut-offs.
   *
   * @return means by name, HR before NDCG before MRR, for example {@code HR@10}
   */
  public ImmutableMap<String, Double> toMap() {
    ImmutableMap.Builder<String, Double> values = ImmutableMap.builder();
    for (Metric.Kind kind : Metric.Kind.values()) {
      for (int cutoff : cutoffs) {
        Metric metric = new Metric(kind, cutoff);
        values.put(metric.toString(), value(metric));
      }
    }
    return values.buildOrThrow();
  }

  /**
   * The metrics as a table, a line a cut-off.
   *
   * @return some lines of text
   */
  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    table.append(String.format(Locale.ROOT, "%6s %8s %8s %8s", "k", "HR", "NDCG", "MRR"));
    for (int k : cutoffs) {
      table.append(
          String.format(Locale.ROOT, "%n%6d %8.4f %8.4f %8.4f", k, hitRate(k), ndcg(k), mrr(k)));
    }
    return table.toString();
  }
}
