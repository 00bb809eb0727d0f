package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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
  private final int itemCount;
  private final ImmutableList<String> users;
  private final int[] starts; // [U + 1]
  private final int[] rows; // [E]
  private final long repeated;

  private UserItems(int itemCount, ImmutableList<String> users, int[][] items) {
    this.itemCount = itemCount;
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
          sorted[i] >= 0 && sorted[i] < itemCount,
          "user \"%s\": item %s is outside the catalogue of %s items",
          users.get(user),
          sorted[i],
          itemCount);
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        sorted[kept++] = sorted[i];
      }
    }
    return Arrays.copyOf(sorted, kept);
  }

  /**
   * The items of some users.
   *
   * @param itemCount the number of items N, at least 1
   * @param users [U] the keys of the users
   * @param items [U] the item rows of each user in any order, none or some; copied
   * @return the items, each once per user
   * @throws IllegalArgumentException if N is below 1, the numbers of users and of rows differ, or
   *     an item is outside [0, N)
   */
  public static UserItems of(int itemCount, List<String> users, int[][] items) {
    checkArgument(itemCount >= 1, "itemCount must be at least 1, found %s", itemCount);
    checkArgument(
        users.size() == items.length,
        "there must be items for each of %s users, found %s",
        users.size(),
        items.length);
    return new UserItems(itemCount, ImmutableList.copyOf(users), items);
  }

  /**
   * The items of some users whose keys are their numbers.
   *
   * @param itemCount the number of items N, at least 1
   * @param items [U] the item rows of each user in any order, none or some; copied
   * @return the items, each once per user
   * @throws IllegalArgumentException if N is below 1 or an item is outside [0, N)
   */
  public static UserItems of(int itemCount, int[][] items) {
    return of(
        itemCount, IntStream.range(0, items.length).mapToObj(String::valueOf).toList(), items);
  }

  /**
   * The items of all users of a dataset.
   *
   * @param dataset the sequences
   * @return the items, in the order of the sequences
   */
  public static UserItems of(SequenceDataset dataset) {
    return of(
        dataset.itemCount(),
        dataset.sequences().stream().map(UserSequence::user).toList(),
        dataset.sequences().stream().map(UserSequence::itemsShared).toArray(int[][]::new));
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
   * The number of items of the catalogue.
   *
   * @return N
   */
  public int itemCount() {
    return itemCount;
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
    long[] frequencies = new long[itemCount];
    for (int row : rows) {
      frequencies[row]++;
    }
    return frequencies;
  }

  /**
   * The sizes.
   *
   * @return for example {@code UserItems[799,000 pairs of 6,040 users and 3,416 items]}
   */
  @Override
  public String toString() {
    return String.format(
        java.util.Locale.ROOT,
        "UserItems[%,d pairs of %,d users and %,d items]",
        size(),
        userCount(),
        itemCount);
  }
}
