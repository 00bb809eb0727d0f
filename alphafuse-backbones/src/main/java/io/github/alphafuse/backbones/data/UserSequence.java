package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkNotNull;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The items that one user interacted with, as rows of the item table in time order.
 *
 * <p>An item may occur more than once. Immutable and thread-safe.
 */
public final class UserSequence {
  private final String user;
  private final int[] items;

  private UserSequence(String user, int[] items) {
    this.user = user;
    this.items = items;
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
    return new UserSequence(checkNotNull(user), items.clone());
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
   * @param position its place in time order, from 0
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

  /** The item rows themselves, not to be written to. */
  int[] itemsShared() {
    return items;
  }

  /**
   * The newest items of this sequence.
   *
   * @param n how many, at least 1
   * @return the sequence of the last n items; this one if it is no longer
   * @throws IllegalArgumentException if n is less than 1
   */
  public UserSequence lastItems(int n) {
    checkArgument(n >= 1, "lastItems must be at least 1, found %s", n);
    return items.length <= n
        ? this
        : new UserSequence(user, Arrays.copyOfRange(items, items.length - n, items.length));
  }

  /**
   * Whether another object is a sequence of the same user and items.
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
