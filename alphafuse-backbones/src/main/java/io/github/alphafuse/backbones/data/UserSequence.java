package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkNotNull;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The items that one user interacted with, as rows of the item table in time order, with times if
 * they are known.
 *
 * <p>An item may occur more than once. Immutable and thread-safe.
 */
public final class UserSequence {
  private final String user;
  private final int[] items;
  private final double @Nullable [] times;

  private UserSequence(String user, int[] items, double @Nullable [] times) {
    this.user = user;
    this.items = items;
    this.times = times;
  }

  /**
   * The sequence of a user.
   *
   * @param user the key of the user, not blank
   * @param items the item rows, oldest first: at least one, none negative; copied
   * @return the sequence
   * @throws IllegalArgumentException if the key is blank, there is no item or a row is negative
   */
  public static UserSequence of(String user, int... items) {
    checkArgument(!user.isBlank(), "user must be a key that is not blank, found \"%s\"", user);
    checkArgument(items.length > 0, "user \"%s\": expected at least 1 item, found none", user);
    for (int i = 0; i < items.length; i++) {
      checkArgument(
          items[i] >= 0,
          "user \"%s\": expected item rows of 0 or more, found %s at position %s",
          user,
          items[i],
          i);
    }
    return new UserSequence(checkNotNull(user), items.clone(), null);
  }

  /** The sequence of a user whose items, checked before, are not copied. */
  static UserSequence ofOwned(String user, int[] items) {
    return new UserSequence(user, items, null);
  }

  /**
   * The same sequence with the times of its interactions.
   *
   * @param newTimes a finite number of any unit per item, in ascending order; copied
   * @return the sequence
   * @throws IllegalArgumentException if the numbers of times and items differ, or a time is not
   *     finite or less than the one before it
   */
  public UserSequence withTimes(double... newTimes) {
    checkArgument(
        newTimes.length == items.length,
        "user \"%s\": expected %s times, one per item, found %s",
        user,
        items.length,
        newTimes.length);
    for (int i = 0; i < newTimes.length; i++) {
      checkArgument(
          Double.isFinite(newTimes[i]) && (i == 0 || newTimes[i] >= newTimes[i - 1]),
          "user \"%s\": expected finite times in ascending order, found %s at position %s",
          user,
          newTimes[i],
          i);
    }
    return new UserSequence(user, items, newTimes.clone());
  }

  /**
   * The key of the user.
   *
   * @return the key, unique in a {@link SequenceDataset}
   */
  public String user() {
    return user;
  }

  /**
   * The number of interactions.
   *
   * @return at least 1
   */
  public int length() {
    return items.length;
  }

  /**
   * One item.
   *
   * @param position its position in time order, from 0
   * @return the row of the item
   * @throws IndexOutOfBoundsException if there is no such position
   */
  public int item(int position) {
    return items[checkElementIndex(position, items.length, "position")];
  }

  /**
   * All items.
   *
   * @return a copy of the item rows, oldest first
   */
  public int[] items() {
    return items.clone();
  }

  /**
   * Whether the times of the interactions are known.
   *
   * @return true if they are
   */
  public boolean hasTimes() {
    return times != null;
  }

  /**
   * The time of one interaction.
   *
   * @param position its position in time order, from 0
   * @return the time, in the unit of the data
   * @throws IndexOutOfBoundsException if there is no such position
   * @throws IllegalStateException if times are not known
   */
  public double time(int position) {
    checkElementIndex(position, items.length, "position");
    if (times == null) {
      throw new IllegalStateException("user \"" + user + "\": no times are known");
    }
    return times[position];
  }

  /** The item rows themselves, not to be written to. */
  int[] itemsShared() {
    return items;
  }

  /**
   * The newest items of this sequence.
   *
   * @param n the number of items, at least 1
   * @return the sequence of the last n items; this one if it is not longer
   * @throws IllegalArgumentException if n is less than 1
   */
  public UserSequence lastItems(int n) {
    checkArgument(n >= 1, "lastItems must be at least 1, found %s", n);
    return items.length <= n ? this : at(IntStream.range(items.length - n, items.length));
  }

  /** The sequence of the items at some positions, at least one, in ascending order. */
  UserSequence at(IntStream positions) {
    int[] kept = positions.toArray();
    return new UserSequence(
        user,
        Arrays.stream(kept).map(i -> items[i]).toArray(),
        times == null ? null : Arrays.stream(kept).mapToDouble(i -> times[i]).toArray());
  }

  /** The same sequence with other rows for its items. */
  UserSequence withRows(IntUnaryOperator newRow) {
    return new UserSequence(user, Arrays.stream(items).map(newRow).toArray(), times);
  }

  /**
   * Whether another object is a sequence of the same user and items; times do not count.
   *
   * @param other the object
   * @return true if it is
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof UserSequence that
        && user.equals(that.user)
        && Arrays.equals(items, that.items);
  }

  /**
   * A hash code that fits {@link #equals(Object)}.
   *
   * @return the hash code
   */
  @Override
  public int hashCode() {
    return 31 * user.hashCode() + Arrays.hashCode(items);
  }

  /**
   * The user and the items.
   *
   * @return for example {@code u1: [3, 1, 2]}
   */
  @Override
  public String toString() {
    return user + ": " + Arrays.toString(items);
  }
}
