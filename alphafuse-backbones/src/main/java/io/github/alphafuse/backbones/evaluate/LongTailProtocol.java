package io.github.alphafuse.backbones.evaluate;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.LeaveOneOutSplit;
import io.github.alphafuse.backbones.data.SplitStrategy;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * The long-tail protocol of LLM-ESR: leave-one-out, ranking against 100 sampled items, and groups
 * of head and tail users and items by the thresholds of its data sets.
 *
 * <p>Head users have at least a given history length, head items at least a given number of
 * interactions. As in the public implementation, all interactions count, including those held out.
 *
 * <p>See: Liu et al., "LLM-ESR: Large Language Models Enhancement for Long-tailed Sequential
 * Recommendation", NeurIPS 2024.
 */
public enum LongTailProtocol {
  /** Yelp: head users from 12, head items from 13. */
  YELP(12, 13),
  /** Amazon Fashion: head users from 3, head items from 4. */
  FASHION(3, 4),
  /** Amazon Beauty: head users from 9, head items from 4. */
  BEAUTY(9, 4);

  /** The number of sampled items that a target is ranked against. */
  public static final int NEGATIVES = 100;

  private final int userThreshold;
  private final int itemThreshold;

  LongTailProtocol(int userThreshold, int itemThreshold) {
    this.userThreshold = userThreshold;
    this.itemThreshold = itemThreshold;
  }

  /**
   * The least history length of a head user.
   *
   * @return at least 1
   */
  public int userThreshold() {
    return userThreshold;
  }

  /**
   * The least number of interactions of a head item.
   *
   * @return at least 1
   */
  public int itemThreshold() {
    return itemThreshold;
  }

  /**
   * How sequences are split.
   *
   * @return leave-one-out
   */
  public SplitStrategy split() {
    return LeaveOneOutSplit.create();
  }

  /**
   * Head and tail users and items.
   *
   * @param split the data, split by {@link #split()}, histories not truncated
   * @return the groups, for any evaluator
   */
  public Groups groups(DatasetSplit split) {
    return Groups.byHistoryLength()
        .threshold(userThreshold)
        .and(Groups.byItemPopularity(interactions(split)).threshold(itemThreshold));
  }

  /** The number of interactions of each item. A test example holds all interactions of its user. */
  private static long[] interactions(DatasetSplit split) {
    long[] counts = split.test().itemFrequencies();
    Set<String> tested = Set.copyOf(split.test().users());
    Examples train = split.train();
    for (int i = 0; i < train.size(); i++) {
      if (!tested.contains(train.user(i))) {
        Arrays.stream(train.history(i)).forEach(item -> counts[item]++);
        counts[train.target(i)]++;
      }
    }
    return counts;
  }

  /**
   * The evaluator of the protocol. {@code Evaluator.fullRanking().groups(protocol.groups(split))}
   * reports the same groups over the full ranking.
   *
   * @param split the data, split by {@link #split()}, histories not truncated
   * @return an evaluator against {@link #NEGATIVES} sampled items, with the groups
   */
  public Evaluator evaluator(DatasetSplit split) {
    return Evaluator.sampledRanking(NEGATIVES).groups(groups(split));
  }

  /**
   * The name.
   *
   * @return in lower case
   */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
