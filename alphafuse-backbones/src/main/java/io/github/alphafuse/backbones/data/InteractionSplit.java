package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The items of each user in three parts: to train on, to select a model with and to report on. All
 * parts have the same users in the same order.
 *
 * <p>Immutable and thread-safe.
 *
 * @param vocabulary the ids of the items
 * @param train the items to train on
 * @param validation the items to select a model with
 * @param test the items to report on
 * @param preparation how the data were filtered and split, step by step
 */
public record InteractionSplit(
    ItemVocabulary vocabulary,
    UserItems train,
    UserItems validation,
    UserItems test,
    ImmutableList<String> preparation) {
  /** Above the rounding error of a product, far below one item. */
  private static final double ROUNDING = 1e-9;

  /**
   * Checks that the parts fit each other.
   *
   * @param vocabulary the ids of the items
   * @param train the items to train on
   * @param validation the items to select a model with
   * @param test the items to report on
   * @param preparation how the data were filtered and split, step by step
   * @throws IllegalArgumentException if a part has other users or another number of items
   */
  public InteractionSplit {
    for (UserItems part : new UserItems[] {train, validation, test}) {
      checkArgument(
          part.itemCount() == vocabulary.size() && part.users().equals(train.users()),
          "all parts must have the same users and %s items, found %s beside %s",
          vocabulary.size(),
          part,
          train);
      vocabulary.requireSame("split", "a part", part.vocabulary());
    }
  }

  /**
   * A split of which it is not told how it was made.
   *
   * @param vocabulary the ids of the items
   * @param train the items to train on
   * @param validation the items to select a model with
   * @param test the items to report on
   * @throws IllegalArgumentException if a part has other users or another number of items
   */
  public InteractionSplit(
      ItemVocabulary vocabulary, UserItems train, UserItems validation, UserItems test) {
    this(vocabulary, train, validation, test, ImmutableList.of());
  }

  /**
   * Splits the items of each user by their order: the oldest 80 % to train on, the next 10 % to
   * validate, the newest 10 % to test.
   *
   * <p>Repeated items count once, at their first occurrence. Of n different items, the first max(1,
   * floor(0.8 n)) are for training and those up to floor(0.9 n) for validation. Every user
   * therefore has training items, and users with few items have none for validation.
   *
   * @param dataset the sequences
   * @return the split
   */
  public static InteractionSplit byOrder(SequenceDataset dataset) {
    int users = dataset.size();
    int[][] train = new int[users][];
    int[][] validation = new int[users][];
    int[][] test = new int[users][];
    for (int u = 0; u < users; u++) {
      int[] items = distinct(dataset.sequences().get(u).itemsShared());
      int trainEnd = Math.max(1, (int) Math.floor(items.length * 0.8 + ROUNDING));
      int validationEnd = Math.max(trainEnd, (int) Math.floor(items.length * 0.9 + ROUNDING));
      train[u] = Arrays.copyOf(items, trainEnd);
      validation[u] = Arrays.copyOfRange(items, trainEnd, validationEnd);
      test[u] = Arrays.copyOfRange(items, validationEnd, items.length);
    }
    List<String> keys = dataset.sequences().stream().map(UserSequence::user).toList();
    return new InteractionSplit(
        dataset.vocabulary(),
        UserItems.of(dataset.vocabulary(), keys, train),
        UserItems.of(dataset.vocabulary(), keys, validation),
        UserItems.of(dataset.vocabulary(), keys, test),
        ImmutableList.<String>builder()
            .addAll(dataset.preparation())
            .add("InteractionSplit[items of each user by order, 8:1:1]")
            .build());
  }

  private static int[] distinct(int[] items) {
    Set<Integer> seen = new LinkedHashSet<>();
    for (int item : items) {
      seen.add(item);
    }
    return seen.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * The items of the catalogue that no user has in any part.
   *
   * @return counts and examples, from one pass over the items
   */
  public ItemCoverage coverage() {
    long[] frequencies = new long[vocabulary.size()];
    for (UserItems part : new UserItems[] {train, validation, test}) {
      for (int user = 0; user < part.userCount(); user++) {
        for (int item : part.items(user)) {
          frequencies[item]++;
        }
      }
    }
    return ItemCoverage.of(vocabulary, frequencies, SkippedItems.NONE);
  }

  /**
   * The sizes of the parts.
   *
   * @return for example {@code 6040 users, 3416 items: 797,758 train, 98,487 validation, 103,366
   *     test items}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d users, %d items: %,d train, %,d validation, %,d test items",
        train.userCount(),
        vocabulary.size(),
        train.size(),
        validation.size(),
        test.size());
  }
}
