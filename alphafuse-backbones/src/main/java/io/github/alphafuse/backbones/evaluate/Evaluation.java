package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.Locale;

/**
 * How well items were ranked: the ranks of the relevant items, and metrics over them.
 *
 * <p>Immutable and thread-safe.
 */
public final class Evaluation {
  private final ImmutableList<ImmutableIntArray> ranks;
  private final ImmutableSortedSet<Integer> cutoffs;

  private Evaluation(ImmutableList<ImmutableIntArray> ranks, int[] cutoffs) {
    checkArgument(!ranks.isEmpty(), "an evaluation needs at least one rank");
    checkArgument(cutoffs.length > 0, "an evaluation needs at least one cut-off");
    for (int cutoff : cutoffs) {
      checkArgument(cutoff >= 1, "cut-off must be at least 1, found %s", cutoff);
    }
    this.ranks = ranks;
    this.cutoffs = ImmutableSortedSet.copyOf(Ints.asList(cutoffs));
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
    ImmutableList.Builder<ImmutableIntArray> single = ImmutableList.builder();
    for (int i = 0; i < ranks.length; i++) {
      checkArgument(ranks[i] >= 1, "ranks[%s] must be at least 1, found %s", i, ranks[i]);
      single.add(ImmutableIntArray.of(ranks[i]));
    }
    return new Evaluation(single.build(), cutoffs);
  }

  /**
   * An evaluation of some examples of one or more relevant items each.
   *
   * @param ranks the ranks of each example's relevant items, from 1, at least one each and no two
   *     the same; at least one example
   * @param cutoffs the cut-offs that are printed and listed, each at least 1; at least one
   * @return the evaluation
   * @throws IllegalArgumentException if something is empty, a number is below 1 or a rank is given
   *     twice
   */
  public static Evaluation ofSeveral(int[][] ranks, int... cutoffs) {
    ImmutableList.Builder<ImmutableIntArray> several = ImmutableList.builder();
    for (int i = 0; i < ranks.length; i++) {
      int[] sorted = ranks[i].clone();
      Arrays.sort(sorted);
      checkArgument(sorted.length > 0, "ranks[%s] must have at least one rank", i);
      checkArgument(sorted[0] >= 1, "ranks[%s] must be at least 1, found %s", i, sorted[0]);
      for (int j = 1; j < sorted.length; j++) {
        checkArgument(
            sorted[j] > sorted[j - 1], "ranks[%s] must differ, found %s twice", i, sorted[j]);
      }
      several.add(ImmutableIntArray.copyOf(sorted));
    }
    return new Evaluation(several.build(), cutoffs);
  }

  /**
   * The mean of a metric over all examples.
   *
   * @param metric the metric, at any cut-off
   * @return its mean, in [0, 1]
   */
  public double value(Metric metric) {
    double sum = 0;
    for (ImmutableIntArray each : ranks) {
      sum += metric.value(each.toArray());
    }
    return sum / ranks.size();
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
   * The recall at k.
   *
   * @param k the cut-off
   * @return the mean share of the relevant items that rank within k
   */
  public double recall(int k) {
    return value(Metric.recall(k));
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
    return ranks.size();
  }

  /**
   * The ranks of the relevant items, in the order of the examples; those of one example ascend.
   *
   * @return ranks from 1, a copy
   */
  public int[] ranks() {
    return ranks.stream().flatMapToInt(ImmutableIntArray::stream).toArray();
  }

  /**
   * The number of relevant items of each example.
   *
   * @return as many as there are examples, each at least 1
   */
  public int[] relevant() {
    return ranks.stream().mapToInt(ImmutableIntArray::length).toArray();
  }

  private boolean hasSeveral() {
    return ranks.stream().anyMatch(each -> each.length() > 1);
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
   * @return means by name, for example {@code HR@10}: HR, NDCG and MRR, and Recall where an example
   *     has several relevant items
   */
  public ImmutableMap<String, Double> toMap() {
    ImmutableMap.Builder<String, Double> values = ImmutableMap.builder();
    for (Metric.Kind kind : Metric.Kind.values()) {
      if (kind == Metric.Kind.RECALL && !hasSeveral()) {
        continue;
      }
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
    table.append(hasSeveral() ? String.format(Locale.ROOT, " %8s", "Recall") : "");
    for (int k : cutoffs) {
      table.append(
          String.format(Locale.ROOT, "%n%6d %8.4f %8.4f %8.4f", k, hitRate(k), ndcg(k), mrr(k)));
      table.append(hasSeveral() ? String.format(Locale.ROOT, " %8.4f", recall(k)) : "");
    }
    return table.toString();
  }
}
