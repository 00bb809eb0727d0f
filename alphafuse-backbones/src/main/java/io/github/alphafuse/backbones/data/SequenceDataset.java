package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Maps;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/**
 * The interaction sequences of all users over one item catalogue.
 *
 * <p>Every item is a row of the vocabulary and every user has one sequence. Immutable and
 * thread-safe.
 */
public final class SequenceDataset {
  private final ItemVocabulary vocabulary;
  private final ImmutableList<UserSequence> sequences;
  private final SkippedItems skipped;
  private final long interactionCount;

  private SequenceDataset(
      ItemVocabulary vocabulary, ImmutableList<UserSequence> sequences, SkippedItems skipped) {
    this.vocabulary = vocabulary;
    this.sequences = sequences;
    this.skipped = skipped;
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
   * @param sequences one sequence a user, whose items are rows of the vocabulary; the order is kept
   * @return the dataset
   * @throws IllegalArgumentException if an item is outside the catalogue or a user has two
   *     sequences
   */
  public static SequenceDataset of(ItemVocabulary vocabulary, Collection<UserSequence> sequences) {
    return of(vocabulary, sequences, SkippedItems.NONE);
  }

  static SequenceDataset of(
      ItemVocabulary vocabulary, Collection<UserSequence> sequences, SkippedItems skipped) {
    Map<String, Integer> seen = Maps.newHashMapWithExpectedSize(sequences.size());
    int index = 0;
    for (UserSequence sequence : sequences) {
      Integer first = seen.putIfAbsent(sequence.user(), index);
      checkArgument(
          first == null,
          "expected one sequence a user, found user \"%s\" in sequences %s and %s",
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
    return new SequenceDataset(vocabulary, ImmutableList.copyOf(sequences), skipped);
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
   * @return one a user, in the order given
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
   * takes the last 11: ten of history and the target.
   *
   * @param n how many items to keep at most, at least 1
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
        skipped);
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
   * The items known to only one side: in the vocabulary and never interacted with, or interacted
   * with and not in the vocabulary.
   *
   * @return counts and examples; it passes over the interactions once
   */
  public ItemCoverage coverage() {
    return ItemCoverage.of(vocabulary, itemFrequencies(), skipped);
  }

  /** What a reader left out of this dataset. */
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
