package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The sets of items that users interacted with, without an order.
 *
 * <p>An item counts once, even if a user interacted with it several times. A user may have no
 * items.
 *
 * <p>Legend: U users, N items, E different (user, item) pairs. Immutable and thread-safe while
 * nobody writes to the arrays that are not copied.
 */
public final class UserItems {
  private final ItemVocabulary vocabulary;
  private final ImmutableList<String> users;
  private final int[] starts; // [U + 1]
  private final int[] rows; // [E]
  private final long repeated;

  private UserItems(ItemVocabulary vocabulary, ImmutableList<String> users, int[][] items) {
    this.vocabulary = vocabulary;
    this.users = users;
    this.starts = new int[items.length + 1];
    long given = 0;
    int[][] sets = new int[items.length][];
    for (int u = 0; u < items.length; u++) {
      given += items[u].length;
      sets[u] = distinct(u, items[u]);
      starts[u + 1] = Math.addExact(starts[u], sets[u].length);
    }
    this.rows = new int[starts[items.length]];
    for (int u = 0; u < items.length; u++) {
      System.arraycopy(sets[u], 0, rows, starts[u], sets[u].length);
    }
    this.repeated = given - rows.length;
  }

  private int[] distinct(int user, int[] items) {
    int[] sorted = items.clone();
    Arrays.sort(sorted);
    int kept = 0;
    for (int i = 0; i < sorted.length; i++) {
      checkArgument(
          sorted[i] >= 0 && sorted[i] < vocabulary.size(),
          "user \"%s\": item %s is outside the catalogue of %s items",
          users.get(user),
          sorted[i],
          vocabulary.size());
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        sorted[kept++] = sorted[i];
      }
    }
    return Arrays.copyOf(sorted, kept);
  }

  /**
   * The items of some users.
   *
   * @param vocabulary the ids of the N items
   * @param users [U] the keys of the users
   * @param items [U] the item rows of each user in any order, none or some; copied
   * @return the items, each once a user
   * @throws IllegalArgumentException if there are more of one than of the other, or an item is
   *     outside [0, N)
   */
  public static UserItems of(ItemVocabulary vocabulary, List<String> users, int[][] items) {
    checkArgument(
        users.size() == items.length,
        "there must be items for each of %s users, found %s",
        users.size(),
        items.length);
    return new UserItems(vocabulary, ImmutableList.copyOf(users), items);
  }

  /**
   * The items of some users; users and items have their numbers for keys and ids.
   *
   * @param itemCount the number of items N, at least 1
   * @param items [U] the item rows of each user in any order, none or some; copied
   * @return the items, each once per user
   * @throws IllegalArgumentException if N is below 1 or an item is outside [0, N)
   */
  public static UserItems of(int itemCount, int[][] items) {
    return of(
        ItemVocabulary.ofRows(itemCount),
        IntStream.range(0, items.length).mapToObj(String::valueOf).toList(),
        items);
  }

  /**
   * The items of all users of a dataset.
   *
   * @param dataset the sequences
   * @return the items, in the order of the sequences
   */
  public static UserItems of(SequenceDataset dataset) {
    return of(
        dataset.vocabulary(),
        dataset.sequences().stream().map(UserSequence::user).toList(),
        dataset.sequences().stream().map(UserSequence::itemsShared).toArray(int[][]::new));
  }

  /**
   * The same items of the same users in a catalogue with more items behind those of this one.
   *
   * @param larger the ids of all items
   * @return the items
   * @throws IllegalArgumentException if it does not begin with this catalogue's ids
   */
  public UserItems over(ItemVocabulary larger) {
    checkArgument(
        vocabulary.firstDifference(larger).orElse(vocabulary.size()) == vocabulary.size(),
        "%s must begin with the ids of %s",
        larger,
        vocabulary);
    return of(
        larger,
        users,
        IntStream.range(0, users.size()).mapToObj(this::items).toArray(int[][]::new));
  }

  /**
   * The number of users.
   *
   * @return U, including those without items
   */
  public int userCount() {
    return users.size();
  }

  /**
   * The items of the catalogue.
   *
   * @return the ids of the N rows
   */
  public ItemVocabulary vocabulary() {
    return vocabulary;
  }

  /**
   * The number of items of the catalogue.
   *
   * @return N
   */
  public int itemCount() {
    return vocabulary.size();
  }

  /**
   * The number of different (user, item) pairs.
   *
   * @return E
   */
  public int size() {
    return rows.length;
  }

  /**
   * The number of given pairs that repeated another one.
   *
   * @return 0 or more
   */
  public long repeated() {
    return repeated;
  }

  /**
   * The keys of the users.
   *
   * @return [U]
   */
  public ImmutableList<String> users() {
    return users;
  }

  /**
   * The items of a user.
   *
   * @param user the user's number, from 0
   * @return item rows, ascending, each once; a copy
   * @throws IndexOutOfBoundsException if there is no such user
   */
  public int[] items(int user) {
    checkElementIndex(user, users.size(), "user");
    return Arrays.copyOfRange(rows, starts[user], starts[user + 1]);
  }

  /**
   * The number of items of a user.
   *
   * @param user the user's number, from 0
   * @return 0 or more
   * @throws IndexOutOfBoundsException if there is no such user
   */
  public int count(int user) {
    checkElementIndex(user, users.size(), "user");
    return starts[user + 1] - starts[user];
  }

  /**
   * The index at which each user's items start in {@link #rows()}.
   *
   * @return [U + 1], the last being E; not a copy: treat it as read-only
   */
  public int[] starts() {
    return starts;
  }

  /**
   * The items of all users, one user after another.
   *
   * @return [E], ascending for each user; not a copy: treat it as read-only
   */
  public int[] rows() {
    return rows;
  }

  /**
   * The number of users of each item.
   *
   * @return [N]
   */
  public long[] itemFrequencies() {
    long[] frequencies = new long[vocabulary.size()];
    for (int row : rows) {
      frequencies[row]++;
    }
    return frequencies;
  }

  /**
   * The digest of the items of all users in their order, by which they are recognised. The keys of
   * users and the ids of items do not count.
   *
   * @return {@code sha256:} and 64 hexadecimal digits
   */
  public String digest() {
    Hasher hasher = Hashing.sha256().newHasher();
    for (int start : starts) {
      hasher.putInt(start);
    }
    for (int row : rows) {
      hasher.putInt(row);
    }
    return "sha256:" + hasher.hash();
  }

  /**
   * Whether another object holds the same items of the same users in the same order.
   *
   * @param other the object
   * @return true if it does
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other == this
        || (other instanceof UserItems that
            && vocabulary.equals(that.vocabulary)
            && users.equals(that.users)
            && Arrays.equals(starts, that.starts)
            && Arrays.equals(rows, that.rows));
  }

  /**
   * A hash code that fits {@link #equals(Object)}.
   *
   * @return the hash code
   */
  @Override
  public int hashCode() {
    return 31 * users.hashCode() + Arrays.hashCode(rows);
  }

  /**
   * The sizes.
   *
   * @return for example {@code UserItems[799,000 pairs of 6,040 users and 3,416 items]}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "UserItems[%,d pairs of %,d users and %,d items]",
        size(),
        userCount(),
        vocabulary.size());
  }
}
