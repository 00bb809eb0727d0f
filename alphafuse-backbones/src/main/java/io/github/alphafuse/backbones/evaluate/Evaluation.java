package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Maps;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import io.github.alphafuse.backbones.data.Examples;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The quality of a ranking: the ranks of the relevant items, and metrics over them, of all examples
 * and of groups of examples.
 *
 * <p>A group may have no examples. It then has a size of 0 and no metrics, so {@link #toMap()} is
 * empty. Ranks among sampled or unseen items are not comparable with ranks among all items. The
 * names of their metrics therefore start with {@code sampled} and the number of negatives, or with
 * {@code unseen}. Immutable and thread-safe.
 */
public final class Evaluation {
  private final ImmutableList<ImmutableIntArray> ranks;
  private final ImmutableSortedSet<Integer> cutoffs;
  private final Ranking ranking;
  private final ImmutableMap<String, Evaluation> groups;

  /** The number of sampled items, 0 for all, and whether seen items were left out. */
  private record Ranking(int negatives, boolean unseen) {
    private static final Ranking OF_ALL = new Ranking(0, false);
  }

  private Evaluation(
      ImmutableList<ImmutableIntArray> ranks,
      ImmutableSortedSet<Integer> cutoffs,
      Ranking ranking,
      ImmutableMap<String, Evaluation> groups) {
    this.ranks = ranks;
    this.cutoffs = cutoffs;
    this.ranking = ranking;
    this.groups = groups;
  }

  private static Evaluation ofAll(ImmutableList<ImmutableIntArray> ranks, int[] cutoffs) {
    checkArgument(!ranks.isEmpty(), "an evaluation needs at least one rank");
    checkArgument(cutoffs.length > 0, "an evaluation needs at least one cut-off");
    for (int cutoff : cutoffs) {
      checkArgument(cutoff >= 1, "cut-off must be at least 1, found %s", cutoff);
    }
    return new Evaluation(
        ranks, ImmutableSortedSet.copyOf(Ints.asList(cutoffs)), Ranking.OF_ALL, ImmutableMap.of());
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
    return ofAll(single.build(), cutoffs);
  }

  /**
   * An evaluation of some examples with one or more relevant items each.
   *
   * @param ranks the ranks of each example's relevant items, from 1, at least one each and no two
   *     the same; at least one example
   * @param cutoffs the cut-offs that are printed and listed, each at least 1; at least one
   * @return the evaluation
   * @throws IllegalArgumentException if something is empty, a number is below 1 or a rank occurs
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
    return ofAll(several.build(), cutoffs);
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
    for (int i = 0; i < ranks.size() && count > 0; i++) {
      for (int rank : ranks.get(i).toArray()) {
        checkArgument(
            rank <= count + 1,
            "ranks[%s] must be at most %s among %s sampled items, found %s",
            i,
            count + 1,
            count,
            rank);
      }
    }
    return new Evaluation(
        ranks,
        cutoffs,
        new Ranking(count, ranking.unseen),
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
    return new Evaluation(ranks, cutoffs, ranking, named.buildOrThrow());
  }

  private Evaluation part(IntPredicate examples) {
    ImmutableList<ImmutableIntArray> its =
        IntStream.range(0, size())
            .filter(examples)
            .mapToObj(ranks::get)
            .collect(ImmutableList.toImmutableList());
    return new Evaluation(its, cutoffs, ranking, ImmutableMap.of());
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
   * The recall at k.
   *
   * @param k the cut-off
   * @return the mean share of the relevant items that rank within k
   * @throws IllegalStateException if this is a group without examples
   */
  public double recall(int k) {
    return value(Metric.recall(k));
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
    return ranks.size();
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
    return ranking.negatives;
  }

  /**
   * The ranked items in words.
   *
   * @return {@code all items}, {@code unseen items}, or for example {@code sampled 100}
   */
  public String protocol() {
    if (ranking.negatives > 0) {
      return "sampled " + ranking.negatives;
    }
    return ranking.unseen ? "unseen items" : "all items";
  }

  /**
   * Whether items of a history were left out of its ranking.
   *
   * @return true if they were
   */
  public boolean isUnseen() {
    return ranking.unseen;
  }

  /**
   * The prefix of the names of metrics, which names the ranked items.
   *
   * @return nothing for all items, else for example {@code unseen } or {@code sampled 100 }
   */
  public String prefix() {
    if (ranking.negatives > 0) {
      return protocol() + " ";
    }
    return ranking.unseen ? "unseen " : "";
  }

  /**
   * The same ranks as ranks among the items that a history does not hold.
   *
   * @return the evaluation, its groups included
   */
  public Evaluation amongUnseen() {
    return new Evaluation(
        ranks,
        cutoffs,
        new Ranking(ranking.negatives, true),
        ImmutableMap.copyOf(Maps.transformValues(groups, Evaluation::amongUnseen)));
  }

  /**
   * The groups of the examples, including those without examples.
   *
   * @return evaluations by the name of the group in the order of {@link Groups#names()}; empty if
   *     the evaluator has no groups
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
   * The ranks of the relevant items, in the order of the examples and ascending for each example.
   *
   * @return ranks from 1, a copy
   */
  public int[] ranks() {
    return ranks.stream().flatMapToInt(ImmutableIntArray::stream).toArray();
  }

  /**
   * The number of relevant items of each example.
   *
   * @return one number per example, each at least 1
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
   * @return means by name, for example {@code HR@10}, {@code unseen HR@10} among unseen items or
   *     {@code sampled 100 HR@10} among sampled ones: HR, NDCG and MRR, and Recall if an example
   *     has several relevant items; empty for a group without examples
   */
  public ImmutableMap<String, Double> toMap() {
    if (isEmpty()) {
      return ImmutableMap.of();
    }
    String prefix = prefix();
    ImmutableMap.Builder<String, Double> values = ImmutableMap.builder();
    for (Metric.Kind kind : Metric.Kind.values()) {
      if (kind == Metric.Kind.RECALL && !hasSeveral()) {
        continue;
      }
      for (int cutoff : cutoffs) {
        Metric metric = new Metric(kind, cutoff);
        values.put(prefix + metric, value(metric));
      }
    }
    return values.buildOrThrow();
  }

  /**
   * The metrics as a table with one line per cut-off, followed by those of the groups.
   *
   * @return some lines of text
   */
  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    if (!prefix().isEmpty()) {
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
    table.append(hasSeveral() ? String.format(Locale.ROOT, " %8s", "Recall") : "");
    for (int k : cutoffs) {
      table.append(
          String.format(Locale.ROOT, "%n%6d %8.4f %8.4f %8.4f", k, hitRate(k), ndcg(k), mrr(k)));
      table.append(hasSeveral() ? String.format(Locale.ROOT, " %8.4f", recall(k)) : "");
    }
  }
}
