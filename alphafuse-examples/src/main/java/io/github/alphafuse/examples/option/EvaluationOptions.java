package io.github.alphafuse.examples.option;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.Groups;
import io.github.alphafuse.backbones.evaluate.LongTailProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for reports on the test examples besides the full ranking. */
@Heading("Reports on the test examples")
public final class EvaluationOptions {
  /** The flags, one name per option. */
  public static final ImmutableList<String> FLAGS =
      ImmutableList.of("--groups", "--sampled_negatives", "--sampled_seed", "--long_tail");

  @Option(
      names = "--groups",
      split = ",",
      paramLabel = "GROUPS",
      converter = GroupChoice.Converter.class,
      description =
          "Also report on these groups of the test examples, separated by commas: users:9"
              + " (head users have a history of at least 9), users:20%% (the fifth with the"
              + " longest), items:4 (head items have at least 4 interactions in training),"
              + " items:20%%, cold-users, cold-items.")
  private List<GroupChoice> groups = new ArrayList<>();

  @Option(
      names = {"--sampled_negatives", "--sampled-negatives"},
      paramLabel = "K",
      converter = Numbers.Count.class,
      description =
          "Also rank each test target against K sampled items that the user did not interact with.")
  private @Nullable Integer negatives;

  @Option(
      names = {"--sampled_seed", "--sampled-seed"},
      paramLabel = "N",
      description = "Seed of the sampled items (default: 0).")
  private @Nullable Long seed;

  @Option(
      names = {"--long_tail", "--long-tail"},
      paramLabel = "NAME",
      description =
          "The long-tail protocol of LLM-ESR for yelp, fashion or beauty: --split"
              + " leave-one-out, --sampled_negatives 100, and groups of head and tail users"
              + " and items by its thresholds.")
  private @Nullable LongTailProtocol longTail;

  /** Creates the options with their defaults. */
  public EvaluationOptions() {}

  /**
   * Checks that each option has an effect.
   *
   * @throws IdleOptionException if a seed is given and nothing is sampled
   */
  public void check() {
    if (seed != null && negatives() == 0) {
      throw new IdleOptionException(
          "--sampled_seed has no effect without --sampled_negatives K: no items are sampled");
    }
  }

  /**
   * Sets the split of the long-tail protocol, if one is chosen and no split is given.
   *
   * @param data the data
   * @throws IdleOptionException if a seed is given and nothing is sampled
   */
  public void applyTo(DataOptions data) {
    check();
    if (longTail != null) {
      data.splitUnlessGiven(SplitType.LEAVE_ONE_OUT);
    }
  }

  /**
   * Whether {@link #applyTo} would set the split of the data.
   *
   * @param data the data
   * @return true if the long-tail protocol is chosen and no split is given
   */
  public boolean choosesSplitOf(DataOptions data) {
    return longTail != null && data.split == null;
  }

  /** Divides users and items into a head of one fifth and the rest, unless groups are given. */
  public void groupsUnlessGiven() {
    if (groups.isEmpty() && longTail == null) {
      groups.add(new GroupChoice(GroupChoice.Kind.USERS_BY_SHARE, 0.2));
      groups.add(new GroupChoice(GroupChoice.Kind.ITEMS_BY_SHARE, 0.2));
    }
  }

  /**
   * Returns the given full ranking, the same with seen items treated the other way, and the ranking
   * among sampled items if that is requested.
   *
   * @param fullRanking the full ranking
   * @param split the data
   * @return the evaluators, at least two
   */
  public List<Evaluator> evaluators(Evaluator fullRanking, DatasetSplit split) {
    Groups all = longTail == null ? Groups.none() : longTail.groups(split);
    for (GroupChoice choice : groups) {
      all = all.and(choice.groups(split));
    }
    List<Evaluator> evaluators = new ArrayList<>();
    evaluators.add(fullRanking.groups(all));
    evaluators.add(fullRanking.maskSeen(!fullRanking.masksSeen()).groups(all));
    int sampled = negatives();
    if (sampled > 0) {
      evaluators.add(Evaluator.sampledRanking(sampled).seed(seed()).groups(all));
    }
    return evaluators;
  }

  private long seed() {
    return seed == null ? 0 : seed;
  }

  private int negatives() {
    if (negatives != null) {
      return negatives;
    }
    return longTail == null ? 0 : LongTailProtocol.NEGATIVES;
  }

  /**
   * Adds the value of every option, under the name of its flag.
   *
   * @param settings the map to add to
   */
  public void describe(Map<String, Object> settings) {
    settings.put("groups", groups.stream().map(GroupChoice::toString).toList());
    settings.put("sampled_negatives", negatives());
    settings.put("sampled_seed", seed());
    settings.put("long_tail", longTail == null ? "" : longTail.toString());
  }
}
