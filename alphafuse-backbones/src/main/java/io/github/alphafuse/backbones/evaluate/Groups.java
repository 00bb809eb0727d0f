package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.backbones.data.Examples;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * Ways to divide the examples of an evaluation into two groups, for which metrics are reported too:
 * head and tail items, head and tail users, cold-start users and items.
 *
 * <p>Every way puts an example into exactly one of its two groups. {@link #and(Groups)} combines
 * several ways. Immutable and thread-safe.
 *
 * <p>See: Liu et al., "LLM-ESR: Large Language Models Enhancement for Long-tailed Sequential
 * Recommendation", NeurIPS 2024, on head and tail users and items.
 */
public final class Groups {
  private static final Groups NONE = new Groups(ImmutableList.of());

  private final ImmutableList<Division> divisions;

  private Groups(ImmutableList<Division> divisions) {
    this.divisions = divisions;
  }

  /**
   * A way to divide examples into two groups.
   *
   * @param inside the name of the examples that pass the test
   * @param outside the name of the others
   * @param test returns, for some examples, the test of one of them by its index
   */
  record Division(String inside, String outside, Function<Examples, IntPredicate> test) {}

  /**
   * No groups.
   *
   * @return the groups
   */
  public static Groups none() {
    return NONE;
  }

  /**
   * Head and tail items: examples by the number of interactions with their target in training.
   *
   * @param training the training examples; histories and targets count, as in {@link
   *     Examples#itemFrequencies()}
   * @return the measure, to be cut into {@code head items} and {@code tail items}
   */
  public static Measure byItemPopularity(Examples training) {
    return byItemPopularity(training.itemFrequencies());
  }

  /**
   * Head and tail items: examples by the number of interactions with their target.
   *
   * @param counts [N] the number of interactions of every item, none negative; copied
   * @return the measure, to be cut into {@code head items} and {@code tail items}
   * @throws IllegalArgumentException if there are no items or a count is negative
   */
  public static Measure byItemPopularity(long... counts) {
    checkArgument(counts.length > 0, "counts must hold at least one item, found none");
    for (int item = 0; item < counts.length; item++) {
      checkArgument(
          counts[item] >= 0, "counts[%s] must be 0 or more, found %s", item, counts[item]);
    }
    return new PopularityMeasure(counts.clone());
  }

  /**
   * Head and tail users: examples by the length of their history in the evaluated examples.
   *
   * @return the measure, to be cut into {@code head users} and {@code tail users}
   */
  public static Measure byHistoryLength() {
    return new LengthMeasure();
  }

  /**
   * Cold-start users, who do not occur in training, and warm users. Users are the same if their
   * keys are the same. The lines of split files have keys of their own, so all their users count as
   * cold.
   *
   * @param training the training examples
   * @return {@code cold-start users} and {@code warm users}
   */
  public static Groups coldStartUsers(Examples training) {
    ImmutableSet<String> known = ImmutableSet.copyOf(training.users());
    return new Groups(
        ImmutableList.of(
            new Division(
                "cold-start users",
                "warm users",
                examples -> example -> !known.contains(examples.user(example)))));
  }

  /**
   * Cold-start items, never interacted with in training, and warm items: examples by their target.
   *
   * @param training the training examples; histories and targets count
   * @return {@code cold-start items} and {@code warm items}
   */
  public static Groups coldStartItems(Examples training) {
    long[] counts = training.itemFrequencies();
    return new Groups(
        ImmutableList.of(
            new Division(
                "cold-start items",
                "warm items",
                examples -> {
                  checkItemCount(counts.length, examples);
                  return example -> counts[examples.target(example)] == 0;
                })));
  }

  /**
   * These groups and other ones.
   *
   * @param others the others, of other names
   * @return all of them, these first
   * @throws IllegalArgumentException if a name is in both
   */
  public Groups and(Groups others) {
    for (String name : others.names()) {
      checkArgument(
          !names().contains(name), "expected groups of different names, found %s twice", name);
    }
    return new Groups(
        ImmutableList.<Division>builder().addAll(divisions).addAll(others.divisions).build());
  }

  /**
   * The names of the groups.
   *
   * @return two for each way of dividing, in the order of the ways
   */
  public ImmutableList<String> names() {
    ImmutableList.Builder<String> names = ImmutableList.builder();
    for (Division division : divisions) {
      names.add(division.inside()).add(division.outside());
    }
    return names.build();
  }

  ImmutableList<Division> divisions() {
    return divisions;
  }

  private static void checkItemCount(int counted, Examples examples) {
    checkArgument(
        counted == examples.itemCount(),
        "groups are of a catalogue of %s items, found examples over %s items",
        counted,
        examples.itemCount());
  }

  /**
   * The names.
   *
   * @return for example {@code Groups[head items, tail items]}
   */
  @Override
  public String toString() {
    return "Groups[" + String.join(", ", names()) + "]";
  }

  /** A number for every example, that is cut into head and tail. Immutable and thread-safe. */
  public abstract static sealed class Measure {
    private final String members;

    private Measure(String members) {
      this.members = members;
    }

    /** The numbers whose share is taken. */
    abstract long[] population(Examples examples);

    /** The number of one example. */
    abstract long of(Examples examples, int example);

    /**
     * A cut at a number. Those with that number or more are the head.
     *
     * @param least the least number of the head, at least 1
     * @return the head and the tail
     * @throws IllegalArgumentException if the number is less than 1
     */
    public Groups threshold(long least) {
      checkArgument(least >= 1, "threshold must be at least 1, found %s", least);
      return groups(examples -> least);
    }

    /**
     * A cut at a quantile. The share with the largest numbers is the head. For items it is a share
     * of the catalogue, for users a share of the evaluated examples. Equal numbers stay together,
     * so the head may be smaller than the share. It is larger only if more than the share have the
     * largest number.
     *
     * @param share the share of the head, in (0, 1), such as 0.2
     * @return the head and the tail
     * @throws IllegalArgumentException if the share is out of range
     */
    public Groups headShare(double share) {
      checkArgument(share > 0 && share < 1, "headShare must lie in (0, 1), found %s", share);
      return groups(examples -> leastOf(population(examples), share));
    }

    private static long leastOf(long[] population, double share) {
      long[] sorted = population.clone();
      Arrays.sort(sorted);
      int size = sorted.length;
      int head = (int) Math.floor(size * share + 1e-9);
      // If the largest number outside the share also occurs inside, the head begins above it.
      long outside = sorted[size - head - 1];
      int from = size - head;
      while (from < size && sorted[from] == outside) {
        from++;
      }
      return from < size ? sorted[from] : outside;
    }

    private Groups groups(Function<Examples, Long> leastOfHead) {
      return new Groups(
          ImmutableList.of(
              new Division(
                  "head " + members,
                  "tail " + members,
                  examples -> {
                    long least = leastOfHead.apply(examples);
                    population(examples);
                    return example -> of(examples, example) >= least;
                  })));
    }
  }

  private static final class PopularityMeasure extends Measure {
    private final long[] counts;

    PopularityMeasure(long[] counts) {
      super("items");
      this.counts = counts;
    }

    @Override
    long[] population(Examples examples) {
      checkItemCount(counts.length, examples);
      return counts;
    }

    @Override
    long of(Examples examples, int example) {
      return counts[examples.target(example)];
    }
  }

  private static final class LengthMeasure extends Measure {
    LengthMeasure() {
      super("users");
    }

    @Override
    long[] population(Examples examples) {
      long[] lengths = new long[examples.size()];
      Arrays.setAll(lengths, examples::historyLength);
      return lengths;
    }

    @Override
    long of(Examples examples, int example) {
      return examples.historyLength(example);
    }
  }
}
