package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Maps;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import io.github.alphafuse.backbones.data.Examples;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * How well items were ranked: the ranks of the relevant items, and metrics over them, of all
 * examples and of groups of them.
 *
 * <p>A group may have no examples. It then has a size of 0 and no metrics: {@link #toMap()} is
 * empty. Ranks among sampled items are not comparable with ranks among all; their metrics carry
 * {@code sampled} and the number of negatives in every name that is printed. Immutable and
 * thread-safe.
 */
public final class Evaluation {
  private final ImmutableIntArray ranks;
  private final ImmutableSortedSet<Integer> cutoffs;
  private final int negatives;
  private final ImmutableMap<String, Evaluation> groups;

  private Evaluation(
      ImmutableIntArray ranks,
      ImmutableSortedSet<Integer> cutoffs,
      int negatives,
      ImmutableMap<String, Evaluation> groups) {
    this.ranks = ranks;
    this.cutoffs = cutoffs;
    this.negatives = negatives;
    this.groups = groups;
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
        ImmutableIntArray.copyOf(ranks),
        ImmutableSortedSet.copyOf(Ints.asList(cutoffs)),
        0,
        ImmutableMap.of());
  }

  /**
   * The same ranks as ranks among sampled items.
   *
   * @param count the number of sampled items that each target was ranked against; 0 for all items
   * @return the evaluation, its groups included
   * @throws IllegalArgumentException if the count is negative or a rank is above count + 1
   */
  public Evaluation amongSampled(int count) {
    checkArgument(count >= 0, "the number of sampled items must be 0 or more, found %s", count);
    for (int i = 0; i < ranks.length() && count > 0; i++) {
      checkArgument(
          ranks.get(i) <= count + 1,
          "ranks[%s] must be at most %s among %s sampled items, found %s",
          i,
          count + 1,
          count,
          ranks.get(i));
    }
    return new Evaluation(
        ranks,
        cutoffs,
        count,
        ImmutableMap.copyOf(Maps.transformValues(groups, group -> group.amongSampled(count))));
  }

  /** The same ranks with groups of the examples that were ranked. */
  Evaluation withGroups(Groups ways, Examples examples) {
    ImmutableMap.Builder<String, Evaluation> named = ImmutableMap.builder();
    for (Groups.Division division : ways.divisions()) {
      IntPredicate inside = division.test().apply(examples);
      named.put(division.inside(), part(inside));
      named.put(division.outside(), part(inside.negate()));
    }
    return new Evaluation(ranks, cutoffs, negatives, named.buildOrThrow());
  }

  private Evaluation part(IntPredicate examples) {
    int[] its = IntStream.range(0, size()).filter(examples).map(ranks::get).toArray();
    return new Evaluation(ImmutableIntArray.copyOf(its), cutoffs, negatives, ImmutableMap.of());
  }

  /**
   * The mean of a metric over all examples.
   *
   * @param metric the metric, at any cut-off
   * @return its mean, in [0, 1]
   * @throws IllegalStateException if this is a group without examples
   */
  public double value(Metric metric) {
    checkState(!isEmpty(), "the group has no examples, so no %s", metric);
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
   * @throws IllegalStateException if this is a group without examples
   */
  public double hitRate(int k) {
    return value(Metric.hitRate(k));
  }

  /**
   * The normalised discounted cumulative gain at k.
   *
   * @param k the cut-off
   * @return the mean of 1 / log2(rank + 1) within k
   * @throws IllegalStateException if this is a group without examples
   */
  public double ndcg(int k) {
    return value(Metric.ndcg(k));
  }

  /**
   * The mean reciprocal rank at k.
   *
   * @param k the cut-off
   * @return the mean of 1 / rank within k
   * @throws IllegalStateException if this is a group without examples
   */
  public double mrr(int k) {
    return value(Metric.mrr(k));
  }

  /**
   * The number of examples.
   *
   * @return at least 1; 0 for a group without examples
   */
  public int size() {
    return ranks.length();
  }

  /**
   * Whether this is a group without examples.
   *
   * @return true if the size is 0
   */
  public boolean isEmpty() {
    return ranks.isEmpty();
  }

  /**
   * The number of sampled items that each target was ranked against.
   *
   * @return at least 1, or 0 if all items were ranked
   */
  public int negatives() {
    return negatives;
  }

  /**
   * What was ranked, in words.
   *
   * @return {@code all items}, or for example {@code sampled 100}
   */
  public String protocol() {
    return negatives == 0 ? "all items" : "sampled " + negatives;
  }

  /**
   * The groups of the examples, those without examples too.
   *
   * @return evaluations by the name of the group in the order of {@link Groups#names()}; empty
   *     unless the evaluator was given groups
   */
  public ImmutableMap<String, Evaluation> groups() {
    return groups;
  }

  /**
   * One group of the examples.
   *
   * @param name its name, for example {@code tail items}
   * @return its evaluation, possibly without examples
   * @throws IllegalArgumentException if there is no such group
   */
  public Evaluation group(String name) {
    Evaluation group = groups.get(name);
    checkArgument(
        group != null,
        "expected one of the groups %s, found \"%s\"",
        String.join(", ", groups.keySet()),
        name);
    return group;
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
   * @return means by name, HR before NDCG before MRR, for example {@code HR@10}, or {@code sampled
   *     100 HR@10} among sampled items; nothing for a group without examples
   */
  public ImmutableMap<String, Double> toMap() {
    if (isEmpty()) {
      return ImmutableMap.of();
    }
    String prefix = negatives == 0 ? "" : protocol() + " ";
    ImmutableMap.Builder<String, Double> values = ImmutableMap.builder();
    for (Metric.Kind kind : Metric.Kind.values()) {
      for (int cutoff : cutoffs) {
        Metric metric = new Metric(kind, cutoff);
        values.put(prefix + metric, value(metric));
      }
    }
    return values.buildOrThrow();
  }

  /**
   * The metrics as a table, a line a cut-off; behind them those of the groups.
   *
   * @return some lines of text
   */
  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    if (negatives > 0) {
      table.append(String.format(Locale.ROOT, "%s:%n", protocol()));
    }
    appendTo(table);
    groups.forEach(
        (name, group) -> {
          table.append(String.format(Locale.ROOT, "%n%s, %d examples", name, group.size()));
          if (!group.isEmpty()) {
            table.append(String.format(Locale.ROOT, ":%n"));
            group.appendTo(table);
          }
        });
    return table.toString();
  }

  private void appendTo(StringBuilder table) {
    table.append(String.format(Locale.ROOT, "%6s %8s %8s %8s", "k", "HR", "NDCG", "MRR"));
    for (int k : cutoffs) {
      table.append(
          String.format(Locale.ROOT, "%n%6d %8.4f %8.4f %8.4f", k, hitRate(k), ndcg(k), mrr(k)));
    }
  }
}
