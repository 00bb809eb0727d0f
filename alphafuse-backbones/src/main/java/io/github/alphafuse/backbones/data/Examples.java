package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Next-item examples: each a user, a history of item rows and the target row that follows it.
 *
 * <p>Histories are not padded and hold at least one item; items are rows 0 to N-1, and row N is the
 * padding of {@link #batch(int[], int)}. All items lie in one array; truncated and expanded
 * examples are views of it. Immutable and thread-safe.
 */
public final class Examples {
  private final ItemVocabulary vocabulary;
  private final int itemCount;
  private final ImmutableList<String> users;

  /** For every example its index in {@link #users}. */
  private final int[] owners;

  private final int[] items;

  /** For every example the index of its oldest item in {@link #items}. */
  private final int[] starts;

  /** For every example the index of its target in {@link #items}, right after its history. */
  private final int[] ends;

  private Examples(Examples source, int[] owners, int[] starts, int[] ends) {
    this.vocabulary = source.vocabulary;
    this.itemCount = source.itemCount;
    this.users = source.users;
    this.items = source.items;
    this.owners = owners;
    this.starts = starts;
    this.ends = ends;
  }

  private Examples(Builder builder) {
    this.vocabulary = builder.vocabulary;
    this.itemCount = builder.itemCount;
    this.users = builder.users.build();
    this.items = builder.items.build().toArray();
    this.ends = builder.ends.build().toArray();
    this.owners = new int[ends.length];
    this.starts = new int[ends.length];
    for (int i = 0; i < ends.length; i++) {
      owners[i] = i;
      starts[i] = i == 0 ? 0 : ends[i - 1] + 1;
    }
  }

  /**
   * A builder of examples one by one.
   *
   * @param vocabulary the ids of the N items
   * @return the builder
   */
  public static Builder builder(ItemVocabulary vocabulary) {
    return new Builder(vocabulary);
  }

  /**
   * A builder of examples over items whose ids are their row numbers.
   *
   * @param itemCount the number of items N, at least 1
   * @return the builder
   * @throws IllegalArgumentException if the count is less than 1
   */
  public static Builder builder(int itemCount) {
    return builder(ItemVocabulary.ofRows(itemCount));
  }

  /**
   * Examples over a shared catalogue. The last item of every sequence is the target and those
   * before it are the history.
   *
   * @param vocabulary the ids of the N items
   * @param sequences sequences of two items or more
   * @return one example a sequence, in the same order
   * @throws IllegalArgumentException if a sequence has one item only or an item is not in 0 to N-1
   */
  public static Examples of(ItemVocabulary vocabulary, Iterable<UserSequence> sequences) {
    Builder builder = builder(vocabulary);
    sequences.forEach(builder::add);
    return builder.build();
  }

  /**
   * The number of examples.
   *
   * @return 0 or more
   */
  public int size() {
    return ends.length;
  }

  /**
   * Whether there are no examples.
   *
   * @return true if the size is 0
   */
  public boolean isEmpty() {
    return ends.length == 0;
  }

  /**
   * The items.
   *
   * @return the ids of the N rows
   */
  public ItemVocabulary vocabulary() {
    return vocabulary;
  }

  /**
   * The number of items N in the catalogue, which is also the padding row.
   *
   * @return at least 1
   */
  public int itemCount() {
    return itemCount;
  }

  /**
   * The user of an example.
   *
   * @param index the example, from 0
   * @return the user's key; several examples may have the same
   * @throws IndexOutOfBoundsException if there is no such example
   */
  public String user(int index) {
    return users.get(owners[checkIndex(index)]);
  }

  /**
   * The history of an example.
   *
   * @param index the example, from 0
   * @return a copy of the item rows, oldest first, not padded, at least one
   * @throws IndexOutOfBoundsException if there is no such example
   */
  public int[] history(int index) {
    checkIndex(index);
    return Arrays.copyOfRange(items, starts[index], ends[index]);
  }

  /**
   * The length of the history of an example.
   *
   * @param index the example, from 0
   * @return at least 1
   * @throws IndexOutOfBoundsException if there is no such example
   */
  public int historyLength(int index) {
    checkIndex(index);
    return ends[index] - starts[index];
  }

  /**
   * The target of an example.
   *
   * @param index the example, from 0
   * @return the row of the item that follows the history, 0 to N-1
   * @throws IndexOutOfBoundsException if there is no such example
   */
  public int target(int index) {
    return items[ends[checkIndex(index)]];
  }

  private int checkIndex(int index) {
    return checkElementIndex(index, ends.length, "example");
  }

  /**
   * The keys of the users in the order of their first example, each once for every sequence given.
   *
   * @return the keys; after {@link #withPrefixes()} there are more examples than keys
   */
  public ImmutableList<String> users() {
    return users;
  }

  /**
   * Truncates every history to its newest items. Targets do not change.
   *
   * @param n the largest number of items of history to keep, at least 1
   * @return the truncated examples, which share their items with these
   * @throws IllegalArgumentException if n is less than 1
   */
  public Examples lastItems(int n) {
    checkArgument(n >= 1, "lastItems must be at least 1, found %s", n);
    int[] newStarts = new int[ends.length];
    for (int i = 0; i < ends.length; i++) {
      newStarts[i] = Math.max(starts[i], ends[i] - n);
    }
    return new Examples(this, owners, newStarts, ends);
  }

  /**
   * Expands every example into one for each prefix of its history and target: the history {@code
   * [a, b, c]} with target {@code d} gives {@code [a] -> b}, {@code [a, b] -> c} and {@code [a, b,
   * c] -> d}, shortest first.
   *
   * <p>It is meant for training and must be applied only once, since expanding twice repeats
   * examples. Truncate after it ({@code withPrefixes().lastItems(n)}) to slide a window over the
   * whole sequence, or before it to expand only the newest items.
   *
   * @return as many examples as these have items of history, sharing their items with these
   * @throws IllegalArgumentException if that is more than 2^31-1
   */
  public Examples withPrefixes() {
    long count = 0;
    for (int i = 0; i < ends.length; i++) {
      count += ends[i] - starts[i];
    }
    checkArgument(
        count <= Integer.MAX_VALUE,
        "expected at most %s prefixes, found %s",
        Integer.MAX_VALUE,
        count);
    int[] newOwners = new int[(int) count];
    int[] newStarts = new int[(int) count];
    int[] newEnds = new int[(int) count];
    int at = 0;
    for (int i = 0; i < ends.length; i++) {
      for (int end = starts[i] + 1; end <= ends[i]; end++) {
        newOwners[at] = owners[i];
        newStarts[at] = starts[i];
        newEnds[at] = end;
        at++;
      }
    }
    return new Examples(this, newOwners, newStarts, newEnds);
  }

  /**
   * How often every item occurs in the histories and targets, as the weights of items in training.
   *
   * <p>Every example counts separately, so after {@link #withPrefixes()} older items count more
   * often. Count before it to get the number of interactions.
   *
   * @return N counts in row order
   */
  public long[] itemFrequencies() {
    long[] frequencies = new long[itemCount];
    for (int i = 0; i < ends.length; i++) {
      for (int at = starts[i]; at <= ends[i]; at++) {
        frequencies[items[at]]++;
      }
    }
    return frequencies;
  }

  /**
   * How often every item is a target.
   *
   * @param length the padded length L of the batches that the examples are taken in, at least 1
   * @param positions the positions that have targets
   * @return N counts in row order
   * @throws IllegalArgumentException if the length is less than 1
   */
  public long[] targetFrequencies(int length, Positions positions) {
    requireLength(length);
    long[] frequencies = new long[itemCount];
    for (int i = 0; i < ends.length; i++) {
      for (int at = ends[i] - targetCount(i, length, positions) + 1; at <= ends[i]; at++) {
        frequencies[items[at]]++;
      }
    }
    return frequencies;
  }

  /**
   * The number of targets of an example.
   *
   * @param index the example, from 0
   * @param length the padded length L of the batch that it is taken in, at least 1
   * @param positions the positions that have targets
   * @return 1, or the number of items that a padded history holds
   * @throws IllegalArgumentException if the length is less than 1
   * @throws IndexOutOfBoundsException if there is no such example
   */
  public int targetCount(int index, int length, Positions positions) {
    requireLength(length);
    return positions == Positions.LAST ? 1 : Math.min(historyLength(index), length);
  }

  private static void requireLength(int length) {
    checkArgument(length >= 1, "length must be at least 1, found %s", length);
  }

  /**
   * A padded batch of some examples, each with its own target.
   *
   * @param indices the examples of the batch in its order; an example may occur again
   * @param length the padded length L, at least 1
   * @return B histories of L rows, and B targets
   * @throws IllegalArgumentException if the length is less than 1 or B x L exceeds 2^31-1
   * @throws IndexOutOfBoundsException if there is no such example
   */
  public PaddedBatch batch(int[] indices, int length) {
    return batch(indices, length, Positions.LAST);
  }

  /**
   * A padded batch of some examples. The newest items of a history that is longer than the batch
   * are taken, and shorter ones are filled with row N on the left.
   *
   * @param indices the examples of the batch in its order; an example may occur again
   * @param length the padded length L, at least 1
   * @param positions the positions that have targets
   * @return B histories of L rows, and the targets
   * @throws IllegalArgumentException if the length is less than 1 or B x L exceeds 2^31-1
   * @throws IndexOutOfBoundsException if there is no such example
   */
  public PaddedBatch batch(int[] indices, int length, Positions positions) {
    requireLength(length);
    checkArgument(
        (long) indices.length * length <= Integer.MAX_VALUE,
        "expected a batch of at most %s positions, found %s examples of length %s",
        Integer.MAX_VALUE,
        indices.length,
        length);
    int[] histories = new int[indices.length * length];
    int count = 0;
    for (int index : indices) {
      count += targetCount(index, length, positions);
    }
    int[] targets = new int[count];
    int at = 0;
    for (int row = 0; row < indices.length; row++) {
      int index = indices[row];
      int end = ends[index];
      int taken = Math.min(end - starts[index], length);
      int rowEnd = (row + 1) * length;
      Arrays.fill(histories, rowEnd - length, rowEnd - taken, itemCount);
      System.arraycopy(items, end - taken, histories, rowEnd - taken, taken);
      int own = targetCount(index, length, positions);
      System.arraycopy(items, end - own + 1, targets, at, own);
      at += own;
    }
    return new PaddedBatch(
        new PaddedBatch.Arrays(histories, targets, positions), length, itemCount);
  }

  /**
   * The digest of all histories and targets in their order, by which examples are recognised. Users
   * and the ids of items do not count.
   *
   * @return {@code sha256:} and 64 hexadecimal digits
   */
  public String digest() {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putInt(ends.length);
    int next;
    for (int i = 0; i < ends.length; i = next) {
      // Prefixes share their items, which count once: else a long sequence would cost its square.
      next = i + 1;
      while (next < ends.length && starts[next] == starts[i] && ends[next] > ends[next - 1]) {
        next++;
      }
      hasher.putInt(next - i);
      for (int k = i; k < next; k++) {
        hasher.putInt(ends[k] - starts[i]);
      }
      for (int at = starts[i]; at <= ends[next - 1]; at++) {
        hasher.putInt(items[at]);
      }
    }
    return "sha256:" + hasher.hash();
  }

  /**
   * Whether another object holds the same users, histories and targets in the same order over the
   * same items.
   *
   * @param other the object
   * @return true if it does
   */
  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Examples that)
        || size() != that.size()
        || !vocabulary.equals(that.vocabulary)) {
      return false;
    }
    for (int i = 0; i < ends.length; i++) {
      if (!user(i).equals(that.user(i))
          || !Arrays.equals(
              items, starts[i], ends[i] + 1, that.items, that.starts[i], that.ends[i] + 1)) {
        return false;
      }
    }
    return true;
  }

  /**
   * A hash code that fits {@link #equals(Object)}.
   *
   * @return the hash code
   */
  @Override
  public int hashCode() {
    int hash = itemCount;
    for (int i = 0; i < ends.length; i++) {
      hash = 31 * hash + user(i).hashCode();
      for (int at = starts[i]; at <= ends[i]; at++) {
        hash = 31 * hash + items[at];
      }
    }
    return hash;
  }

  /**
   * The size.
   *
   * @return for example {@code Examples[40436 over 16859 items]}
   */
  @Override
  public String toString() {
    return "Examples[" + size() + " over " + itemCount + " items]";
  }

  /** A builder of {@link Examples}. Not thread-safe. */
  public static final class Builder {
    private final ItemVocabulary vocabulary;
    private final int itemCount;
    private final ImmutableList.Builder<String> users = ImmutableList.builder();
    private final ImmutableIntArray.Builder items = ImmutableIntArray.builder();
    private final ImmutableIntArray.Builder ends = ImmutableIntArray.builder();
    private int size;
    private int itemsUsed;

    private Builder(ItemVocabulary vocabulary) {
      this.vocabulary = vocabulary;
      this.itemCount = vocabulary.size();
    }

    /**
     * Adds an example.
     *
     * @param user the key of the user
     * @param history the item rows before the target, oldest first, at least one; copied
     * @param target the row of the item to predict
     * @return this builder
     * @throws IllegalArgumentException if the history is empty, or an item of it or the target is
     *     not in 0 to N-1
     */
    @CanIgnoreReturnValue
    public Builder add(String user, int[] history, int target) {
      checkArgument(
          history.length > 0,
          "example %s (user \"%s\"): expected a history of at least 1 item, found none",
          size,
          user);
      for (int item : history) {
        checkItem("history item", user, item);
      }
      checkItem("target", user, target);
      items.addAll(history);
      items.add(target);
      return end(user, history.length + 1);
    }

    /**
     * Adds the example whose target is the last item of a sequence.
     *
     * @param sequence a sequence of two items or more
     * @return this builder
     * @throws IllegalArgumentException if it has only one item, or one that is not in 0 to N-1
     */
    @CanIgnoreReturnValue
    public Builder add(UserSequence sequence) {
      return add(sequence, sequence.length());
    }

    /** Adds the example whose target is the last of the first {@code length} items. */
    @CanIgnoreReturnValue
    Builder add(UserSequence sequence, int length) {
      int[] rows = sequence.itemsShared();
      return add(sequence.user(), Arrays.copyOf(rows, length - 1), rows[length - 1]);
    }

    private void checkItem(String role, String user, int item) {
      if (item < 0 || item >= itemCount) {
        checkArgument(
            item != itemCount,
            "example %s (user \"%s\"): %s %s is the padding row, expected a row from 0 to %s",
            size,
            user,
            role,
            item,
            itemCount - 1);
        checkArgument(
            false,
            "example %s (user \"%s\"): %s %s is outside the catalogue of %s items",
            size,
            user,
            role,
            item,
            itemCount);
      }
    }

    private Builder end(String user, int added) {
      users.add(user);
      itemsUsed = Math.addExact(itemsUsed, added);
      ends.add(itemsUsed - 1);
      size++;
      return this;
    }

    /**
     * The examples added so far.
     *
     * @return the examples, none if none was added
     */
    public Examples build() {
      return new Examples(this);
    }
  }
}
