package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Maps;
import com.google.common.collect.Sets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The interaction sequences of all users over one item catalogue.
 *
 * <p>Every item is a row of the vocabulary and every user has one sequence. Immutable and
 * thread-safe.
 */
public final class SequenceDataset {
  /** The most times that are sorted to find the newest interactions. */
  private static final int RECENT_SAMPLE = 1_000_000;

  private final ItemVocabulary vocabulary;
  private final ImmutableList<UserSequence> sequences;
  private final SkippedItems skipped;
  private final ImmutableList<Dropped> dropped;
  private final ImmutableList<String> preparation;
  private final ImmutableList<String> remarks;
  private final long interactionCount;

  private SequenceDataset(
      ItemVocabulary vocabulary,
      ImmutableList<UserSequence> sequences,
      SkippedItems skipped,
      ImmutableList<Dropped> dropped,
      ImmutableList<String> preparation,
      ImmutableList<String> remarks) {
    this.vocabulary = vocabulary;
    this.preparation = preparation;
    this.sequences = sequences;
    this.skipped = skipped;
    this.dropped = dropped;
    this.remarks = remarks;
    long interactions = 0;
    for (UserSequence sequence : sequences) {
      interactions += sequence.length();
    }
    this.interactionCount = interactions;
  }

  /**
   * The dataset of some sequences.
   *
   * @param vocabulary the items
   * @param sequences one sequence per user, whose items are rows of the vocabulary; the order is
   *     kept
   * @return the dataset
   * @throws IllegalArgumentException if an item is outside the catalogue or a user has two
   *     sequences
   */
  public static SequenceDataset of(ItemVocabulary vocabulary, Collection<UserSequence> sequences) {
    Map<String, Integer> seen = Maps.newHashMapWithExpectedSize(sequences.size());
    int index = 0;
    for (UserSequence sequence : sequences) {
      Integer first = seen.putIfAbsent(sequence.user(), index);
      checkArgument(
          first == null,
          "expected one sequence per user, found user \"%s\" in sequences %s and %s",
          sequence.user(),
          first,
          index);
      for (int item : sequence.itemsShared()) {
        checkArgument(
            item < vocabulary.size(),
            "sequence %s (user \"%s\"): item %s is outside the catalogue of %s items",
            index,
            sequence.user(),
            item,
            vocabulary.size());
      }
      index++;
    }
    return new SequenceDataset(
        vocabulary,
        ImmutableList.copyOf(sequences),
        SkippedItems.NONE,
        ImmutableList.of(),
        ImmutableList.of(),
        ImmutableList.of());
  }

  /** The dataset of a reader, which has checked that users differ and items are known. */
  static SequenceDataset ofChecked(
      ItemVocabulary vocabulary,
      ImmutableList<UserSequence> sequences,
      SkippedItems skipped,
      ImmutableList<Dropped> dropped,
      ImmutableList<String> remarks) {
    return new SequenceDataset(
        vocabulary, sequences, skipped, dropped, ImmutableList.of(), remarks);
  }

  /**
   * The number of users.
   *
   * @return the number of sequences
   */
  public int size() {
    return sequences.size();
  }

  /**
   * The sequences.
   *
   * @return one per user, in the given order
   */
  public ImmutableList<UserSequence> sequences() {
    return sequences;
  }

  /**
   * The items.
   *
   * @return the vocabulary that the rows belong to
   */
  public ItemVocabulary vocabulary() {
    return vocabulary;
  }

  /**
   * The number of items in the catalogue, with interactions or without.
   *
   * @return N, at least 1
   */
  public int itemCount() {
    return vocabulary.size();
  }

  /**
   * The number of interactions of all users.
   *
   * @return the sum of the sequences' lengths
   */
  public long interactionCount() {
    return interactionCount;
  }

  /**
   * Truncates every sequence to its newest items. The cold-start protocol of the AlphaFuse paper
   * keeps the last 11: ten of history and the target.
   *
   * @param n the largest number of items to keep, at least 1
   * @return the truncated dataset
   * @throws IllegalArgumentException if n is less than 1
   */
  public SequenceDataset lastItems(int n) {
    checkArgument(n >= 1, "lastItems must be at least 1, found %s", n);
    return new SequenceDataset(
        vocabulary,
        sequences.stream()
            .map(sequence -> sequence.lastItems(n))
            .collect(ImmutableList.toImmutableList()),
        skipped,
        dropped,
        after("lastItems " + n),
        remarks);
  }

  /** The steps of this dataset and one more. */
  private ImmutableList<String> after(String step) {
    return ImmutableList.<String>builder().addAll(preparation).add(step).build();
  }

  /** The same dataset whose reader did something before. */
  SequenceDataset prepared(String step) {
    return new SequenceDataset(vocabulary, sequences, skipped, dropped, after(step), remarks);
  }

  /**
   * Leaves out repeated interactions of a user with an item. The oldest is kept.
   *
   * @return the dataset, with the interactions that were left out in {@link #dropped()}
   */
  public SequenceDataset distinct() {
    Dropped.Counter repeated = new Dropped.Counter(DropReason.REPEATED);
    ImmutableList.Builder<UserSequence> kept =
        ImmutableList.builderWithExpectedSize(sequences.size());
    for (UserSequence sequence : sequences) {
      kept.add(distinct(sequence, repeated));
    }
    return filtered("distinct", kept.build(), repeated);
  }

  private UserSequence distinct(UserSequence sequence, Dropped.Counter repeated) {
    Set<Integer> seen = Sets.newHashSetWithExpectedSize(sequence.length());
    BitSet first = new BitSet(sequence.length());
    for (int i = 0; i < sequence.length(); i++) {
      if (seen.add(sequence.item(i))) {
        first.set(i);
      } else {
        if (repeated.wantsExample()) {
          repeated.example(
              "item " + vocabulary.id(sequence.item(i)) + " of user " + sequence.user());
        }
        repeated.add(1);
      }
    }
    return seen.size() == sequence.length() ? sequence : sequence.at(first.stream());
  }

  /**
   * Leaves out users and items with fewer than k interactions, repeatedly until all have at least
   * k: the k-core of the graph of users and items. Repeated interactions count, unless {@link
   * #distinct()} is applied before. The catalogue does not change. Items that are left out become
   * items without interactions, which {@link #usedItems()} removes.
   *
   * @param k the least number of interactions, at least 1
   * @return the dataset, with the users and items that were left out in {@link #dropped()}
   * @throws IllegalArgumentException if k is less than 1 or nothing is left
   */
  public SequenceDataset kCore(int k) {
    return kCore(k, k);
  }

  /**
   * As {@link #kCore(int)}, with separate least numbers for users and items.
   *
   * @param users the least number of a user's interactions, at least 1
   * @param items the least number of an item's interactions, at least 1
   * @return the dataset, with the users and items that were left out in {@link #dropped()}
   * @throws IllegalArgumentException if a number is less than 1 or nothing is left
   */
  public SequenceDataset kCore(int users, int items) {
    checkArgument(users >= 1, "kCore: users must be at least 1, found %s", users);
    checkArgument(items >= 1, "kCore: items must be at least 1, found %s", items);
    CoreFilter filter = new CoreFilter(this, users, items);
    ImmutableList<UserSequence> kept = filter.filter();
    checkArgument(
        !kept.isEmpty(),
        "kCore: expected users with %s and items with %s interactions or more, found none left of"
            + " %s users and %s interactions",
        users,
        items,
        size(),
        interactionCount);
    return filtered(
        "kCore " + (users == items ? users : users + " of users, " + items + " of items"),
        kept,
        filter.rareUsers(),
        filter.rareItems());
  }

  /**
   * Leaves items without interactions out of the catalogue. The other rows move up. Select the same
   * rows of the language embeddings: row i of the result is row {@code
   * vocabulary().row(result.vocabulary().id(i))} of this dataset.
   *
   * @return the dataset over the used items, whose ids are those of this vocabulary
   */
  public SequenceDataset usedItems() {
    long[] frequencies = itemFrequencies();
    int[] newRows = new int[frequencies.length];
    List<String> ids = new ArrayList<>();
    for (int row = 0; row < frequencies.length; row++) {
      newRows[row] = ids.size();
      if (frequencies[row] > 0) {
        ids.add(vocabulary.id(row));
      }
    }
    if (ids.size() == frequencies.length) {
      return this;
    }
    return new SequenceDataset(
        ItemVocabulary.of(ids),
        sequences.stream()
            .map(sequence -> sequence.withRows(row -> newRows[row]))
            .collect(ImmutableList.toImmutableList()),
        skipped,
        dropped,
        after("usedItems"),
        remarks);
  }

  private SequenceDataset filtered(
      String step, ImmutableList<UserSequence> kept, Dropped.Counter... counters) {
    ImmutableList.Builder<Dropped> all = ImmutableList.builder();
    all.addAll(dropped);
    for (Dropped.Counter counter : counters) {
      counter.appendTo(all);
    }
    return new SequenceDataset(vocabulary, kept, skipped, all.build(), after(step), remarks);
  }

  /**
   * The data that was left out between the file and this dataset, except unknown items, which are
   * part of {@link #coverage()}.
   *
   * @return counts and examples for every reason in the order of the steps; empty if all was kept
   */
  public ImmutableList<Dropped> dropped() {
    return dropped;
  }

  /**
   * How the data were filtered since they were read.
   *
   * @return the steps in their order, for example {@code distinct, kCore 5}
   */
  public ImmutableList<String> preparation() {
    return preparation;
  }

  /**
   * What the reader of the data took for granted, and a user of them should know.
   *
   * @return sentences, for example that there are no times and the order of the file is taken
   */
  public ImmutableList<String> remarks() {
    return remarks;
  }

  /**
   * How often every item was interacted with.
   *
   * @return N counts in row order
   */
  public long[] itemFrequencies() {
    long[] frequencies = new long[itemCount()];
    for (UserSequence sequence : sequences) {
      for (int item : sequence.itemsShared()) {
        frequencies[item]++;
      }
    }
    return frequencies;
  }

  /**
   * How often every item occurs in the newest tenth of the interactions by time.
   *
   * @return N counts in row order; empty if the sequences have no times
   */
  Optional<long[]> recentFrequencies() {
    if (!sequences.stream().allMatch(UserSequence::hasTimes)) {
      return Optional.empty();
    }
    double from = recentFrom();
    long[] frequencies = new long[itemCount()];
    for (UserSequence sequence : sequences) {
      for (int at = sequence.length() - 1; at >= 0 && sequence.time(at) >= from; at--) {
        frequencies[sequence.item(at)]++;
      }
    }
    return Optional.of(frequencies);
  }

  /** The time from which a tenth of the interactions are, estimated from a part of many. */
  private double recentFrom() {
    long all = interactionCount();
    long stride = all / RECENT_SAMPLE + 1;
    double[] times = new double[Math.toIntExact((all + stride - 1) / stride)];
    long next = 0;
    int taken = 0;
    for (UserSequence sequence : sequences) {
      for (int at = 0; at < sequence.length(); at++) {
        if (next++ % stride == 0) {
          times[taken++] = sequence.time(at);
        }
      }
    }
    Arrays.sort(times);
    return times[(int) (times.length * 0.9)];
  }

  /**
   * The items known to only one side: in the vocabulary but never interacted with, or interacted
   * with but not in the vocabulary.
   *
   * @return counts and examples, from one pass over the interactions
   */
  public ItemCoverage coverage() {
    return ItemCoverage.of(vocabulary, itemFrequencies(), skipped);
  }

  /** The items that a reader left out of this dataset. */
  SkippedItems skipped() {
    return skipped;
  }

  /**
   * The size of the dataset and the spread of the sequences' lengths.
   *
   * @return for example {@code 943 users, 1631 items, 99020 interactions, length min 19, median
   *     64.0, mean 105.0, max 721}
   */
  @Override
  public String toString() {
    String counts =
        String.format(
            Locale.ROOT,
            "%d users, %d items, %d interactions",
            size(),
            itemCount(),
            interactionCount);
    if (sequences.isEmpty()) {
      return counts;
    }
    int[] lengths = sequences.stream().mapToInt(UserSequence::length).sorted().toArray();
    int n = lengths.length;
    double median = (lengths[(n - 1) / 2] + (double) lengths[n / 2]) / 2;
    return counts
        + String.format(
            Locale.ROOT,
            ", length min %d, median %.1f, mean %.1f, max %d",
            lengths[0],
            median,
            Arrays.stream(lengths).average().orElse(0),
            lengths[n - 1]);
  }
}
